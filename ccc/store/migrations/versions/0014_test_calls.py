"""Test calls are found among a million real ones"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
TEST = sa.text("direction = 'test'")


def upgrade() -> None:
    with op.batch_alter_table("calls") as batch_op:
        batch_op.create_index(
            "ix_calls_tests",
            ["instance", "started_at", "id"],
            unique=False,
            sqlite_where=TEST,
            postgresql_where=TEST,
        )


def downgrade() -> None:
    with op.batch_alter_table("calls") as batch_op:
        batch_op.drop_index("ix_calls_tests")
