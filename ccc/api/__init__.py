"""What a plugin author imports. Nothing here knows Flask, SQLAlchemy or a socket."""

from ccc.api.callback import CallbackRequest, CallbackResult
from ccc.api.control import (
    AgentRequest,
    AgentResult,
    CallControl,
    CallEnded,
    DialRequest,
    DialResult,
    FlowFailed,
    MessageRequest,
    MessageResult,
    QueueRequest,
    QueueResult,
)
from ccc.api.expr import Condition, ExprError, Expression, Kind
from ccc.api.expr.text import JsonTemplate, TextTemplate
from ccc.api.form import CONFIG, setting
from ccc.api.hooks import hookimpl
from ccc.api.http import HttpAnswer, HttpFailed, HttpRequest
from ccc.api.node import ERROR_EXIT, Exit, NodeType, error_exit
from ccc.api.notice import Channel, Notice, NoticeRefused, Notifier
from ccc.api.problem import Problem, References
from ccc.api.prompt import AudioPrompt, Prompt, SilencePrompt, TextPrompt, TonePrompt, Value
from ccc.api.queue_state import QueueState
from ccc.api.tts import TtsEngine, Voice
from ccc.api.variables import SYSTEM_VARIABLES, CallVariables, VariableName

__all__ = [
    "CONFIG",
    "ERROR_EXIT",
    "SYSTEM_VARIABLES",
    "AgentRequest",
    "AgentResult",
    "AudioPrompt",
    "CallControl",
    "CallEnded",
    "CallVariables",
    "CallbackRequest",
    "CallbackResult",
    "Channel",
    "Condition",
    "DialRequest",
    "DialResult",
    "Exit",
    "ExprError",
    "Expression",
    "FlowFailed",
    "HttpAnswer",
    "HttpFailed",
    "HttpRequest",
    "JsonTemplate",
    "Kind",
    "MessageRequest",
    "MessageResult",
    "NodeType",
    "Notice",
    "NoticeRefused",
    "Notifier",
    "Problem",
    "Prompt",
    "QueueRequest",
    "QueueResult",
    "QueueState",
    "References",
    "SilencePrompt",
    "TextPrompt",
    "TextTemplate",
    "TonePrompt",
    "TtsEngine",
    "Value",
    "VariableName",
    "Voice",
    "error_exit",
    "hookimpl",
    "setting",
]
