"""Revisions of what people edit, roles in the main account, agents taken out of an instance, a fuller audit log"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import ccc.store.base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EDITED = ("audio", "instances", "memberships", "numbers", "skill_groups", "trunks", "users")


def upgrade() -> None:
    for table in EDITED:
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("users") as batch_op:
        batch_op.add_column(sa.Column("account_role", sa.String(length=16), nullable=False, server_default=""))
    with op.batch_alter_table("audit_log") as batch_op:
        batch_op.add_column(sa.Column("account", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("address", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("before", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("after", sa.JSON(), nullable=True))
    op.create_table(
        "past_agents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("auto_answer", sa.Boolean(), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("removed_at", ccc.store.base.UtcDateTime(), nullable=False),
        sa.Column("removed_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_past_agents_instance_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_agents")),
        sa.UniqueConstraint("instance_id", "username", name=op.f("uq_past_agents_instance_id_username")),
    )
    # Somebody must see the console of an account made before: its first administrator.
    op.execute(
        "UPDATE users SET account_role = 'owner' WHERE id IN (SELECT MIN(users.id) FROM users"
        " JOIN memberships ON memberships.user_id = users.id AND memberships.role = 'admin'"
        " JOIN instances ON instances.id = memberships.instance_id AND instances.account_id = users.account_id"
        " GROUP BY users.account_id)"
    )
