"""Who sends SMS and mail: which plugins can, with what settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from ccc.api.notice import Notifier
from ccc.bus import request
from ccc.errors import ForbiddenError, InvalidError, NotFoundError, say
from ccc.home import Home
from ccc.services import sealed
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.store import Store
from ccc.store.repos import audit, users

LAST_RESORT = "log"
SECRET = "secret"  # noqa: S105
"""The widget of settings that are kept sealed and never shown again."""
TEST_TIMEOUT_S = 30.0


def choose(known: Mapping[str, Notifier], channel: str) -> Notifier | None:
    """The first notifier of the channel; ``log`` only when there is no other."""
    able = [item for item in known.values() if channel in item.channels]
    return next((item for item in able if item.name != LAST_RESORT), able[0] if able else None)


def ready(store: Store, known: Mapping[str, Notifier]) -> dict[str, Notifier]:
    """Those that need no settings, and those that have them (given to them now)."""
    found = {}
    for name, notifier in known.items():
        if config_of(notifier) is not None:
            values = _stored(store, name)
            if values is None:
                continue
            notifier.configure(_typed(notifier, _unsealed(store.home, notifier, values)))  # type: ignore[attr-defined]
        found[name] = notifier
    return found


def sends(store: Store, known: Mapping[str, Notifier], channel: str) -> bool:
    """Whether a plugin that really sends is there and set up."""
    able = [item for item in known.values() if channel in item.channels and item.name != LAST_RESORT]
    return any(config_of(item) is None or _stored(store, item.name) is not None for item in able)


def config_of(notifier: Notifier) -> type[BaseModel] | None:
    """The declared settings of a notifier, None when it has none."""
    return getattr(notifier, "Config", None)


def secrets_of(notifier: Notifier) -> frozenset[str]:
    """Names of the settings that are secrets."""
    config = config_of(notifier)
    fields = config.model_fields if config is not None else {}
    return frozenset(
        name
        for name, field in fields.items()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("x-widget") == SECRET
    )


def get_settings(store: Store, actor: Actor, notifier: Notifier) -> dict[str, Any] | None:
    """The settings without secrets; None when it is not set up."""
    _require_first_owner(store, actor)
    values = _stored(store, notifier.name)
    hidden = secrets_of(notifier)
    return None if values is None else {name: value for name, value in values.items() if name not in hidden}


def save_settings(store: Store, actor: Actor, notifier: Notifier, wanted: Mapping[str, Any]) -> None:
    """Keep them; an empty secret leaves the one there is. InvalidError names the field."""
    _require_first_owner(store, actor)
    old = _stored(store, notifier.name) or {}
    hidden = secrets_of(notifier)
    kept = _unsealed(store.home, notifier, {name: old[name] for name in hidden & old.keys()})
    values = {**wanted, **{name: wanted.get(name) or kept.get(name, "") for name in hidden}}
    stored = _typed(notifier, values).model_dump(mode="json")
    shown = {name: value for name, value in stored.items() if name not in hidden}
    stored |= {name: sealed.seal(store.home, stored[name]) if stored[name] else "" for name in hidden}
    before = {name: value for name, value in old.items() if name not in hidden} or None
    with store.write() as session:
        audit.set_setting(session, _key(notifier.name), stored)
        note(session, actor, "plugin.settings", notifier.name, before=before, after=shown)


def forget_settings(store: Store, actor: Actor, notifier: Notifier) -> None:
    """The plugin sends no more."""
    _require_first_owner(store, actor)
    with store.write() as session:
        audit.set_setting(session, _key(notifier.name), None)
        note(session, actor, "plugin.settings", notifier.name, after={})


def send_test(store: Store, actor: Actor, notifier: Notifier, to: str, subject: str, text: str) -> None:
    """Have jobs send a message now. InvalidError at ``to`` with the words of the plugin or the world outside."""
    _require_first_owner(store, actor)
    question = {"op": "test-notice", "notifier": notifier.name, "to": to, "subject": subject, "text": text}
    answer = request(store.home.socket("jobs"), question, TEST_TIMEOUT_S)
    if "error" in answer:
        why = answer["error"].get("message", "")
        raise InvalidError(say("It was not sent: %(why)s"), field="to", values={"why": why})


def may_set_up(store: Store, actor: Actor) -> bool:
    """Whether the actor may see and change settings of plugins."""
    try:
        _require_first_owner(store, actor)
    except (ForbiddenError, NotFoundError):
        return False
    return True


def _require_first_owner(store: Store, actor: Actor) -> None:
    """Plugins serve the whole installation: its first account's owners set them up."""
    if actor.system:
        return
    with store.read() as session:
        first = next(iter(users.account_names(session)), "")
    if actor.account != first:
        raise ForbiddenError(say("Plugins are set up by the owner of the installation's first account."))
    actor.require_account(first, "owner")


def _typed(notifier: Notifier, values: Mapping[str, Any]) -> BaseModel:
    config = config_of(notifier)
    if config is None:
        raise NotFoundError(say("This plugin has no settings."))
    try:
        return config.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else None
        raise InvalidError(say("Not good: %(reason)s"), field=field, values={"reason": first["msg"]}) from None


def _unsealed(home: Home, notifier: Notifier, values: Mapping[str, Any]) -> dict[str, Any]:
    hidden = secrets_of(notifier)
    return {name: sealed.unseal(home, value) if name in hidden and value else value for name, value in values.items()}


def _stored(store: Store, name: str) -> dict[str, Any] | None:
    with store.read() as session:
        found = audit.setting(session, _key(name))
    return found if isinstance(found, dict) else None


def _key(name: str) -> str:
    return f"plugin.notifier.{name}"[:64]
