"""Who edits a flow's draft at the moment"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import ccc.store.base

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flow_locks",
        sa.Column("flow_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("shown_name", sa.String(length=255), nullable=False),
        sa.Column("taken_at", ccc.store.base.UtcDateTime(), nullable=False),
        sa.Column("seen_at", ccc.store.base.UtcDateTime(), nullable=False),
        sa.Column("saves", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow_id"], ["flows.id"], name=op.f("fk_flow_locks_flow_id_flows"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("flow_id", name=op.f("pk_flow_locks")),
    )


def downgrade() -> None:
    op.drop_table("flow_locks")
