"""Callbacks, dedicated and familiar agents, what a queue does unless its node says otherwise"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

import ccc.store.base

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _columns() -> dict[str, list[sa.Column[Any]]]:
    """New columns by table (made anew each time: a column belongs to one table object)."""
    return {
        "skill_groups": [
            sa.Column("queue_timeout_s", sa.Double(), nullable=False, server_default="300"),
            sa.Column("max_waiting", sa.Integer(), nullable=True),
            sa.Column("announce_every_s", sa.Double(), nullable=False, server_default="0"),
            sa.Column("announce_position", sa.Boolean(), nullable=False, server_default=sa.true()),
            sa.Column("announce_wait", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("music", sa.String(length=128), nullable=False, server_default=""),
            sa.Column("familiar", sa.String(length=8), nullable=False, server_default=""),
            sa.Column("familiar_wait_s", sa.Double(), nullable=False, server_default="0"),
        ],
        "instances": [
            sa.Column("familiar", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("familiar_wait_s", sa.Double(), nullable=False, server_default="0"),
        ],
        "calls": [
            sa.Column("kind", sa.String(length=16), nullable=False, server_default=""),
            sa.Column("origin", sa.String(length=64), nullable=False, server_default=""),
        ],
    }


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    _callbacks()
    op.create_table(
        "dedicated_agents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("wait_s", sa.Double(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", ccc.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_dedicated_agents_instance_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["memberships.id"], name=op.f("fk_dedicated_agents_membership_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dedicated_agents")),
        sa.UniqueConstraint("instance_id", "number", name=op.f("uq_dedicated_agents_instance_id_number")),
    )
    with op.batch_alter_table("dedicated_agents") as batch_op:
        batch_op.create_index(batch_op.f("ix_dedicated_agents_membership_id"), ["membership_id"])


def _callbacks() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("instance", sa.String(length=64), nullable=False),
        sa.Column("skill_group", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("caller", sa.String(length=128), nullable=False),
        sa.Column("callee", sa.String(length=128), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("last_call", sa.String(length=64), nullable=False),
        sa.Column("since", ccc.store.base.UtcDateTime(), nullable=False),
        sa.Column("asked_at", ccc.store.base.UtcDateTime(), nullable=False),
        sa.Column("next_at", ccc.store.base.UtcDateTime(), nullable=True),
        sa.Column("closed_at", ccc.store.base.UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
    )
    with op.batch_alter_table("callbacks") as batch_op:
        batch_op.create_index(batch_op.f("ix_callbacks_instance_asked_at_id"), ["instance", "asked_at", "id"])
        batch_op.create_index(
            batch_op.f("ix_callbacks_instance_skill_group_asked_at_id"), ["instance", "skill_group", "asked_at", "id"]
        )


def downgrade() -> None:
    op.drop_table("dedicated_agents")
    op.drop_table("callbacks")
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name)
