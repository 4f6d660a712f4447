"""The volume of spoken audio"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audio", sa.Column("volume", sa.Integer(), nullable=False, server_default="100"))


def downgrade() -> None:
    op.drop_column("audio", "volume")
