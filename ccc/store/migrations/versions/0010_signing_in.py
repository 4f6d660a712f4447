"""Second factor, sessions of the pages, forgotten passwords, messages that expire"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import ccc.store.base

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("accounts") as batch_op:
        batch_op.add_column(sa.Column("two_factor", sa.String(length=16), nullable=False, server_default=""))
    with op.batch_alter_table("users") as batch_op:
        batch_op.add_column(sa.Column("tf_counter", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("tf_since", ccc.store.base.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("mf_recovery_codes", sa.JSON(), nullable=True))
    with op.batch_alter_table("notifications") as batch_op:
        batch_op.add_column(sa.Column("expires_at", ccc.store.base.UtcDateTime(), nullable=True))
    op.create_table(
        "web_sessions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("began_at", ccc.store.base.UtcDateTime(), nullable=False),
        sa.Column("seen_at", ccc.store.base.UtcDateTime(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=255), nullable=False),
        sa.Column("ended_at", ccc.store.base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_web_sessions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_sessions")),
    )
    op.create_table(
        "password_resets",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("made_at", ccc.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_password_resets_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_password_resets")),
    )
    for table in ("web_sessions", "password_resets"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_user_id"), ["user_id"])


def downgrade() -> None:
    op.drop_table("password_resets")
    op.drop_table("web_sessions")
    with op.batch_alter_table("notifications") as batch_op:
        batch_op.drop_column("expires_at")
    with op.batch_alter_table("users") as batch_op:
        for name in ("mf_recovery_codes", "tf_since", "tf_counter"):
            batch_op.drop_column(name)
    with op.batch_alter_table("accounts") as batch_op:
        batch_op.drop_column("two_factor")
