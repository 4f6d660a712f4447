"""The demonstration: an instance one can call within a minute of the installation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ccc.home import PROJECT, Home
from ccc.loader import Registry, load
from ccc.services import passwords
from ccc.services.actor import SYSTEM
from ccc.services.flows import import_flow, publish_flow
from ccc.services.snapshot import export_snapshot
from ccc.snapshot import model as snap
from ccc.store import Store, open_store, upgrade
from ccc.store.repos import audit, centre, flows, users

ACCOUNT = "demo"
INSTANCE = "demo"
TRUNK = "loopback"
NUMBERS = {"4000": "welcome", "4001": "menu", "4002": "self-service", "4003": "bench"}
GROUPS = (
    snap.SkillGroup(
        "default", INSTANCE, "默认 Default", dispositions=("已解决 Solved", "需跟进 Follow up", "其他 Other")
    ),
    snap.SkillGroup("sales", INSTANCE, "销售 Sales", dispositions=("有意向 Interested", "无意向 Not interested")),
    snap.SkillGroup("service", INSTANCE, "客服 Service", dispositions=("已解决 Solved", "投诉 Complaint")),
)
USERS = {
    "admin": ("admin", "管理员 Admin"),
    "agent1": ("agent", "坐席一 Agent 1"),
    "agent2": ("agent", "坐席二 Agent 2"),
}
FLOWS = PROJECT / "flows"
_DONE = "demo.seeded"


def seed(home: Home, load_plugins: Callable[[], Registry] = load, flows_folder: Path = FLOWS) -> dict[str, str]:
    """Make the demonstration unless it was made before; returns ``{user: password}`` of the users made now.

    What somebody changed or deleted since stays so. Passwords are not stored in the clear: print them at once.
    """
    upgrade(home)
    store = open_store(home)
    try:
        with store.read() as session:
            if audit.setting(session, _DONE):
                return {}
        _lines(store)
        _flows(store, load_plugins(), flows_folder)
        made = _people(store)
        export_snapshot(store)
        return made
    finally:
        store.close()


def _lines(store: Store) -> None:
    with store.write() as session:
        users.add_account(session, ACCOUNT, "演示 Demo")
        centre.add_instance(session, ACCOUNT, INSTANCE, "演示呼叫中心 Demo call centre")
        for group in GROUPS:
            centre.add_skill_group(session, group)
        centre.add_trunk(session, ACCOUNT, snap.Trunk(TRUNK, TRUNK, "address", ("127.0.0.0/8",)))
        for number, flow in NUMBERS.items():
            centre.add_number(session, ACCOUNT, snap.Number(number, INSTANCE, flow))


def _people(store: Store) -> dict[str, str]:
    """Last of all, with the mark that all is done: a password made is a password printed."""
    with store.read() as session:
        missing = [name for name in USERS if users.get(session, name) is None]
    made = {name: passwords.random_password() for name in missing}
    hashes = {name: passwords.hash_password(text) for name, text in made.items()}
    with store.write() as session:
        for name, hashed in hashes.items():
            role, title = USERS[name]
            users.add(session, ACCOUNT, name, title, None, hashed)
            if role == "admin":
                users.set_account_role(session, name, "owner")
            users.set_role(session, name, INSTANCE, role)
            if role == "agent":
                for group in GROUPS:
                    centre.join_group(session, INSTANCE, name, group.name)
        audit.set_setting(session, _DONE, True)
        audit.add(session, SYSTEM.user, "demo.seed", INSTANCE, instance=INSTANCE)
    return made


def _flows(store: Store, registry: Registry, folder: Path) -> None:
    """Import the starters (all before the first is published: one may use another), publish those never published."""
    with store.read() as session:
        known = {flow.name for flow in flows.find(session, INSTANCE)}
    for name in NUMBERS.values():
        if name not in known:
            import_flow(store, registry, SYSTEM, INSTANCE, (folder / f"{name}.json").read_bytes())
    for name in NUMBERS.values():
        publish_flow(store, registry, SYSTEM, INSTANCE, name, "demonstration")
