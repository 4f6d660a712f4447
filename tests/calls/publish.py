"""Put a test's own flows on the air in a running system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ccc.bus import request
from ccc.loader import load
from ccc.services import flows
from ccc.services.actor import SYSTEM
from ccc.services.snapshot import export_snapshot
from ccc.snapshot.model import SkillGroup, Trunk
from ccc.store import open_store
from ccc.store.repos import centre as repo
from tests.calls.flows import INSTANCE, Document, bind
from tests.calls.system import System


def put_on_air(
    system: System,
    documents: Mapping[str, Document],
    trunks: Iterable[Trunk] = (),
    groups: Mapping[SkillGroup, tuple[str, ...]] | None = None,
) -> None:
    """Publish each flow on its number; trunks and skill groups (with their agents) first."""
    store, registry = open_store(system.home), load()
    try:
        with store.write() as session:
            for trunk in trunks:
                repo.add_trunk(session, INSTANCE, trunk)
            for group, users in (groups or {}).items():
                repo.add_skill_group(session, group)
                for user in users:
                    repo.join_group(session, INSTANCE, user, group.name)
        for number, flow in documents.items():
            flows.import_flow(store, registry, SYSTEM, INSTANCE, flow)
            flows.publish_flow(store, registry, SYSTEM, INSTANCE, flow["name"])
            bind(store, number, flow["name"])
        export_snapshot(store)
    finally:
        store.close()
    request(system.home.socket("runtime"), {"op": "snapshot"})
