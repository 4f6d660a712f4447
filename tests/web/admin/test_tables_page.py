"""Lookup tables, their rows and the blacklist as htmx asks them; two at once lose nothing."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from ccc.services import blacklist, table_rows, tables
from ccc.services.actor import SYSTEM
from ccc.services.users import set_role
from ccc.store import Store
from ccc.web.admin.tables import keys
from tests.web.admin.conftest import Htmx, told

As = Callable[[str], Htmx]
CSV = "号码,姓名,等级\n13800138000,张三,VIP\n13900139000,李四\n13700137000,王五,普通\n"


@pytest.fixture
def two(as_user: As, store: Store) -> tuple[Htmx, Htmx]:
    """Two administrators of the instance."""
    set_role(store, SYSTEM, "li", "demo", "admin")
    return as_user("zhao"), as_user("li")


def upload(user: Htmx, name: str, data: bytes, **more: str) -> Any:
    return user.client.post(
        "/tables/upload",
        data={"name": name, "file": (io.BytesIO(data), "t.csv"), **more},
        headers=user.headers,
        content_type="multipart/form-data",
    )


def test_a_file_is_looked_at_then_taken(two: tuple[Htmx, Htmx], store: Store) -> None:
    first, second = two
    for name, data, why in (("1x", b"a,b\n1,2", "is not a name"), ("ok", b"", "empty"), ("ok", b"\x00\x01", "no text")):
        answer = upload(first, name, data)
        assert answer.status_code == 422 and why in answer.text, name
    look = upload(first, "customers", CSV.encode("gb18030"))
    assert "2 cells instead of 3" in look.text and "张三" in look.text and "GB18030" in look.text
    assert tables.list_tables(store, SYSTEM, "demo") == []
    address = re.search(r'hx-post="([^"]+)"', look.text)
    assert address is not None
    assert second.post(address[1]).status_code == 404, "somebody else's file"
    assert told(first.post(address[1]))["key"] == "customers"
    assert first.post(address[1]).status_code == 404
    assert "replaced" in upload(second, "customers", CSV.encode()).text
    sheet = first.get("/tables/customers/file")
    assert sheet.data.startswith(b"\xef\xbb\xbf") and "李四" not in sheet.text


def test_rows_edited_by_two_and_taken_back(two: tuple[Htmx, Htmx], store: Store) -> None:
    first, second = two
    tables.import_table(store, SYSTEM, "demo", "customers", CSV.encode())
    assert "张三" in first.get("/tables/rows/?table=customers&q=vip").text
    at = f"/tables/rows/{keys.written('13800138000')}/edit?table=customers"
    mine, theirs = first.form(at), second.form(at)
    told(first.post(at, mine | {"c0": "张三丰"}))
    answer = second.post(at, theirs | {"c1": "钻石"})
    assert answer.status_code == 409 and "张三丰" in answer.text and "钻石" in answer.text
    again = {
        **theirs,
        "c0": "张三丰",
        "c1": "钻石",
        "_revision": re.findall(r'_revision" value="(\d+)"', answer.text)[0],
    }
    told(second.post(at, again))
    row = table_rows.get_row(store, SYSTEM, "demo", "customers", "13800138000")
    assert row.values == {"姓名": "张三丰", "等级": "钻石"}
    done = told(first.post("/tables/rows/do/delete?table=customers", {"key": keys.written("13700137000")}))
    assert table_rows.find_rows(store, SYSTEM, "demo", "customers").total == 1
    told(first.post(done["undo"]["url"], done["undo"]["values"]))
    assert table_rows.find_rows(store, SYSTEM, "demo", "customers").total == 2
    assert "in force" in first.get("/tables/rows/versions?table=customers").text
    assert first.get("/tables/rows/?table=nothing").status_code == 404


def test_blacklist_added_changed_by_two_and_taken_back(two: tuple[Htmx, Htmx], store: Store) -> None:
    first, second = two
    data = {"numbers": "10086\nnonsense\n138 0013 8000", "reason": "广告", "until": "2099-12-31"}
    file = (io.BytesIO("号码;原因\n0755*;x\n".encode("gbk")), "n.csv")
    done = told(
        first.client.post(
            "/blacklist/new", data=data | {"file": file}, headers=first.headers, content_type="multipart/form-data"
        )
    )
    assert any("nonsense" in text for text in done["problems"])
    found = {item.entry: item for item in blacklist.list_blacklist(store, SYSTEM, "demo")}
    assert set(found) == {"10086", "+8613800138000", "0755*"}
    assert (
        found["10086"].expires_at is not None and found["10086"].expires_at.isoformat() == "2099-12-31T16:00:00+00:00"
    )
    mine, theirs = first.form("/blacklist/10086/edit"), second.form("/blacklist/10086/edit")
    told(first.post("/blacklist/10086/edit", mine | {"reason": "骚扰", "until": ""}))
    answer = second.post("/blacklist/10086/edit", theirs | {"reason": "诈骗"})
    assert answer.status_code == 409 and "骚扰" in answer.text and "诈骗" in answer.text
    assert first.post("/blacklist/new", {"numbers": "10010", "until": "2020-01-01"}).status_code == 422
    done = told(first.post("/blacklist/do/remove", {"key": ["10086", "0755*"]}))
    assert len(blacklist.list_blacklist(store, SYSTEM, "demo")) == 1
    told(first.post(done["undo"]["url"], done["undo"]["values"]))
    back = {item.entry: item.reason for item in blacklist.list_blacklist(store, SYSTEM, "demo")}
    assert back == {"10086": "骚扰", "0755*": "广告", "+8613800138000": "广告"}
    assert "13800138000" in second.get("/blacklist/?q=13800138000&state=on").text
