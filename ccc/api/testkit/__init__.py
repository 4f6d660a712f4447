"""Test kit for node types: a scripted call in virtual time, and the checks every node type must pass."""

from ccc.api.testkit.call import Happening, ScriptedCall
from ccc.api.testkit.script import Caller, TestCase, TestStep

__all__ = ["Caller", "Happening", "ScriptedCall", "TestCase", "TestStep"]
