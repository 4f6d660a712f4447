"""Extract the texts, merge them into every language's file, compile. Prints what has no translation yet."""

from __future__ import annotations

import datetime
import io
import os
import sys
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

EPOCH = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
"""The same texts always compile to the same bytes."""
WEB = Path(__file__).resolve().parent.parent
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("templates/**.html", "jinja2")]
FOLDERS = (WEB, *(WEB.parent / name for name in ("bus", "flow", "services", "tables", "prompts")))
KEYWORDS: dict[str, tuple[Any, ...] | None] = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
KEYWORDS["say"] = None
KEYWORDS["lazy_pgettext"] = KEYWORDS["pgettext"] = ((1, "c"), 2)
"""For menu lines whose word means something else in a table: 号码管理, but 号码."""


def extracted() -> Catalog:
    """Every text of the pages, and what the packages beneath them say (marked with ``ccc.errors.say``)."""
    catalog = Catalog(fuzzy=False)
    for folder in FOLDERS:
        for _file, _line, message, comments, context in extract_from_dir(str(folder), METHODS, keywords=KEYWORDS):
            catalog.add(message, None, auto_comments=comments, context=context)
    return catalog


def updated(path: Path) -> Catalog:
    """A language's file brought up to date with the texts; translations of vanished texts are dropped."""
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.parent.parent.name)
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def po_bytes(catalog: Catalog) -> bytes:
    """The text form, in a stable order and without dates."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=0, sort_output=True, omit_header=True)
    plural = f"nplurals={catalog.num_plurals}; plural={catalog.plural_expr}"
    header = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {plural}\\n"\n\n'
    return header.encode() + buffer.getvalue()


def mo_bytes(path: Path) -> bytes:
    """The compiled form of a .po file."""
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.parent.parent.name)
    catalog.creation_date = catalog.revision_date = EPOCH
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def _replace(path: Path, data: bytes) -> None:
    """In one step: who reads it at this moment gets the old file or the new one, never half of it."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.write_bytes(data)
    new.replace(path)


def main() -> int:
    """Exit code 1 when something is not translated."""
    missing = []
    for path in sorted(Path(__file__).parent.glob("*/LC_MESSAGES/messages.po")):
        catalog = updated(path)
        _replace(path, po_bytes(catalog))
        _replace(path.with_suffix(".mo"), mo_bytes(path))
        missing += [
            f"{path.parent.parent.name}: {message.id}" for message in catalog if message.id and not message.string
        ]
    sys.stdout.writelines(f"{line}\n" for line in missing)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
