"""What the operations share: the instance asked about, pages of lists, conditions, how an operation is described."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Annotated, Any, TypeVar

from apiflask import APIBlueprint
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from ccc.errors import CccError, InvalidError, say
from ccc.web.api.auth import actor

View = TypeVar("View", bound=Callable[..., Any])
EVERYBODY = ("admin", "supervisor", "agent")
UtcTime = Annotated[AwareDatetime, AfterValidator(lambda at: at.astimezone(UTC))]
"""A time with its offset."""
LOOKS = ("admin", "supervisor")
CHANGES = ("admin",)


class Model(BaseModel):
    """Base of what is answered; it reads our records."""

    model_config = ConfigDict(from_attributes=True)


class Asked(BaseModel):
    """Base of what is asked: a misspelt name is told, not ignored."""

    model_config = ConfigDict(extra="forbid")


class Where(Asked):
    """The instance meant."""

    instance: str | None = Field(
        default=None, max_length=64, description="The instance; needed while the key's user is in several."
    )

    def where(self) -> str:
        """The instance. InvalidError when it is not clear, NotFoundError when there is none for the user."""
        roles = actor().roles
        if self.instance is not None:
            actor().role(self.instance)
            return self.instance
        if len(roles) == 1:
            return next(iter(roles))
        if not roles:
            raise InvalidError(say("The key's user is in no instance; an administrator can add it."), field="instance")
        text = say("Name the instance: %(names)s.")
        raise InvalidError(text, field="instance", values={"names": ", ".join(sorted(roles))})


class IfMatch(BaseModel):
    """The condition of a change."""

    if_match: str | None = Field(default=None, description="The ETag the thing had when it was read.")


class PreconditionError(CccError):
    """The change does not say on what it was made."""

    code = "precondition-required"
    status = 428


class ChangedError(CccError):
    """The thing is not what the change was made on."""

    code = "stale"
    status = 412


def etag(revision: int) -> str:
    """Of the draft with this revision."""
    return f'"r{revision}"'


def wanted_revision(condition: IfMatch, now: int, *, needed: bool = True) -> int:
    """The revision ``If-Match`` names; ``now`` for ``*``, and for none unless it is ``needed``. ChangedError else."""
    given = (condition.if_match or "").strip()
    if not given and needed:
        raise PreconditionError(say("Send If-Match with the ETag of the draft you changed."), field="If-Match")
    tags = [tag.strip() for tag in given.split(",")]
    if not given or "*" in tags or etag(now) in tags:
        return now
    text = say("The draft is %(etag)s by now; read it, then send your change again.")
    raise ChangedError(text, field="If-Match", values={"etag": etag(now)})


def operation(blueprint: APIBlueprint, name: str, *roles: str, changes: bool = False) -> Callable[[View], View]:
    """The operation's id, who may use it (``x-roles``, tested one by one) and whether it changes something."""
    extensions: dict[str, Any] = {"x-roles": list(roles)} | ({"x-changes": True} if changes else {})
    return blueprint.doc(operation_id=name, extensions=extensions)
