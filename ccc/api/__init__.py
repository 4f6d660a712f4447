"""What a plugin author imports. Nothing here knows Flask, SQLAlchemy or a socket."""

from ccc.api.control import CallControl, CallEnded, FlowFailed, QueueRequest, QueueResult
from ccc.api.hooks import hookimpl
from ccc.api.node import Exit, NodeType
from ccc.api.problem import Problem, References
from ccc.api.prompt import Prompt, Value
from ccc.api.tts import TtsEngine, Voice

__all__ = [
    "CallControl",
    "CallEnded",
    "Exit",
    "FlowFailed",
    "NodeType",
    "Problem",
    "Prompt",
    "QueueRequest",
    "QueueResult",
    "References",
    "TtsEngine",
    "Value",
    "Voice",
    "hookimpl",
]
