"""The calls that follow from another, and the callbacks asked for in it, are found at once"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
FOLLOWS = sa.text("origin <> ''")


def upgrade() -> None:
    op.create_index("ix_calls_origin", "calls", ["origin"], sqlite_where=FOLLOWS, postgresql_where=FOLLOWS)
    op.create_index("ix_callbacks_origin", "callbacks", ["origin"])


def downgrade() -> None:
    op.drop_index("ix_callbacks_origin", table_name="callbacks")
    op.drop_index("ix_calls_origin", table_name="calls")
