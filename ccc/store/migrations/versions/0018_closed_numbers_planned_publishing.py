"""Numbers that are closed in an emergency; publishing that is under way, has failed, or is planned"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import ccc.store.base

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = ccc.store.base.UtcDateTime()
    op.create_table(
        "number_closures",
        sa.Column("number_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("until", moment, nullable=True),
        sa.Column("says", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("voice", sa.String(length=64), nullable=False),
        sa.Column("audio", sa.String(length=128), nullable=False),
        sa.Column("flow", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["number_id"], ["numbers.id"], name=op.f("fk_number_closures_number_id_numbers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number_id", name=op.f("pk_number_closures")),
    )
    op.create_table(
        "flow_publications",
        sa.Column("flow_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow_id"], ["flows.id"], name=op.f("fk_flow_publications_flow_id_flows"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("flow_id", name=op.f("pk_flow_publications")),
    )
    op.create_table(
        "flow_schedules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flow_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(length=128), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("override", sa.String(length=200), nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow_id"], ["flows.id"], name=op.f("fk_flow_schedules_flow_id_flows"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_schedules")),
    )
    op.create_index(op.f("ix_flow_schedules_flow_id"), "flow_schedules", ["flow_id"])
    op.create_index("ix_flow_schedules_due", "flow_schedules", ["state", "at"])


def downgrade() -> None:
    op.drop_table("flow_schedules")
    op.drop_table("flow_publications")
    op.drop_table("number_closures")
