"""Files of agents (AGT-1 import): decode, find the columns, check every row by itself. Pure: no store."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ccc.errors import CccError, InvalidError, say
from ccc.services import checks, passwords
from ccc.tables import workbook

MAX_BYTES = 8 * 1024 * 1024
MAX_ROWS = 50_000
MAX_CELL = 10_000
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "username": ("username", "user name", "user", "login", "登录名", "用户名", "账号", "坐席账号"),
    "name": ("name", "display name", "姓名", "名称", "坐席姓名"),
    "email": ("email", "e-mail", "mail", "邮箱", "电子邮件"),
    "role": ("role", "角色"),
    "groups": ("groups", "skill groups", "skill group", "技能组"),
    "auto_answer": ("auto answer", "auto-answer", "auto_answer", "自动接听"),
    "password": ("password", "密码", "初始密码"),
}
ROLE_WORDS = {"": "agent", "坐席": "agent", "班长": "supervisor", "主管": "supervisor", "管理员": "admin"}
ROLE_WORDS |= {"agent": "agent", "supervisor": "supervisor", "admin": "admin", "administrator": "admin"}
YES = frozenset({"1", "y", "yes", "true", "on", "是", "开", "√"})
NO = frozenset({"", "0", "n", "no", "false", "off", "否", "关"})
_SEPARATORS = re.compile(r"[;；、|]")
_LEVEL = re.compile(r"(?P<name>.*?)\s*[:：]\s*(?P<level>\d+)")


@dataclass(frozen=True, slots=True)
class FileRow:
    """A good row; ``groups`` are titles or names as written, with levels."""

    line: int
    username: str
    name: str
    email: str
    role: str
    groups: dict[str, int] = field(default_factory=dict)
    auto_answer: bool = False
    password: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be imported: what is wrong with it, and how it began."""

    line: int
    text: str
    error: CccError


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file holds."""

    rows: tuple[FileRow, ...]
    bad: tuple[BadRow, ...]


def parse(data: bytes) -> Parsed:
    """Rows of an .xlsx, or of a CSV: UTF-8 (with or without BOM), UTF-16 with BOM or GBK; comma, semicolon or tab.

    InvalidError (field ``file``) when it is no such file, is empty, has no column of user names or is too big.
    """
    if len(data) > MAX_BYTES:
        raise InvalidError(say("The file is bigger than 8 MB; split it."), field="file")
    lines = workbook.lines(data, _is_heading) if workbook.is_workbook(data) else _table(_decoded(data))
    heading = next(lines, None)
    if heading is None:
        raise InvalidError(say("The file is empty."), field="file")
    columns = _columns(heading[1])
    good: list[FileRow] = []
    bad: list[BadRow] = []
    seen: dict[str, int] = {}
    for line, cells in lines:
        if len(good) + len(bad) >= MAX_ROWS:
            raise InvalidError(say("The file has more than 50,000 rows; split it."), field="file")
        values = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
        try:
            _no_formulas(cells, columns)
            row = _row(line, values)
            first = seen.setdefault(row.username.casefold(), line)
            if first != line:
                raise InvalidError(say("The user name is in line %(line)s already."), values={"line": first})
            good.append(row)
        except CccError as error:
            shown = (values.get("username", ""), values.get("name", ""))  # never the password
            bad.append(BadRow(line, " ".join(filter(None, shown))[:80], error))
    if not good and not bad:
        raise InvalidError(say("The file has a heading, but no rows."), field="file")
    return Parsed(tuple(good), tuple(bad))


def _decoded(data: bytes) -> str:
    """Excel writes UTF-8 with BOM, GBK or UTF-16, by its mood."""
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InvalidError(
        say("This is neither an Excel workbook (.xlsx) nor a CSV file of text (UTF-8 or GBK)."), field="file"
    )


def _table(text: str) -> Iterator[tuple[int, list[str]]]:
    """``(line number, cells)`` of rows that are not empty."""
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InvalidError(
                say("Line %(line)s cannot be read: %(why)s."), field="file", values={"line": line, "why": error}
            ) from error
        if any(len(cell) > MAX_CELL for cell in cells):  # the csv module's own limit is the whole process's
            raise InvalidError(
                say("Line %(line)s cannot be read: %(why)s."),
                field="file",
                values={"line": line, "why": f"a cell of more than {MAX_CELL:,} characters; is a quote left open?"},
            )
        if any(cell.strip() for cell in cells):
            yield line, cells


def _is_heading(cells: list[str]) -> bool:
    return "username" in _known(cells)


def _known(heading: list[str]) -> dict[str, int]:
    known = {word: name for name, words in HEADINGS.items() for word in words}
    found: dict[str, int] = {}
    for at, cell in enumerate(heading):
        name = known.get(cell.strip().strip("*").casefold())
        if name is not None:
            found.setdefault(name, at)
    return found


def _columns(heading: list[str]) -> dict[str, int]:
    found = _known(heading)
    if "username" not in found:
        raise InvalidError(
            say("The first row must be a heading with a column 用户名 or username; it is: %(heading)s."),
            field="file",
            values={"heading": ", ".join(filter(None, heading))[:120] or "-"},
        )
    return found


def _no_formulas(cells: list[str], columns: Mapping[str, int]) -> None:
    for at in columns.values():
        if at < len(cells) and isinstance(cells[at], workbook.Formula):
            raise InvalidError(
                say("Column %(column)s holds a formula. Paste its value instead (paste special, values)."),
                values={"column": _letter(at)},
            )


def _letter(at: int) -> str:
    return (chr(ord("A") + at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)


def _row(line: int, values: Mapping[str, str]) -> FileRow:
    email = values.get("email", "")
    if email and not checks.EMAIL.fullmatch(email):
        raise InvalidError(say("%(email)s is not an e-mail address."), values={"email": email})
    password = values.get("password", "")
    if password:
        passwords.check(password)
    return FileRow(
        line=line,
        username=checks.username(values["username"]),
        name=checks.shown_name(values.get("name", ""), values["username"]),
        email=email,
        role=_role(values.get("role", "")),
        groups=dict(_groups(values.get("groups", ""))),
        auto_answer=_yes(values.get("auto_answer", "")),
        password=password,
    )


def _role(text: str) -> str:
    role = ROLE_WORDS.get(text.casefold())
    if role is None:
        raise InvalidError(
            say("%(role)s is no role: agent, supervisor or admin (坐席, 班长, 管理员)."), values={"role": text}
        )
    return role


def _yes(text: str) -> bool:
    if text.casefold() not in YES | NO:
        raise InvalidError(say("%(text)s is neither yes nor no."), values={"text": text})
    return text.casefold() in YES


def _groups(text: str) -> Iterator[tuple[str, int]]:
    """``sales:1; service:2``; without a level it is 1."""
    for part in filter(None, (part.strip() for part in _SEPARATORS.split(text))):
        match = _LEVEL.fullmatch(part)
        name, level = (match["name"], int(match["level"])) if match else (part, 1)
        if not 1 <= level <= 9:
            raise InvalidError(say("A level is a number from 1 (asked first) to 9."))
        yield name, level
