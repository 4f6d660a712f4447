"""Dedicated agents (专属坐席, AGT-1)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ccc.store.base import Base, utc_now
from ccc.store.models.people import Membership


class DedicatedAgent(Base):
    """The agent who serves a customer. ``number``: as :func:`ccc.geo.normalise` writes it (E.164, else national)."""

    __tablename__ = "dedicated_agents"
    __table_args__ = (UniqueConstraint("instance_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(String(32))
    membership_id: Mapped[int] = mapped_column(ForeignKey("memberships.id", ondelete="CASCADE"), index=True)
    customer: Mapped[str] = mapped_column(String(128), default="")
    wait_s: Mapped[float] = mapped_column(default=0.0)
    """How long a call is kept for the agent while he is busy; then the skill group's other agents are asked."""
    revision: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[str] = mapped_column(String(64), default="")
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)

    membership: Mapped[Membership] = relationship()
