"""Dedicated agents (专属坐席, AGT-1): a customer's calls go to his own agent first; whatever queue he is in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from ccc.errors import CccError, ConflictError, InvalidError, NotFoundError, say
from ccc.geo import normalise
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.services.revisions import require_unchanged
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.records import DedicatedRecord
from ccc.store.repos import agents, dedicated
from ccc.tables import read_csv

MAX_CUSTOMERS = 50_000
MAX_BYTES = 8 * 1024 * 1024
WAIT_S = (0, 600)
HEADINGS = {
    "number": ("number", "customer number", "phone", "号码", "客户号码", "电话", "手机号"),
    "agent": ("agent", "user name", "username", "坐席", "坐席账号", "专属坐席", "登录名"),
    "customer": ("customer", "customer name", "name", "客户", "客户名称", "姓名", "备注"),
    "wait_s": ("wait", "wait_s", "wait seconds", "等待", "等待秒数", "等待时间"),
}


@dataclass(frozen=True, slots=True)
class BadLine:
    """A row of a file that was left out."""

    text: str
    error: CccError


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file."""

    count: int
    bad: tuple[BadLine, ...]


def canonical(number: str) -> str:
    """One way to write a number, so that calls are recognised. InvalidError (field ``number``) when it is none."""
    read = normalise(number)
    if read.kind in ("anonymous", "unknown") or not read.national:
        raise InvalidError(
            say("%(number)s is no telephone number."), field="number", values={"number": number[:40] or "—"}
        )
    return read.e164 or read.national


def list_dedicated(store: Store, actor: Actor, instance: str) -> list[DedicatedRecord]:
    """Every customer with an agent of his own, by number."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return dedicated.find(session, instance)


def get_dedicated(store: Store, actor: Actor, instance: str, number: str) -> DedicatedRecord:
    """One customer. NotFoundError when he has no agent of his own."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return _existing(session, instance, number)


def add_dedicated(store: Store, actor: Actor, wanted: DedicatedRecord) -> DedicatedRecord:
    """Give a customer his agent. ConflictError when he has one, InvalidError names the field."""
    actor.require(wanted.instance, "admin")
    wanted = _checked(wanted)
    with store.write() as session:
        _check_agent(session, wanted)
        if (other := dedicated.get(session, wanted.instance, wanted.number)) is not None:
            raise ConflictError(
                say("%(number)s has the agent %(name)s already."),
                field="number",
                values={"number": wanted.number, "name": other.name},
            )
        if dedicated.count(session, wanted.instance) >= MAX_CUSTOMERS:
            raise _too_many()
        dedicated.put(session, [wanted], actor.user)
        note(session, actor, "dedicated.add", wanted.number, instance=wanted.instance, after=_told(wanted))
        made = _existing(session, wanted.instance, wanted.number)
    export_snapshot(store)
    return made


def change_dedicated(store: Store, actor: Actor, wanted: DedicatedRecord, revision: int) -> DedicatedRecord:
    """Another agent, name or wait. StaleError when somebody saved since ``revision`` was read."""
    actor.require(wanted.instance, "admin")
    wanted = _checked(wanted)
    with store.write() as session:
        old = _existing(session, wanted.instance, wanted.number)
        require_unchanged(old.revision, revision)
        _check_agent(session, wanted)
        dedicated.put(session, [wanted], actor.user)
        place = wanted.instance
        note(session, actor, "dedicated.change", wanted.number, instance=place, before=_told(old), after=_told(wanted))
        saved = _existing(session, place, wanted.number)
    export_snapshot(store)
    return saved


def remove_dedicated(store: Store, actor: Actor, instance: str, numbers: list[str]) -> None:
    """These customers' calls go to anybody again."""
    actor.require(instance, "admin")
    with store.write() as session:
        for number in numbers:
            old = _existing(session, instance, number)
            note(session, actor, "dedicated.remove", number, instance=instance, before=_told(old))
        dedicated.remove(session, instance, numbers)
    export_snapshot(store)


def import_dedicated(store: Store, actor: Actor, instance: str, data: bytes) -> Imported:
    """Rows of a CSV file (columns as in HEADINGS): good ones are made or changed, bad ones named.

    InvalidError (field ``file``) when the file is of no use; nothing has changed then.
    """
    actor.require(instance, "admin")
    if len(data) > MAX_BYTES:
        raise InvalidError(say("The file is bigger than 8 MB; split it."), field="file")
    table = read_csv(data)
    columns = _columns((table.key, *table.columns))
    bad = [BadLine(str(item.line), InvalidError(item.reason)) for item in table.bad]
    good: dict[str, DedicatedRecord] = {}
    with store.read() as session:
        users = {item.username for item in agents.find(session, instance)}
    for key, cells in table.rows.items():
        row = {table.key: key, **cells}
        texts = {name: row.get(column, "") for name, column in columns.items()}
        try:
            record = _from_row(instance, texts, users)
            good[record.number] = record
        except CccError as error:
            bad.append(BadLine(texts["number"] or key, error))
    with store.write() as session:
        known = {item.number for item in dedicated.find(session, instance)}
        if len(known | set(good)) > MAX_CUSTOMERS:
            raise _too_many()
        dedicated.put(session, list(good.values()), actor.user)
        note(session, actor, "dedicated.import", str(len(good)), instance=instance)
    export_snapshot(store)
    return Imported(len(good), tuple(bad))


def _columns(header: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name, words in HEADINGS.items():
        column = next((item for item in header if item.strip().lower() in words), None)
        if column is not None:
            found[name] = column
    if missing := [name for name in ("number", "agent") if name not in found]:
        raise InvalidError(
            say("The first line must name the columns 客户号码 (number) and 坐席账号 (agent); %(columns)s is missing."),
            field="file",
            values={"columns": ", ".join(missing)},
        )
    return found


def _from_row(instance: str, texts: dict[str, str], users: set[str]) -> DedicatedRecord:
    wait = texts.get("wait_s", "").strip()
    if wait and not wait.isdecimal():
        raise InvalidError(say("%(text)s is no number of seconds."), values={"text": wait[:20]})
    agent = texts["agent"].strip()
    if agent not in users:
        raise InvalidError(say("There is no agent %(name)s here."), values={"name": agent[:64] or "—"})
    return _checked(
        DedicatedRecord(instance, texts["number"], agent, customer=texts.get("customer", ""), wait_s=float(wait or 0))
    )


def _checked(wanted: DedicatedRecord) -> DedicatedRecord:
    least, most = WAIT_S
    if not least <= wanted.wait_s <= most:
        raise InvalidError(
            say("This must be between %(least)s and %(most)s."), field="wait_s", values={"least": least, "most": most}
        )
    return replace(wanted, number=canonical(wanted.number), customer=wanted.customer.strip()[:128])


def _check_agent(session: Session, wanted: DedicatedRecord) -> None:
    if wanted.agent not in {item.username for item in agents.find(session, wanted.instance)}:
        raise InvalidError(say("There is no agent %(name)s here."), field="agent", values={"name": wanted.agent or "—"})


def _existing(session: Session, instance: str, number: str) -> DedicatedRecord:
    found = dedicated.get(session, instance, number)
    if found is None:
        raise NotFoundError(say("%(number)s has no dedicated agent."), values={"number": number})
    return found


def _too_many() -> InvalidError:
    return InvalidError(
        say("An instance has at most %(count)s customers with an agent of their own."), values={"count": MAX_CUSTOMERS}
    )


def _told(item: DedicatedRecord) -> dict[str, object]:
    return {"agent": item.agent, "customer": item.customer, "wait_s": item.wait_s}
