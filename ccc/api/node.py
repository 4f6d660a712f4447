"""A node type: the unit of the low-code flow language. One type, one file in ``plugins/`` (docs/write-a-node.md)."""

from __future__ import annotations

import builtins
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel

from ccc.api.control import CallControl
from ccc.api.expr import Kind
from ccc.api.problem import Problem, References
from ccc.api.prompt import Prompt

ERROR_EXIT = "error"
"""Taken, when connected, if the node raises :class:`FlowFailed`; not connected, the call ends with ``flow-error``."""


@dataclass(frozen=True, slots=True)
class Exit:
    """A named way out of a node. ``name`` is stable and stored in documents; ``label`` is what people read."""

    name: str
    label: Mapping[str, str]
    """At least ``en`` and ``zh``."""
    required: bool = True
    """An open exit is an error when required, else the flow ends there with a normal hang-up."""
    instant: bool = False
    """The exit may be taken without any time or input having passed, though the node ``waits``."""


def error_exit() -> Exit:
    """The optional exit for what cannot be had: a prompt that is not rendered in time, a sub-flow not published."""
    return Exit(ERROR_EXIT, {"en": "Error", "zh": "异常"}, required=False, instant=True)


class NodeType(ABC):
    """Base of every node type.

    Instances are shared by all calls: keep no call state on ``self``. ``run`` sees only
    :class:`CallControl`, so it runs unchanged in the simulator.
    """

    type: ClassVar[str]
    label: ClassVar[dict[str, str]]
    """Display names by language, at least ``en`` and ``zh`` (DOMAIN glossary)."""
    category: ClassVar[str]
    icon: ClassVar[str] = "circle"
    help: ClassVar[dict[str, str]]
    Config: ClassVar[builtins.type[BaseModel]]
    """The settings (pydantic, ``extra="forbid"``): form, JSON schema, validation and docs come from it."""
    examples: ClassVar[Sequence[Mapping[str, Any]]] = ({},)
    """Valid settings, at least one: shown in the docs and run by ``ccc check``."""
    is_start: ClassVar[bool] = False
    ends_call: ClassVar[bool] = False
    """True: the node has no exits because it hangs up."""
    waits: ClassVar[bool] = False
    """True: the node takes time or input from the caller, so a loop through it is not a busy loop."""

    can_try: ClassVar[bool] = False
    """True: the designer offers to run the node with example values; what it asks other servers is really sent."""

    @abstractmethod
    def exits(self, config: Any) -> Sequence[Exit]:
        """The exits this configuration has, in drawing order."""

    def check(self, config: Any, refs: References) -> Sequence[Problem]:
        """Problems beyond what ``Config`` validates, such as a key bound twice. The caller fills in ``node``."""
        return ()

    def prompts(self, config: Any) -> Sequence[Prompt]:
        """Every prompt the node may play, so that publish can render the static ones beforehand."""
        return ()

    def uses(self, config: Any) -> Sequence[tuple[str, str]]:
        """Symbolic references ``(kind, name)`` the node needs, e.g. ``("skill-group", "sales")``."""
        return ()

    def sets(self, config: Any) -> Mapping[str, Kind]:
        """Variables the node sets, with the kind of value (``any`` if unknown)."""
        return {}

    @abstractmethod
    async def run(self, call: CallControl, config: Any) -> str:
        """Do the node's work and return the exit taken. An exception ends this call only (cause ``flow-error``)."""
