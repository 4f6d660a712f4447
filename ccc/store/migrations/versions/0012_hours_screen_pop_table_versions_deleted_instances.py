"""Calendars, screen pop, versions of lookup tables, blacklist entries that end, deleted instances"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

import ccc.store.base

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _columns() -> dict[str, list[sa.Column[Any]]]:
    """New columns by table (made anew each time: a column belongs to one table object)."""
    return {
        "instances": [
            sa.Column("pop_url", sa.String(length=1000), nullable=False, server_default=""),
            sa.Column("pop_when", sa.String(length=16), nullable=False, server_default="off"),
            sa.Column("pop_where", sa.String(length=16), nullable=False, server_default="tab"),
        ],
        "blacklist": [sa.Column("expires_at", ccc.store.base.UtcDateTime(), nullable=True)],
    }


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    _calendars()
    op.create_table(
        "lookup_table_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=255), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("at", ccc.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_lookup_table_versions_instance_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookup_table_versions")),
        sa.UniqueConstraint(
            "instance_id", "name", "revision", name=op.f("uq_lookup_table_versions_instance_id_name_revision")
        ),
    )
    op.create_table(
        "deleted_instances",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("deleted_by", sa.String(length=64), nullable=False),
        sa.Column("deleted_at", ccc.store.base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_deleted_instances")),
    )


def _calendars() -> None:
    op.create_table(
        "calendars",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("exceptions", sa.JSON(), nullable=False),
        sa.Column("holidays", sa.String(length=16), nullable=False),
        sa.Column("makeup_like", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", ccc.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_calendars_instance_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendars")),
        sa.UniqueConstraint("instance_id", "name", name=op.f("uq_calendars_instance_id_name")),
    )


def downgrade() -> None:
    for table in ("calendars", "lookup_table_versions", "deleted_instances"):
        op.drop_table(table)
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name)
