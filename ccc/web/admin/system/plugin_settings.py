"""The panel of a notifier's settings, made from what the plugin declares."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from flask_babel import lazy_gettext as _
from pydantic import BaseModel
from wtforms import BooleanField, IntegerField, PasswordField, SelectField, StringField
from wtforms.fields import Field
from wtforms.validators import InputRequired, Length, Optional

from ccc.api.notice import Notifier
from ccc.services import notifiers
from ccc.web.admin.forms import PanelForm, options
from ccc.web.i18n import language


class TestForm(PanelForm):
    """Where a message for trying out goes."""

    __test__ = False  # not a test of pytest's
    to = StringField(_("To"), validators=[InputRequired(), Length(max=254)], render_kw={"type": "email"})


def form_class(notifier: Notifier) -> type[PanelForm]:
    """A form with a field for each declared setting, in the page's language."""
    config = notifiers.config_of(notifier)
    assert config is not None
    secret = notifiers.secrets_of(notifier)
    fields = {name: _field(name, config, name in secret) for name in config.model_fields}
    return type("PluginForm", (PanelForm,), fields)


def values(form: PanelForm) -> dict[str, Any]:
    """What was entered; an empty number is left to the default."""
    return {field.name: field.data for field in form if field.data is not None}


def _field(name: str, config: type[BaseModel], secret: bool) -> Field:
    declared = config.model_fields[name]
    extra: Any = declared.json_schema_extra or {}
    tongue = language()
    label, help_ = extra.get("x-label", {}).get(tongue, name), extra.get("x-help", {}).get(tongue, "")
    default = None if declared.is_required() else declared.default
    needed = [InputRequired()] if declared.is_required() else [Optional()]
    if secret:
        kept = _("Empty: the one that is kept stays.")
        return PasswordField(label, description=help_ or kept, render_kw={"autocomplete": "new-password"})
    kind = declared.annotation
    if kind is bool:
        return BooleanField(label, description=help_, default=default)
    if kind is int:
        return IntegerField(label, needed, description=help_, default=default, render_kw={"type": "number"})
    if get_origin(kind) is Literal:
        choices = options((str(item), str(item)) for item in get_args(kind))
        return SelectField(label, choices=choices, description=help_, default=default)
    return StringField(label, needed, filters=[_stripped], description=help_, default=default)


def _stripped(text: str | None) -> str:
    return (text or "").strip()
