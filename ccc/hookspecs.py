"""EVERY hook of CCC: its signature, what it promises, who calls it and when.

A plugin implements a hook as a module-level function of the same name marked ``@ccc.api.hookimpl``.
Hooks are synchronous, take no arguments and register classes or data; behaviour sits in the classes.
All of them are called once for each process at its start, by :func:`ccc.loader.load` (docs/write-a-node.md).
"""

from __future__ import annotations

from collections.abc import Sequence

from ccc.api.hooks import hookspec
from ccc.api.node import NodeType
from ccc.api.notice import Notifier
from ccc.api.tts import TtsEngine


@hookspec
def register_node_types() -> Sequence[type[NodeType]]:  # type: ignore[empty-body]
    """The node types of the flow language this plugin brings, as classes.

    Called by the loader at the start of every process that knows flows (runtime, web, jobs, CLI). Each class is made
    once, without arguments; that one instance serves all calls. ``type`` must be unique among all plugins.
    """


@hookspec
def register_tts() -> Sequence[TtsEngine | type[TtsEngine]]:  # type: ignore[empty-body]
    """The text-to-speech engines this plugin brings, as classes (made once, without arguments) or objects.

    Called by the loader at the start of every process; so constructors must be cheap: load libraries and voices on the
    first ``say`` or ``voices``. Only jobs and publish speak, never a running call. ``name`` must be unique.
    """


@hookspec
def register_notifiers() -> Sequence[Notifier | type[Notifier]]:  # type: ignore[empty-body]
    """The senders of SMS and mail this plugin brings, as classes (made once, without arguments) or objects.

    Called by the loader at the start of every process; so constructors must be cheap. Only jobs sends, never a running
    call. Of each channel the first one loaded is used, ``log`` where there is no other. ``name`` must be unique.
    """
