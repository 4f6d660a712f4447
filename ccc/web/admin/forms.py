"""Forms of the panels: WTForms, errors of the services at their fields, both values after a conflict."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import FileField, Form, PasswordField, RadioField, SelectMultipleField
from wtforms.fields import Field, SelectChoice
from wtforms.i18n import get_translations
from wtforms.validators import ValidationError

from ccc.errors import CccError
from ccc.web.errors import in_words
from ccc.web.i18n import language

BASE, REVISION = "_base", "_revision"


class PanelForm(Form):  # type: ignore[misc]
    """Base of the forms. ``wide``: the panel needs more room. Fields may carry ``render_kw`` with ``data-*``."""

    wide = False
    multipart = False
    """The form takes files (the page reads them from ``request.files``; the view says ``@accepts_bytes``)."""
    sections: tuple[tuple[Any, tuple[str, ...]], ...] = ()
    """``(heading, field names)``; fields not named come first, without a heading."""

    class Meta:
        def get_translations(self, form: Any) -> Any:
            """WTForms' own messages in the page's language."""
            return get_translations(["zh" if language() == "zh" else "en"])

    def __init__(self, formdata: Any = None, **kwargs: Any) -> None:
        super().__init__(formdata, **kwargs)
        self.messages: list[str] = []
        self.theirs: dict[str, Theirs] = {}
        self.merged: set[str] = set()

    def take_error(self, error: CccError) -> None:
        """Show a service's refusal at its field, or above the form when it has none."""
        text = in_words(error)
        if error.field in self._fields:
            field: Field = self._fields[error.field]
            field.errors = [*field.errors, text]
        else:
            self.messages.append(text)

    def parts(self) -> list[tuple[Any, list[Field]]]:
        """Headings with their fields, in order."""
        named = {name for _, names in self.sections for name in names}
        first = [field for field in self if field.name not in named]
        rest = [(title, [self._fields[name] for name in names]) for title, names in self.sections]
        return ([("", first)] if first else []) + rest

    def base(self) -> str:
        """What the form shows, for the three-way comparison after a conflict: ``{field: [values]}`` as JSON."""
        return json.dumps(posted_values(self), ensure_ascii=False)


