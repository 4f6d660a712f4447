"""A field of checkboxes: some of a list, none allowed."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape
from wtforms import SelectMultipleField


class ChecksField(SelectMultipleField):  # type: ignore[misc]  # wtforms has no types
    """Data is a list of keys; a choice may have a third part, said about it. ``empty``: shown without choices."""

    def __init__(self, label: Any = None, *, empty: Any = "", **kwargs: Any) -> None:
        super().__init__(label, validate_choice=False, **kwargs)
        self.empty = empty

    def __call__(self, **kwargs: Any) -> Markup:
        """The boxes in a group named by the field's label."""
        chosen = {str(item) for item in self.data or ()}
        lines = [self._line(choice, chosen) for choice in self.choices or ()]
        if not lines:
            lines = [Markup('<p class="muted">{}</p>').format(self.empty)]
        described = kwargs.get("aria-describedby")
        about = Markup(' aria-describedby="{}"').format(described) if described else Markup("")
        start = Markup('<div role="group" class="checks" id="{}" aria-label="{}"{}>').format(
            kwargs.get("id", self.id), self.label.text, about
        )
        return start + Markup("").join(lines) + Markup("</div>")

    def _line(self, choice: Any, chosen: set[str]) -> Markup:
        key, text, *more = choice
        checked = Markup(" checked") if str(key) in chosen else Markup("")
        about = Markup(' <small class="muted">{}</small>').format(more[0]) if more and more[0] else Markup("")
        return Markup(
            '<label class="check-line"><input type="checkbox" name="{}" value="{}"{}><span>{}{}</span></label>'
        ).format(self.name, key, checked, escape(text), about)
