"""Every table. Models never leave ``ccc.store``: repositories return frozen dataclasses."""

from ccc.store.models.api_keys import ApiKey
from ccc.store.models.calendar import DeletedInstance, WorkingHours
from ccc.store.models.callback import Callback
from ccc.store.models.calls import AgentStateChange, Call, JournalOffset, PendingWrapUp
from ccc.store.models.centre import Audio, GroupMember, Instance, Number, SkillGroup, Trunk, number_trunks
from ccc.store.models.closures import NumberClosure
from ccc.store.models.data import BlacklistEntry, LookupTable, LookupTableVersion, Notification
from ccc.store.models.dedicated import DedicatedAgent
from ccc.store.models.exports import Export
from ccc.store.models.flows import Flow, FlowChange, FlowLock, FlowVersion
from ccc.store.models.jobs import Job
from ccc.store.models.people import Account, Membership, PastAgent, Role, User, roles_users
from ccc.store.models.publishing import FlowPublication, FlowSchedule
from ccc.store.models.signing_in import PasswordReset, WebSession
from ccc.store.models.system import AuditEntry, Setting
from ccc.store.models.tags import CallTag, Tag
from ccc.store.models.voicemail import Voicemail

__all__ = [
    "Account",
    "AgentStateChange",
    "ApiKey",
    "Audio",
    "AuditEntry",
    "BlacklistEntry",
    "Call",
    "CallTag",
    "Callback",
    "DedicatedAgent",
    "DeletedInstance",
    "Export",
    "Flow",
    "FlowChange",
    "FlowLock",
    "FlowPublication",
    "FlowSchedule",
    "FlowVersion",
    "GroupMember",
    "Instance",
    "Job",
    "JournalOffset",
    "LookupTable",
    "LookupTableVersion",
    "Membership",
    "Notification",
    "Number",
    "NumberClosure",
    "PasswordReset",
    "PastAgent",
    "PendingWrapUp",
    "Role",
    "Setting",
    "SkillGroup",
    "Tag",
    "Trunk",
    "User",
    "Voicemail",
    "WebSession",
    "WorkingHours",
    "number_trunks",
    "roles_users",
]
