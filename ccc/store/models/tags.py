"""Tags (标签) of an instance and the calls that carry them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ccc.store.base import Base


class Tag(Base):
    """A word for calls, with a colour by its name in the pages' palette."""

    __tablename__ = "tags"
    __table_args__ = (UniqueConstraint("instance_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(32))
    colour: Mapped[str] = mapped_column(String(16), default="grey")
    revision: Mapped[int] = mapped_column(default=1)


class CallTag(Base):
    """A call carries a tag. The call's start is repeated: pages of a tag's calls are read from one index."""

    __tablename__ = "call_tags"
    __table_args__ = (Index(None, "tag_id", "started_at", "call_id"),)
    call_id: Mapped[str] = mapped_column(String(64), ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)
    started_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(64), default="")
