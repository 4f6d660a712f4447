"""Test kit for node types: a scripted call in virtual time, and the checks every node type must pass."""

from ccc.api.script import Caller, TestCase, TestStep
from ccc.api.testkit.call import Happening, ScriptedCall
from ccc.api.testkit.conformance import CheckResult, check_node_type, check_tts

__all__ = [
    "Caller",
    "CheckResult",
    "Happening",
    "ScriptedCall",
    "TestCase",
    "TestStep",
    "check_node_type",
    "check_tts",
]
