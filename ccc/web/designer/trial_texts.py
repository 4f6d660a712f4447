"""What the scripts of the designer's pane "Test without a phone" say."""

from __future__ import annotations

from flask_babel import gettext as _


def trial_texts() -> dict[str, str]:
    """Key -> text in the page's language; ``{name}`` is filled in by the script."""
    return _simulating() | _outcomes() | _lines() | _cases()


def _simulating() -> dict[str, str]:
    return {
        "sim.again": _("Call again"),
        "sim.invalid": _("The flow cannot be called like this."),
        "sim.seconds": _("{n} s"),
        "sim.asks.key": _("The flow waits for a key."),
        "sim.asks.queue": _("The caller waits in the queue {text}."),
        "sim.asks.message": _("The flow records a message."),
        "sim.asks.hangup": _("The flow waits until the caller hangs up."),
        "sim.asks.http": _("The flow asks a server: {text}"),
        "sim.asks.table": _("The flow looks up in the table {text}, which the test does not know yet."),
        "sim.silent": _("Do nothing ({n} s)"),
        "sim.wait": _("Go on waiting"),
        "sim.keys.wrong": _("Keys are digits, * and #."),
        "sim.json.wrong": _("That is not JSON."),
        "sim.of.agents": _("Queue {name}"),
        "sim.of.hours": _("Hours {name}"),
        "sim.of.named_agents": _("Agent {name}"),
        "sim.of.dials": _("Number {name}"),
        "sim.of.callbacks": _("Callback of {name}"),
        "sim.of.waiting": _("Calls waiting in {name}"),
        "sim.fail": _("Let it fail"),
        "sim.work": _("Let it work"),
        "sim.failing": _("It goes wrong here, as you chose."),
        "sim.answer.of": _("Answer of {name}"),
        "sim.answer.table": _("Table {name}"),
        "sim.answer.fails": _("no answer"),
        "sim.answer.status": _("Status"),
        "sim.answer.clear": _("Ask again"),
    }


def _outcomes() -> dict[str, str]:
    return {
        "sim.agents.ready": _("somebody answers"),
        "sim.agents.busy": _("all are busy"),
        "sim.agents.none": _("nobody is there"),
        "sim.hours.open": _("open"),
        "sim.hours.closed": _("closed"),
        "sim.hours.holiday": _("holiday"),
        "sim.named_agents.answers": _("answers"),
        "sim.named_agents.no-such-agent": _("does not exist"),
        "sim.named_agents.offline": _("is offline"),
        "sim.named_agents.busy": _("is busy"),
        "sim.named_agents.timeout": _("does not answer"),
        "sim.dials.answers": _("answers"),
        "sim.dials.busy": _("is busy"),
        "sim.dials.no-answer": _("does not answer"),
        "sim.dials.refused": _("refuses"),
        "sim.dials.error": _("the trunk fails"),
        "sim.callbacks.accepted": _("is taken down"),
        "sim.callbacks.already": _("was asked for before"),
        "sim.callbacks.full": _("there are too many"),
        "sim.callbacks.error": _("cannot be taken down"),
    }


def _lines() -> dict[str, str]:
    return {
        "sim.line.ring": _("Rings {text}"),
        "sim.line.queue": _("Waits in the queue {text}"),
        "sim.line.agent": _("An agent answers"),
        "sim.line.asks": _("Agent {text} is rung"),
        "sim.line.dial": _("{text} is called"),
        "sim.line.callee": _("Called party: {text}"),
        "sim.line.callback": _("Callback: {text}"),
        "sim.line.calls_back": _("A callback to {text} is asked for"),
        "sim.line.record": _("Recording: {text}"),
        "sim.line.message": _("A message is left for {text}"),
        "sim.line.speaks": _("Speaks {text}"),
        "sim.line.priority": _("Priority {text}"),
        "sim.line.language": _("Language {text}"),
        "sim.line.answers": _("Survey: {text}"),
        "sim.line.http": _("Asks a server: {text}"),
        "sim.line.notifies": _("Is sent: {text}"),
    }


def _cases() -> dict[str, str]:
    return {
        "cmd.cases": _("Change test cases"),
        "case.new": _("New test case"),
        "case.kept": _("{name} is kept with the flow."),
        "case.failed": _("{n} of {all} fail"),
        "case.passed": _("All {n} pass"),
        "case.state.failed": _("Failed"),
        "case.state.passed": _("Passed"),
        "case.state.unknown": _("Not run"),
        "case.state.stale": _("Changed since"),
        "case.show": _("Show on the canvas"),
        "case.show.failed": _("Show where it failed"),
        "case.rename": _("Rename"),
        "case.delete": _("Delete"),
        "case.anonymous": _("Anonymous"),
        "case.other": _("The flow goes another way now than it did in that call."),
    }
