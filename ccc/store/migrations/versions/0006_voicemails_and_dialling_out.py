"""Messages callers left; what a trunk needs for calls out"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import ccc.store.base

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DIALLING = (("caller_id", 64), ("out_username", 128), ("out_password", 255))


def upgrade() -> None:
    with op.batch_alter_table("trunks") as batch_op:
        for name, length in DIALLING:
            batch_op.add_column(sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    op.create_table(
        "voicemails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("instance", sa.String(length=64), nullable=False),
        sa.Column("skill_group", sa.String(length=64), nullable=False),
        sa.Column("caller", sa.String(length=128), nullable=False),
        sa.Column("callee", sa.String(length=128), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("at", ccc.store.base.UtcDateTime(), nullable=False),
        sa.Column("heard_by", sa.String(length=64), nullable=False),
        sa.Column("heard_at", ccc.store.base.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voicemails")),
        sa.UniqueConstraint("path", name=op.f("uq_voicemails_path")),
    )
    with op.batch_alter_table("voicemails") as batch_op:
        batch_op.create_index(batch_op.f("ix_voicemails_call_id"), ["call_id"])
        batch_op.create_index(batch_op.f("ix_voicemails_instance_at_id"), ["instance", "at", "id"])
        batch_op.create_index(
            batch_op.f("ix_voicemails_instance_skill_group_at_id"), ["instance", "skill_group", "at", "id"]
        )


def downgrade() -> None:
    op.drop_table("voicemails")
    with op.batch_alter_table("trunks") as batch_op:
        for name, _ in DIALLING:
            batch_op.drop_column(name)
