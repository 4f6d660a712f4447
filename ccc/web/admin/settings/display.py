"""The page 设置 > 来显与外显: which number who sees, gathered from where it is set."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from ccc.services import display
from ccc.web.admin.settings.base import OnePage
from ccc.web.auth import rights


class DisplayPage(OnePage):
    """Inbound and outbound display; nothing is changed here."""

    endpoint_name, path, title = "display", "/settings/display", _("Settings")
    card = "settings/_display.html"

    def context(self) -> dict[str, Any]:
        return {"found": display.shown_numbers(rights.store(), rights.actor(), self.instance)}

    def values(self, record: Any) -> dict[str, Any]:
        return {}
