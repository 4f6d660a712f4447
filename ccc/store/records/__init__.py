"""What leaves the store: frozen dataclasses. Times are aware UTC, durations seconds."""

from __future__ import annotations

from ccc.store.records.calls import (
    CallbackRecord,
    CallFilter,
    CallRecord,
    CallSummary,
    TagRecord,
    VoicemailFilter,
    VoicemailRecord,
)
from ccc.store.records.flows import (
    AudioRecord,
    BlacklistRecord,
    ChangeRecord,
    FlowRecord,
    FlowSummary,
    LockRecord,
    TableRecord,
    VersionRecord,
)
from ccc.store.records.paging import Page
from ccc.store.records.people import (
    AgentRecord,
    ApiKeyRecord,
    DedicatedRecord,
    GroupRecord,
    UserRecord,
    WebSessionRecord,
)
from ccc.store.records.work import AuditRecord, ExportRecord, JobRecord, NoticeRecord

__all__ = [
    "AgentRecord",
    "ApiKeyRecord",
    "AudioRecord",
    "AuditRecord",
    "BlacklistRecord",
    "CallFilter",
    "CallRecord",
    "CallSummary",
    "CallbackRecord",
    "ChangeRecord",
    "DedicatedRecord",
    "ExportRecord",
    "FlowRecord",
    "FlowSummary",
    "GroupRecord",
    "JobRecord",
    "LockRecord",
    "NoticeRecord",
    "Page",
    "TableRecord",
    "TagRecord",
    "UserRecord",
    "VersionRecord",
    "VoicemailFilter",
    "VoicemailRecord",
    "WebSessionRecord",
]
