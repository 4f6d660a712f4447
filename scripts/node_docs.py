"""``python scripts/node_docs.py``: write docs/nodes.md from the node types that are loaded (a test compares)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ccc.api import NodeType
from ccc.loader import load

PAGE = Path(__file__).resolve().parent.parent / "docs" / "nodes.md"
HEAD = """# Node types

Made from the node types themselves by `python scripts/node_docs.py`; do not edit.
How to write one: [write-a-node.md](write-a-node.md).
"""


def render() -> str:
    """The whole page."""
    types = load().node_types
    return HEAD + "".join(_section(types[name]) for name in sorted(types))


def _section(node: NodeType) -> str:
    schema = node.Config.model_json_schema()
    required = set(schema.get("required", ()))
    lines = [f"\n## {node.type}", "", f"**{node.label['en']}** · {node.label['zh']} ({node.category})", ""]
    lines += [node.help["en"], "", node.help["zh"], ""]
    fields = schema.get("properties", {})
    if fields:
        lines += ["| setting | meaning | default | limits |", "|---|---|---|---|"]
        lines += [_field(name, field, name in required) for name, field in fields.items()]
        lines.append("")
    examples = getattr(node, "examples", ({},))
    ways = dict.fromkeys(way.name for example in examples for way in node.exits(node.Config.model_validate(example)))
    lines.append("Exits: " + (", ".join(f"`{name}`" for name in ways) if ways else "none"))
    return "\n".join(lines) + "\n"


def _field(name: str, field: dict[str, Any], required: bool) -> str:
    label = field.get("x-label", {})
    meaning = f"{label.get('en', field.get('title', name))} · {label.get('zh', '')}".rstrip(" ·")
    default = "required" if required else f"`{_short(field.get('default'))}`"
    forms = [field, *field.get("anyOf", ())]
    limits = [f"{sign} {form[key]:g}" for form in forms for key, sign in _LIMITS.items() if key in form]
    limits += ["one of " + ", ".join(choice or "(none)" for choice in form["enum"]) for form in forms if "enum" in form]
    return f"| `{name}` | {meaning} | {default} | {'; '.join(limits)} |"


_LIMITS = {
    "minimum": ">=",
    "exclusiveMinimum": ">",
    "maximum": "<=",
    "minItems": "items >=",
    "maxItems": "items <=",
    "maxLength": "length <=",
}


def _short(value: Any) -> str:
    if isinstance(value, list | dict):
        return "[]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


if __name__ == "__main__":
    PAGE.write_text(render())
    sys.stdout.write(f"{PAGE.name} written\n")
