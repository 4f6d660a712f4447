"""The form of a trunk, and the way from form to record and back."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, IntegerField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import PasswordInput

from ccc.services.trunk_rules import read_rules, write_rules
from ccc.services.trunks import MAX_CALLS, Given
from ccc.store.repos.trunks import TrunkRecord
from ccc.web.admin.forms import PanelForm, options

KINDS = {"address": _("Known by its address"), "digest": _("Logs in with a password")}
CALLED_FROM = {"request-uri": _("Request line (usual)"), "to": "To", "diversion": "Diversion"}
CALLER_FROM = {"p-asserted-identity": _("P-Asserted-Identity, else From (usual)"), "from": "From"}
_CODE = {"spellcheck": "false", "autocapitalize": "off"}


def _lines(label: Any, description: Any, rows: int = 2) -> TextAreaField:
    return TextAreaField(label, (Length(max=8000),), description=description, render_kw={"rows": rows, **_CODE})


def _text(label: Any, most: int, description: Any = "", **kw: Any) -> StringField:
    return StringField(
        label, (Length(max=most),), description=description, render_kw={"maxlength": most, **_CODE, **kw}
    )


def _secret(label: Any, description: Any) -> PasswordField:
    return PasswordField(
        label,
        (Length(max=128),),
        description=description,
        render_kw={"autocomplete": "new-password"},
        widget=PasswordInput(hide_value=False),
    )


class TrunkForm(PanelForm):
    """Everything of a trunk; which fields matter depends on ``kind`` (static/css/trunks.css)."""

    wide = True
    name = StringField(
        _("Name"),
        (InputRequired(), Length(max=64)),
        description=_("Call records and flows carry it; it never changes."),
    )
    enabled = BooleanField(_("Enabled"), description=_("Switched off, calls from it are refused."))
    kind = SelectField(_("The carrier is"), choices=options(KINDS.items()), validate_choice=False)
    addresses = _lines(_("Calls come from"), _("IP addresses or networks, one a line."), 3)
    username = _text(_("User name"), 64)
    password = _secret(_("Password"), _("Empty: one is made up and shown once."))
    called_from = SelectField(_("Called number in"), choices=options(CALLED_FROM.items()), validate_choice=False)
    called_rules = _lines(_("Rewrite the called number"), _("prefix => replacement, one a line; the longest fits."))
    caller_from = SelectField(_("Caller's number in"), choices=options(CALLER_FROM.items()), validate_choice=False)
    caller_rules = _lines(_("Rewrite the caller's number"), _("e.g. +86 => 0; => 0 puts 0 before every number."))
    host = _text(_("Send calls to"), 253, _("Host name or address of the carrier or its proxy. Empty: no calls out."))
    port = IntegerField(
        _("Port"), (InputRequired(), NumberRange(1, 65535)), render_kw={"type": "number", "min": 1, "max": 65535}
    )
    out_username = _text(_("Log in as"), 64, _("When the carrier asks for it. Empty: the user name above, if any."))
    out_password = _secret(_("Password there"), _("Never shown again."))
    caller_id = _text(_("Number shown"), 33, _("Empty: the caller's own."), inputmode="tel")
    max_calls = IntegerField(
        _("Calls at once"),
        (InputRequired(), NumberRange(*MAX_CALLS)),
        description=_("In and out together; more are refused. 0: no limit."),
        render_kw={"type": "number", "min": 0, "max": MAX_CALLS[1], "data-unit": _("calls")},
    )
    advertise_sip = _text(_("Our SIP address for it"), 255, _("Behind NAT: HOST or HOST:PORT. Empty: as installed."))
    advertise_media = _text(_("Our media address for it"), 45, _("Behind NAT: an IPv4 address. Empty: as installed."))

    sections = (
        (_("Calls from it"), ("kind", "addresses", "username", "password", "max_calls")),
        (_("Numbers in its calls"), ("called_from", "called_rules", "caller_from", "caller_rules")),
        (_("Calls to it"), ("host", "port", "out_username", "out_password", "caller_id")),
        (_("Our addresses"), ("advertise_sip", "advertise_media")),
    )


_SAME = (
    "kind", "username", "host", "port", "caller_id", "out_username", "called_from", "caller_from", "max_calls",
    "advertise_sip", "advertise_media", "enabled",
)  # fmt: skip


def shown(record: TrunkRecord) -> dict[str, Any]:
    """The record as the form's data."""
    return {
        "name": record.name,
        "addresses": "\n".join(record.addresses),
        "called_rules": write_rules(record.called_rules),
        "caller_rules": write_rules(record.caller_rules),
        **{name: getattr(record, name) for name in _SAME},
    }


def wanted(form: TrunkForm, name: str, account: str) -> TrunkRecord:
    """The form as a record. InvalidError names the line of a rule that cannot be read."""
    values = {name: form[name].data for name in _SAME}
    for field in ("username", "host", "caller_id", "out_username", "advertise_sip", "advertise_media"):
        values[field] = (values[field] or "").strip()
    return TrunkRecord(
        name,
        account,
        addresses=tuple((form.addresses.data or "").splitlines()),
        called_rules=read_rules((form.called_rules.data or "").splitlines(), "called_rules"),
        caller_rules=read_rules((form.caller_rules.data or "").splitlines(), "caller_rules"),
        **values,
    )


def given(form: TrunkForm) -> Given:
    """The passwords typed in."""
    return Given(form.password.data or "", form.out_password.data or "")
