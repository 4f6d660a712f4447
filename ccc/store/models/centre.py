"""Call-centre instances and what belongs to them: skill groups, trunks, numbers, audio."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ccc.store.base import Base, utc_now
from ccc.store.models.people import Account, Membership

BREAKS = ("小休", "用餐", "培训", "会议")


class Instance(Base):
    """A call-centre instance (INS-1). ``name`` is unique and never changes: call records carry it."""

    __tablename__ = "instances"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(String(255), default="")
    description: Mapped[str] = mapped_column(String(500), default="", server_default="")
    timezone: Mapped[str] = mapped_column(String(64), default="Asia/Shanghai")
    max_calls: Mapped[int] = mapped_column(default=0)
    max_call_s: Mapped[int] = mapped_column(default=4 * 3600)
    break_reasons: Mapped[list[str]] = mapped_column(default=lambda: list(BREAKS))
    recording: Mapped[bool] = mapped_column(default=True)
    pop_url: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    pop_when: Mapped[str] = mapped_column(String(16), default="off", server_default="off")
    """Screen pop (来电弹屏): ``off``, ``ring`` or ``accept``; opened in a ``tab`` or beside the call (``panel``)."""
    pop_where: Mapped[str] = mapped_column(String(16), default="tab", server_default="tab")
    familiar: Mapped[bool] = mapped_column(default=False)
    """Familiar mode (熟人模式): who talked with the caller last is asked first. Groups may differ."""
    familiar_wait_s: Mapped[float] = mapped_column(default=0.0)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    account: Mapped[Account] = relationship()


class SkillGroup(Base):
    """A queue and the agents who serve it (SKL-1). Times in seconds."""

    __tablename__ = "skill_groups"
    __table_args__ = (UniqueConstraint("instance_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(255), default="")
    ring_timeout_s: Mapped[float] = mapped_column(default=20.0)
    misses_allowed: Mapped[int] = mapped_column(default=1)
    wrap_up_s: Mapped[float] = mapped_column(default=30.0)
    service_level_s: Mapped[float] = mapped_column(default=20.0)
    dispositions: Mapped[list[str]] = mapped_column(default=list)
    queue_timeout_s: Mapped[float] = mapped_column(default=300.0)
    """This and the next ones count where the queue node does not say otherwise."""
    max_waiting: Mapped[int | None] = mapped_column(default=None)
    announce_every_s: Mapped[float] = mapped_column(default=0.0)
    announce_position: Mapped[bool] = mapped_column(default=True)
    announce_wait: Mapped[bool] = mapped_column(default=False)
    music: Mapped[str] = mapped_column(String(128), default="")
    familiar: Mapped[str] = mapped_column(String(8), default="")
    """``on``, ``off``, or '' as the instance has it."""
    familiar_wait_s: Mapped[float] = mapped_column(default=0.0)
    revision: Mapped[int] = mapped_column(default=1)
    """Grows with every change, members included: who saves an older one gets a conflict."""

    instance: Mapped[Instance] = relationship()
    members: Mapped[list[GroupMember]] = relationship(back_populates="group", cascade="all, delete-orphan")
    numbers: Mapped[list[Number]] = relationship(secondary="number_groups", viewonly=True)


class GroupMember(Base):
    """An agent's membership in a skill group; level 1 is asked first."""

    __tablename__ = "group_members"
    group_id: Mapped[int] = mapped_column(ForeignKey("skill_groups.id", ondelete="CASCADE"), primary_key=True)
    membership_id: Mapped[int] = mapped_column(
        ForeignKey("memberships.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    level: Mapped[int] = mapped_column(default=1)

    group: Mapped[SkillGroup] = relationship(back_populates="members")
    membership: Mapped[Membership] = relationship()


number_trunks = Table(
    "number_trunks",
    Base.metadata,
    Column("number_id", ForeignKey("numbers.id", ondelete="CASCADE"), primary_key=True),
    Column("trunk_id", ForeignKey("trunks.id", ondelete="CASCADE"), primary_key=True),
)

number_groups = Table(
    "number_groups",
    Base.metadata,
    Column("number_id", ForeignKey("numbers.id", ondelete="CASCADE"), primary_key=True),
    Column("group_id", ForeignKey("skill_groups.id", ondelete="CASCADE"), primary_key=True),
)
"""Numbers a skill group calls out with (NUM-2). Never a 400 number (NUM-10): the service refuses."""


class Trunk(Base):
    """A line to a carrier or gateway (SIP-1..4). ``name`` is its id in the snapshot and in call records."""

    __tablename__ = "trunks"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(16), default="address")
    addresses: Mapped[list[str]] = mapped_column(default=list)
    username: Mapped[str] = mapped_column(String(128), default="")
    password_ha1: Mapped[str] = mapped_column(String(64), default="")
    realm: Mapped[str] = mapped_column(String(128), default="ccc")
    host: Mapped[str] = mapped_column(String(255), default="")
    port: Mapped[int] = mapped_column(default=5060)
    caller_id: Mapped[str] = mapped_column(String(64), default="")
    out_username: Mapped[str] = mapped_column(String(128), default="")
    out_password: Mapped[str] = mapped_column(String(255), default="")
    """Readable: the carrier's challenge decides what is hashed with it."""
    called_from: Mapped[str] = mapped_column(String(32), default="request-uri")
    caller_from: Mapped[str] = mapped_column(String(32), default="p-asserted-identity")
    called_rules: Mapped[list[list[str]]] = mapped_column(default=list)
    """``[[prefix, replace], ...]``"""
    caller_rules: Mapped[list[list[str]]] = mapped_column(default=list)
    max_calls: Mapped[int] = mapped_column(default=0)
    advertise_sip: Mapped[str] = mapped_column(String(255), default="")
    advertise_media: Mapped[str] = mapped_column(String(255), default="")
    enabled: Mapped[bool] = mapped_column(default=True)
    revision: Mapped[int] = mapped_column(default=1)


class Number(Base):
    """A number of an account, added to an instance and bound to a flow by its symbolic name (NUM-2)."""

    __tablename__ = "numbers"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("instances.id", ondelete="SET NULL"), index=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    flow: Mapped[str] = mapped_column(String(128), default="")
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    trunks: Mapped[list[Trunk]] = relationship(secondary=number_trunks)
    groups: Mapped[list[SkillGroup]] = relationship(secondary=number_groups)


class Audio(Base):
    """An audio, as raw A-law at ``path`` (relative to the uploads folder); spoken when it has a ``text``."""

    __tablename__ = "audio"
    __table_args__ = (UniqueConstraint("instance_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(128))
    path: Mapped[str] = mapped_column(String(255))
    seconds: Mapped[float] = mapped_column(default=0.0)
    text: Mapped[str] = mapped_column(Text, default="", server_default="")
    voice: Mapped[str] = mapped_column(String(64), default="", server_default="")
    speed: Mapped[float] = mapped_column(default=1.0, server_default="1")
    volume: Mapped[int] = mapped_column(default=100, server_default="100")
    revision: Mapped[int] = mapped_column(default=1)
    uploaded_by: Mapped[str] = mapped_column(String(64), default="")
    uploaded_at: Mapped[datetime] = mapped_column(default=utc_now)
