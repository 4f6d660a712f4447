"""Pages of 设置 that show and change one record: the instance's."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import render_template, request

from ccc.services import instances
from ccc.store.repos.instances import InstanceRecord
from ccc.web.admin.changes import changed_by
from ccc.web.admin.crud import EditPage
from ccc.web.admin.page import expose, is_fragment
from ccc.web.auth import rights
from ccc.web.links import is_own_page


class OnePage(EditPage):
    """A tab of the settings; ``card`` is the template of what it shows, and sees ``item`` and ``context()``."""

    readers = ("supervisor",)
    can_make = False
    card: ClassVar[str] = ""

    @expose("/")
    def index(self) -> str:
        """The settings as they are."""
        template = "settings/_tab.html" if is_fragment() else "settings/tab.html"
        opened = request.args.get("open", "")
        return render_template(
            template,
            page=self,
            item=self.load(self.instance),
            opened=opened if is_own_page(opened) else "",
            **self.context(),
        )

    def key_of(self, row: Any) -> str:
        return str(getattr(row, "name", self.instance))

    def name_of(self, row: Any) -> str:
        return str(getattr(row, "title", ""))

    def load(self, key: str) -> Any:
        """The instance, whatever the address says: only the chosen one."""
        return self.record(key)

    def record(self, key: str) -> InstanceRecord:
        """The instance with its settings."""
        return instances.get_instance(rights.store(), rights.actor(), key if key == self.instance else "")

    def stale_note(self, key: str) -> str:
        return changed_by(self.instance, key, "instance.")
