"""Calls to closed numbers are found among a million others"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
CLOSED = sa.text("kind = 'closed'")


def upgrade() -> None:
    op.create_index(
        "ix_calls_closed", "calls", ["instance", "started_at", "id"], sqlite_where=CLOSED, postgresql_where=CLOSED
    )


def downgrade() -> None:
    op.drop_index("ix_calls_closed", table_name="calls")
