"""Exports of call records; call records found by disposition"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import ccc.store.base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("calls") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_calls_instance_disposition_started_at_id"),
            ["instance", "disposition", "started_at", "id"],
            unique=False,
        )
    op.create_table(
        "exports",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("instance", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=255), nullable=False),
        sa.Column("created_at", ccc.store.base.UtcDateTime(), nullable=False),
        sa.Column("expires_at", ccc.store.base.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    with op.batch_alter_table("exports") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_exports_instance_user_created_at"), ["instance", "user", "created_at"], unique=False
        )


def downgrade() -> None:
    op.drop_table("exports")
    with op.batch_alter_table("calls") as batch_op:
        batch_op.drop_index(batch_op.f("ix_calls_instance_disposition_started_at_id"))
