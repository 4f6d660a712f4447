"""Notify (发送通知): leave an SMS or a mail to be sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import (
    CONFIG,
    CallControl,
    Channel,
    Exit,
    FlowFailed,
    NodeType,
    Notice,
    Problem,
    References,
    TextTemplate,
    error_exit,
    hookimpl,
    setting,
)
from ccc.geo import normalise

ADDRESS = re.compile(r"[^\s@<>,;\x00-\x1f\x7f]+@[^\s@<>,;\x00-\x1f\x7f]+\.[^\s@<>,;\x00-\x1f\x7f]+")
MAX_TEXT = {"sms": 500, "mail": 10_000}


class Settings(BaseModel):
    model_config = CONFIG
    channel: Channel = setting("sms", en="By", zh="方式", choices={"sms": ("SMS", "短信"), "mail": ("Mail", "邮件")})
    to: TextTemplate = setting(
        TextTemplate("${sys.caller}"),
        en="To",
        zh="接收方",
        help_en="A telephone number, or a mail address.",
        help_zh="手机号码或邮箱地址。",
    )
    subject: TextTemplate = setting(TextTemplate(""), en="Subject (mail)", zh="主题（邮件）")
    text: TextTemplate = setting(en="Text", zh="内容", widget="text")


class Notify(NodeType):
    """Goes on at once: sending, and trying again, is done outside the call."""

    type = "notify"
    label = {"en": "Send a message", "zh": "发送通知"}
    category = "logic"
    icon = "envelope"
    help = {
        "en": "Sends an SMS or a mail, without the caller waiting for it.",
        "zh": "发送短信或邮件，不影响通话。",
    }
    Config = Settings
    examples = (
        {"text": "您好，您的来电我们已收到。"},
        {"channel": "mail", "to": "sales@example.com", "subject": "来电 ${sys.caller}", "text": "请回电"},
    )

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (Exit("next", {"en": "Next", "zh": "下一步"}, required=False), error_exit())

    def check(self, config: Settings, refs: References) -> Sequence[Problem]:
        if not config.text.source.strip():
            return (Problem("error", "empty-text", "the message has no text; write one", field="text"),)
        return ()

    async def run(self, call: CallControl, config: Settings) -> str:
        to, text, subject = (
            item.fill(call.variables, call.tables).strip() for item in (config.to, config.text, config.subject)
        )
        if len(text) > MAX_TEXT[config.channel]:
            raise FlowFailed(f"the text has {len(text)} characters; {config.channel} takes {MAX_TEXT[config.channel]}")
        subject = re.sub(r"[\x00-\x1f\x7f]+", " ", subject)[:200] if config.channel == "mail" else ""
        call.notify(Notice(config.channel, _receiver(config.channel, to), text, subject))
        return "next"


def _receiver(channel: Channel, to: str) -> str:
    """Whom it goes to, in one form. FlowFailed when nobody can be reached so: a caller who hides his number."""
    if channel == "mail":
        if not ADDRESS.fullmatch(to) or len(to) > 254:
            raise FlowFailed(f"{to[:80]!r} is not a mail address")
        return to
    number = normalise(to)
    if number.kind not in ("mobile", "international"):
        raise FlowFailed(f"{to[:80]!r} is not a number that gets SMS")
    return number.e164 or number.national


@hookimpl
def register_node_types() -> list[Any]:
    return [Notify]
