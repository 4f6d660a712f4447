"""The example file of agents to fill in, as CSV and as a workbook, with the headings of the page's language."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import xlsxwriter
from flask_babel import gettext as _

from ccc.web.i18n import language

LISTED_ROWS = 5000
"""So far down the workbook offers the words of a column to choose from."""
HEADINGS = {
    "zh": ("用户名", "姓名", "邮箱", "角色", "技能组", "自动接听", "密码"),
    "en": ("username", "name", "email", "role", "groups", "auto answer", "password"),
}
EXAMPLES = {
    "zh": ("zhangsan", "张三", "", "坐席", "default:1", "否", ""),
    "en": ("jdoe", "Jane Doe", "", "agent", "default:1", "no", ""),
}
CHOICES = {
    "zh": {3: ["坐席", "班长", "管理员"], 5: ["是", "否"]},
    "en": {3: ["agent", "supervisor", "admin"], 5: ["yes", "no"]},
}


def columns() -> list[tuple[str, str]]:
    """``(headings that are understood, what goes in)`` of each column."""
    words = (
        _("To sign in with. Users of the account are brought in, others are made."),
        _("Empty: the user name."),
        _("May be empty."),
        _("坐席, 班长, 管理员 or agent, supervisor, admin. Empty: agent."),
        _("Names with levels, like sales:1; service:2"),
        _("是 or yes. Empty: no."),
        _("Empty: one is made up; you can download them at the end."),
    )
    names = [" / ".join(pair) for pair in zip(HEADINGS["zh"], HEADINGS["en"], strict=True)]
    return list(zip(names, words, strict=True))


def as_csv() -> bytes:
    """UTF-8 with a byte order mark: Excel takes it for GBK otherwise."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([HEADINGS[language()], EXAMPLES[language()]])
    return buffer.getvalue().encode("utf-8-sig")


def as_workbook() -> bytes:
    """The first sheet is to be filled in, the second one explains. Cells are text: 0123 stays 0123."""
    own, buffer = language(), io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    bold = book.add_format({"bold": True, "bg_color": "#E9F1FD", "border": 1, "border_color": "#BBD0EE"})
    sheet = book.add_worksheet(_("Agents"))
    sheet.set_column(0, len(HEADINGS[own]) - 1, 18, book.add_format({"num_format": "@"}))
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, HEADINGS[own], bold)
    sheet.write_row(1, 0, EXAMPLES[own])
    for column, words in CHOICES[own].items():
        sheet.data_validation(1, column, LISTED_ROWS, column, {"validate": "list", "source": words})
    _explain(book, bold, columns())
    book.close()
    return buffer.getvalue()


def _explain(book: xlsxwriter.Workbook, bold: object, rows: Sequence[tuple[str, str]]) -> None:
    sheet = book.add_worksheet(_("Columns"))
    sheet.set_column(0, 0, 26, bold)
    sheet.set_column(1, 1, 70, book.add_format({"text_wrap": True}))
    for line, (name, words) in enumerate(rows):
        sheet.write_row(line, 0, (name, words))
