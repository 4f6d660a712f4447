"""Outbound numbers of skill groups, descriptions of instances, what spoken audio says"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "number_groups",
        sa.Column("number_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["skill_groups.id"], name=op.f("fk_number_groups_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["number_id"], ["numbers.id"], name=op.f("fk_number_groups_number_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number_id", "group_id", name=op.f("pk_number_groups")),
    )
    op.add_column("instances", sa.Column("description", sa.String(length=500), nullable=False, server_default=""))
    op.add_column("audio", sa.Column("text", sa.Text(), nullable=False, server_default=""))
    op.add_column("audio", sa.Column("voice", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("audio", sa.Column("speed", sa.Double(), nullable=False, server_default="1"))


def downgrade() -> None:
    for column in ("speed", "voice", "text"):
        op.drop_column("audio", column)
    op.drop_column("instances", "description")
    op.drop_table("number_groups")
