"""Keys of the REST API"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import ccc.store.base

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", ccc.store.base.UtcDateTime(), nullable=False),
        sa.Column("expires_at", ccc.store.base.UtcDateTime(), nullable=True),
        sa.Column("revoked_at", ccc.store.base.UtcDateTime(), nullable=True),
        sa.Column("used_at", ccc.store.base.UtcDateTime(), nullable=True),
        sa.Column("used_from", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )
    with op.batch_alter_table("api_keys") as batch_op:
        batch_op.create_index(batch_op.f("ix_api_keys_user_id"), ["user_id"])


def downgrade() -> None:
    op.drop_table("api_keys")