def options(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """``(value, label)`` pairs as the choices of a WTForms field."""
    return [SelectChoice(value=value, label=label) for value, label in pairs]


def _pairs(choices: Any) -> list[tuple[str, Any]]:
    """The other way round, for every form of choices that WTForms knows."""
    if isinstance(choices, Mapping):
        return list(choices.items())
    return [(one.value, one.label) if isinstance(one, SelectChoice) else (one[0], one[1]) for one in choices or ()]


class Theirs:
    """Another person's value of a field that both changed."""

    def __init__(self, values: list[str], shown: str) -> None:
        self.values = json.dumps(values, ensure_ascii=False)
        self.shown = shown


class Card(Protocol):
    """One of some things: its name, title, a sentence, a drawing, and what it needs (``text``; ``here``: it is)."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def art(self) -> Markup: ...
    @property
    def needs(self) -> Sequence[Any]: ...


class CardsField(RadioField):  # type: ignore[misc]
    """One of some things that need a drawing and a sentence each: ``cards`` by value."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.cards: dict[str, Card] = {}

    def fill(self, cards: Iterable[Card]) -> None:
        """The choices, in order."""
        self.cards = {card.name: card for card in cards}
        self.choices = options([(card.name, card.title) for card in self.cards.values()])


class LevelsField(SelectMultipleField):  # type: ignore[misc]
    """Checkboxes with a level 1-9 each: data is ``{key: level}``. Posted as ``name=key`` and ``name.level.KEY=n``."""

    def __init__(self, label: Any = None, *, noun: Any = "", empty: Any = "", **kwargs: Any) -> None:
        super().__init__(label, validate_choice=False, **kwargs)
        self.noun, self.empty = noun, empty

    def process_data(self, value: Any) -> None:
        """From the object: a mapping."""
        self.data = dict(value or {})

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Keeps the form's values for :meth:`process_formdata`."""
        self._formdata = formdata
        super().process(formdata, *args, **kwargs)
        if formdata and self.name not in formdata and f"{self.name}.there" in formdata:
            self.data = {}

    def process_formdata(self, valuelist: list[str]) -> None:
        """From the form."""
        self.data = {}
        for key in valuelist:
            level = self._formdata.get(f"{self.name}.level.{key}", "1")
            self.data[key] = int(level) if level.isdecimal() and len(level) < 3 else 0

    def pre_validate(self, form: Any) -> None:
        """Levels go from 1 to 9."""
        if any(not 1 <= level <= 9 for level in self.data.values()):
            raise ValidationError(self.gettext("Not a valid choice."))

    def rows(self) -> list[tuple[str, str, bool, int]]:
        """``(key, label, checked, level)``, the checked ones first."""
        rows = [(key, str(text), key in self.data, self.data.get(key, 1)) for key, text in _pairs(self.choices)]
        return sorted(rows, key=lambda row: not row[2])


class RolesField(Field):  # type: ignore[misc]
    """A select per instance: data is ``{instance: role}``, no role left out. Posted as ``name.INSTANCE=role``."""

    def __init__(self, label: Any = None, *, empty: Any = "", **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.places: list[tuple[str, str]] = []
        self.roles: list[tuple[str, str]] = []
        self.empty = empty

    def process_data(self, value: Any) -> None:
        """From the object: a mapping."""
        self.data = dict(value or {})

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """From the form, when it was there."""
        super().process(None, *args, **kwargs)
        if formdata and f"{self.name}.there" in formdata:
            start = f"{self.name}."
            pairs = ((name.removeprefix(start), formdata[name]) for name in formdata if name.startswith(start))
            self.data = {name: role for name, role in pairs if role and name != "there"}

    def shown(self, values: Iterable[str]) -> str:
        """For people."""
        titles, roles = dict(self.places), {name: str(text) for name, text in self.roles}
        pairs = [value.rpartition("=") for value in values]
        return "、".join(f"{titles.get(place, place)}: {roles.get(role, role)}" for place, _, role in pairs) or "—"


def posted_values(form: Form) -> dict[str, list[str]]:
    """What a browser would post of the form as it stands, field by field."""
    return {field.name: posted(field) for field in form if not isinstance(field, PasswordField | FileField)}


def posted(field: Field) -> list[str]:
    """The field's value as a browser would post it; lists in a stable order."""
    data = field.data
    if isinstance(field, LevelsField | RolesField):
        return [f"{key}={level}" for key, level in sorted(data.items())]
    if isinstance(data, list | tuple | set):
        return sorted(str(item) for item in data)
    if isinstance(data, bool):
        return ["y"] if data else []
    value = field._value() if hasattr(field, "_value") else data
    return [] if value in (None, "") else [str(value).replace("\r\n", "\n")]


def settle(mine: PanelForm, theirs: PanelForm, formdata: MultiDict[str, str], shown: Any = None) -> None:
    """Three-way: fields only they changed take their value; fields both changed keep mine and show theirs.

    ``mine`` is bound to the request, ``theirs`` to the thing as it is now; the values as first opened come with the
    form in ``_base``.
    """
    try:
        base = json.loads(formdata.get(BASE, "{}"))
    except ValueError:
        base = {}
    for field in mine:
        if isinstance(field, PasswordField | FileField):
            continue
        now, own = posted(theirs[field.name]), posted(field)
        was = base.get(field.name, []) if isinstance(base, Mapping) else []
        if now == own:
            continue
        if own == was:
            field.data = theirs[field.name].data
            if hasattr(field, "raw_data"):
                field.raw_data = None
            mine.merged.add(field.name)
        elif now != was:
            mine.theirs[field.name] = Theirs(now, _shown(theirs[field.name], now))


def _shown(field: Field, values: Iterable[str]) -> str:
    """A value for people: labels instead of keys."""
    if isinstance(field, RolesField):
        return field.shown(values)
    choices = getattr(field, "choices", None)
    labels = {key: str(text) for key, text in _pairs(choices)}
    if isinstance(field, LevelsField):
        pairs = [value.rpartition("=") for value in values]
        return "、".join(f"{labels.get(key, key)} ({level})" for key, _, level in pairs) or "—"
    if field.type == "BooleanField":
        return "✓" if list(values) else "✗"
    return "、".join(labels.get(value, value) for value in values) or "—"
