"""Which test takes each exit of each node type in a real call, or why none is needed.

``*`` stands for exits whose names the flow's author chooses. A callback's outcomes are exits of its step, too.
"""

from __future__ import annotations

AGENTS = "test_agents.py::test_answered_heard_recorded_and_wrapped_up"
BACK = "test_callback.py::"
DATA = "test_data_nodes.py::"
EXIT = "test_every_exit.py::"
GONE = EXIT + "test_what_is_gone_leaves_by_error_and_the_call_goes_on"
IVR = "test_ivr.py::"
MAIL = "test_voicemail.py::"
NAMED = "test_transfer_agent.py::"
OUT = "test_transfer_external.py::"

NO_MEDIA = "no call: decides from variables, clock or chance, as in the simulator; no media, SIP or HTTP"
ONLY_READS = "no call: reads the state of the queues, which tests/acd and tests/runtime prove; the call hears nothing"
NEVER = "no call: nothing the runtime does there fails today; kept for node control of other backends"

PROOFS: dict[str, dict[str, str]] = {
    "ab_split": {"*": NO_MEDIA},
    "blacklist": {
        "hit": DATA + "test_an_unwanted_caller_is_refused_and_a_new_one_not_found",
        "miss": DATA + "test_a_known_caller_is_found_and_a_message_left",
    },
    "callback_request": {
        "accepted": BACK + "test_the_place_is_kept_and_the_two_talk",
        "invalid": BACK + "test_keyed_in_asked_twice_cancelled",
        "full": EXIT + "test_a_full_queue_and_too_many_callbacks",
        "error": GONE,
    },
    "collect": {
        "ok": EXIT + "test_digits",
        "timeout": EXIT + "test_digits",
        "invalid": EXIT + "test_digits",
        "error": GONE,
    },
    "condition": {"*": DATA + "test_the_server_is_asked_and_its_answer_decides", "else": NO_MEDIA},
    "function": {
        "success": DATA + "test_the_server_is_asked_and_its_answer_decides",
        "error": DATA + "test_a_server_that_cannot_be_asked_leaves_by_error",
    },
    "hangup": {},
    "hours": {
        "open": DATA + "test_a_known_caller_is_found_and_a_message_left",
        "closed": NO_MEDIA,
        "holiday": NO_MEDIA,
    },
    "language": {"next": NO_MEDIA},
    "lookup": {
        "found": DATA + "test_a_known_caller_is_found_and_a_message_left",
        "not_found": DATA + "test_an_unwanted_caller_is_refused_and_a_new_one_not_found",
        "error": GONE,
    },
    "menu": {"*": IVR + "test_menu", "timeout": IVR + "test_menu", "wrong": IVR + "test_menu", "error": GONE},
    "notify": {"next": DATA + "test_a_known_caller_is_found_and_a_message_left", "error": GONE},
    "play": {"done": IVR + "test_menu", "error": GONE},
    "priority": {"next": NO_MEDIA},
    "queue": {
        "answered": AGENTS,
        "timeout": "test_queue.py::test_queue_times_out_into_its_exit",
        "no_agent": "test_queue.py::test_nobody_on_duty_leaves_at_once",
        "overflow": EXIT + "test_a_full_queue_and_too_many_callbacks",
        "key": BACK + "test_the_place_is_kept_and_the_two_talk",
        "error": GONE,
    },
    "queue_state": {
        "ok": ONLY_READS,
        "busy": ONLY_READS,
        "nobody": DATA + "test_a_known_caller_is_found_and_a_message_left",
        "error": GONE,
    },
    "record": {"next": MAIL + "test_recording_is_switched_in_the_flow"},
    "set_variable": {"next": NO_MEDIA},
    "start": {"next": IVR + "test_menu", "error": GONE},
    "subflow": {"done": EXIT + "test_a_sub_flow_runs_and_comes_back", "error": GONE},
    "survey": {
        "done": MAIL + "test_survey_after_the_agent_hung_up",
        "no_answer": MAIL + "test_survey_after_the_agent_hung_up",
        "error": GONE,
    },
    "transfer_agent": {
        "answered": NAMED + "test_only_he_rings_they_talk_and_the_flow_goes_on",
        "no_such_agent": NAMED + "test_offline_and_unknown",
        "offline": NAMED + "test_offline_and_unknown",
        "busy": NAMED + "test_busy_on_another_call",
        "timeout": NAMED + "test_rejected_and_missed",
        "error": NEVER,
    },
    "transfer_external": {
        "answered": OUT + "test_answered_they_hear_each_other_and_the_flow_goes_on",
        "busy": OUT + "test_not_answered",
        "no_answer": OUT + "test_not_answered",
        "refused": OUT + "test_not_answered",
        "error": OUT + "test_not_answered",
    },
    "voicemail": {
        "recorded": MAIL + "test_silence_ends_the_message",
        "too_short": MAIL + "test_who_says_nothing_leaves_nothing",
        "error": GONE,
    },
    "wait": {"done": EXIT + "test_a_full_queue_and_too_many_callbacks"},
}
"""Node type -> exit -> ``file::test`` in tests/calls, or ``no call: reason``."""

CALLBACK_OUTCOMES: dict[str, str] = {
    "busy": BACK + "test_tried_again_then_given_up",
    "no-answer": BACK + "test_not_reached",
    "refused": BACK + "test_not_reached",
    "failed": BACK + "test_not_reached",
    "no-line": BACK + "test_without_a_line_and_without_a_trunk",
    "no-trunk": BACK + "test_without_a_line_and_without_a_trunk",
    "agent-hangup": BACK + "test_given_up_by_the_agent_then_called_now",
    "lost": BACK + "test_kill_9",
    "reached": BACK + "test_not_reached",
    "no-group": BACK + "test_without_a_line_and_without_a_trunk",
    "shutdown": BACK + "test_a_restart_is_not_the_customers_doing",
    "callee-hangup": "no call: only in the moment between his answer and the bridge; after it he had his call",
    "no-agent": "no call: the agent is lost in that moment and the group is deleted before another one is free",
}
"""The reasons of docs/protocols.md, "Callbacks"."""
