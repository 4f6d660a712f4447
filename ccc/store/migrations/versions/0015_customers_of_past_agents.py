"""Who leaves an instance leaves word of his customers (专属坐席), so that he gets them back with his place"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("past_agents", sa.Column("customers", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("past_agents") as batch_op:
        batch_op.drop_column("customers")
