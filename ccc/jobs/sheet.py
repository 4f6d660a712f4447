"""Call records as CSV or XLSX: the columns, their words, and cells no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import xlsxwriter

from ccc.geo.number_list import ANONYMOUS
from ccc.store.records import CallSummary

Cell = str | int | float
COLUMNS = (
    ("通话ID", "Call id"), ("方向", "Direction"), ("开始时间", "Started"), ("接通时间", "Answered"),
    ("结束时间", "Ended"), ("主叫", "Caller"), ("被叫", "Called"), ("流程", "Flow"), ("流程版本", "Flow version"),
    ("技能组", "Skill group"), ("坐席账号", "Agent"), ("坐席姓名", "Agent's name"), ("等待(秒)", "Waited (s)"),
    ("通话(秒)", "Talked (s)"), ("按键", "Keys"), ("结果", "Result"), ("小结", "Disposition"), ("备注", "Note"),
    ("录音", "Recorded"), ("标签", "Tags"), ("回呼", "Callback"), ("来源通话ID", "Follows from call"),
)  # fmt: skip
CAUSES = {
    "normal": ("正常结束", "Completed"), "caller-hangup": ("主叫挂机", "Caller hung up"),
    "agent-hangup": ("坐席挂机", "Agent hung up"), "callee-hangup": ("被叫挂机", "Called party hung up"),
    "abandoned": ("排队放弃", "Abandoned"), "cancelled": ("未接取消", "Cancelled"),
    "flow-error": ("流程出错", "Flow error"), "media-timeout": ("无语音", "No audio"),
    "max-length": ("超时长", "Too long"), "media-worker-died": ("媒体进程故障", "Audio process failed"),
    "lost": ("异常中断", "Lost"), "no-ack": ("未确认", "Not confirmed"), "no-flow": ("无流程", "No flow"),
    "timeout": ("信令超时", "Line dead"), "dialog-gone": ("会话丢失", "Line lost"),
    "bad-answer": ("应答无效", "Wrong answer"), "limit": ("线路占满", "All lines busy"),
    "full": ("容量不足", "No capacity"), "shutdown": ("停机", "Shut down"),
    "journal": ("无法记录", "Not recordable"), "rejected": ("被拒绝", "Rejected"),
    "closed": ("号码已关闭", "Number closed"),
}  # fmt: skip
WORDS = {
    "inbound": ("呼入", "Inbound"), "outbound": ("呼出", "Outbound"), "test": ("试呼", "Test call"),
    True: ("是", "yes"), False: ("否", "no"),
}  # fmt: skip
HIDDEN = {ANONYMOUS: ("匿名号码", "Anonymous")}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
XLSX_ROWS = 1_048_576
WIDTHS = (24, 8, 20, 20, 20, 16, 12, 14, 9, 12, 12, 12, 9, 9, 10, 14, 14, 40, 6, 20, 6, 24)


class Sheet(Protocol):
    """A file that takes rows one after another."""

    def add(self, row: Sequence[Cell]) -> None: ...
    def close(self) -> None: ...


def header(language: str) -> list[str]:
    """The first row."""
    return [names[language != "zh"] for names in COLUMNS]


def cells(
    call: CallSummary, zone: ZoneInfo, names: Mapping[str, str], language: str, tags: Sequence[str] = ()
) -> list[Cell]:
    """A call's row, times on the instance's wall clock."""
    english = language != "zh"

    def words(table: Mapping[Any, tuple[str, str]], key: Any) -> str:
        found = table.get(key)
        return str(key) if found is None else found[english]

    def clock(at: datetime | None) -> str:
        return "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    return [
        call.id, words(WORDS, call.direction), clock(call.started_at), clock(call.answered_at), clock(call.ended_at),
        words(HIDDEN, call.caller or ANONYMOUS), call.callee,
        call.flow, "" if call.flow_version is None else call.flow_version, call.skill_group,
        call.agent, names.get(call.agent, ""), round(call.waited_s, 1), round(call.talk_s, 1), call.keys,
        words(CAUSES, call.cause), call.disposition, call.note, words(WORDS, bool(call.recording)),
        "、".join(tags) if not english else ", ".join(tags), words(WORDS, call.kind == "callback"), call.origin,
    ]  # fmt: skip


def neutral(cell: Cell) -> Cell:
    """A text a spreadsheet would run as a formula gets an apostrophe in front (OWASP "CSV injection")."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


class CsvSheet:
    """UTF-8 with a byte order mark: Excel takes it for GBK otherwise."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)

    def add(self, row: Sequence[Cell]) -> None:
        """Write a row."""
        self._writer.writerow([neutral(cell) for cell in row])

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class XlsxSheet:
    """Text stays text (quoted, never a formula or link); memory does not grow with the rows."""

    def __init__(self, path: Path, head: Sequence[str]) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "tmpdir": str(path.parent),
        }
        self._book = xlsxwriter.Workbook(str(path), options)
        self._bold = self._book.add_format({"bold": True, "bg_color": "#E9F1FD"})
        self._text = self._book.add_format({"quote_prefix": True})
        self._head = head
        self._begin()

    def _begin(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        for column, width in enumerate(WIDTHS):
            self._sheet.set_column(column, column, width)
        for column, name in enumerate(self._head):
            self._sheet.write_string(0, column, name, self._bold)
        self._row = 1

    def add(self, row: Sequence[Cell]) -> None:
        """Write a row; a full sheet is followed by another."""
        if self._row >= XLSX_ROWS:
            self._begin()
        for column, cell in enumerate(row):
            if not isinstance(cell, str):
                self._sheet.write_number(self._row, column, cell)
            elif cell:
                self._sheet.write_string(self._row, column, cell, self._text if cell.startswith(FORMULA) else None)
        self._row += 1

    def close(self) -> None:
        """Finish the file."""
        self._book.close()


def open_sheet(path: Path, format_: str, language: str) -> Sheet:
    """A file with its first row written."""
    if format_ == "xlsx":
        return XlsxSheet(path, header(language))
    sheet = CsvSheet(path)
    sheet.add(header(language))
    return sheet
