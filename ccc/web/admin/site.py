"""Every page of the administration, registered with Flask-Admin."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect
from flask_admin import Admin
from werkzeug.wrappers import Response

from ccc.web.admin.agents.page import AgentsPage
from ccc.web.admin.api_keys.page import ApiKeysPage
from ccc.web.admin.audio.page import AudioPage
from ccc.web.admin.blacklist.page import BlacklistPage
from ccc.web.admin.callbacks.page import CallbacksPage
from ccc.web.admin.closures.page import ClosuresPage, closed_numbers
from ccc.web.admin.dedicated.page import DedicatedPage
from ccc.web.admin.flows.page import FlowsPage
from ccc.web.admin.groups.page import GroupsPage
from ccc.web.admin.instances.page import InstancesPage
from ccc.web.admin.jobs.page import InstanceJobsPage, JobsPage
from ccc.web.admin.notices.page import NoticesPage
from ccc.web.admin.numbers.account import AccountNumbersPage
from ccc.web.admin.numbers.page import NumbersPage
from ccc.web.admin.page import AdminPage, allow_files, expose
from ccc.web.admin.settings.display import DisplayPage
from ccc.web.admin.settings.hours import HoursPage
from ccc.web.admin.settings.page import SettingsPage
from ccc.web.admin.settings.pop import PopPage
from ccc.web.admin.settings.storage import StoragePage
from ccc.web.admin.system.log import LogPage
from ccc.web.admin.system.plugins import PluginsPage
from ccc.web.admin.tables.page import TablesPage
from ccc.web.admin.tables.rows import RowsPage
from ccc.web.admin.tags.page import TagsPage
from ccc.web.admin.trunks.page import TrunksPage
from ccc.web.admin.users.page import UsersPage
from ccc.web.admin.voicemail.page import VoicemailPage
from ccc.web.auth import rights
from ccc.web.designer.look.page import LookPage
from ccc.web.designer.outline.more import OutlineMorePage
from ccc.web.designer.outline.page import OutlinePage
from ccc.web.designer.page import DesignerPage
from ccc.web.designer.trials import TrialPage
from ccc.web.designer.widgets.page import WidgetPage
from ccc.web.me.page import MePage

PAGES: tuple[type[AdminPage], ...] = (
    AgentsPage,
    GroupsPage,
    FlowsPage,
    DesignerPage,
    TrialPage,
    WidgetPage,
    OutlinePage,
    OutlineMorePage,
    LookPage,
    AudioPage,
    SettingsPage,
    DisplayPage,
    HoursPage,
    PopPage,
    StoragePage,
    PluginsPage,
    LogPage,
    NumbersPage,
    ClosuresPage,
    AccountNumbersPage,
    TrunksPage,
    TablesPage,
    BlacklistPage,
    RowsPage,
    InstancesPage,
    UsersPage,
    ApiKeysPage,
    TagsPage,
    VoicemailPage,
    CallbacksPage,
    DedicatedPage,
    NoticesPage,
    InstanceJobsPage,
    JobsPage,
    MePage,
)
"""Add a page here; its line in the menu is in ccc/web/menu.py. See docs/admin-pages.md."""


class _Home(AdminPage):
    """Flask-Admin wants an index; ours is the start page."""

    endpoint_name, path = "admin", "/admin"
    roles = rights.EVERYBODY

    @expose("/")
    def index(self) -> Response:
        """On to the start page."""
        return redirect("/")


def set_up(app: Flask) -> None:
    """Register the framework's templates and every page."""
    app.register_blueprint(Blueprint("admin_look", __name__, template_folder="templates"))
    app.jinja_env.globals["closed_numbers"] = closed_numbers
    allow_files(app)
    admin = Admin(app, name="CCC", index_view=_Home())
    for page in PAGES:
        admin.add_view(page())
