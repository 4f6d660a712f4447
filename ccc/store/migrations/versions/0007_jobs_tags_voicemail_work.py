"""Work of the jobs process, tags of calls, what is done with voicemails"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import ccc.store.base

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

VOICEMAIL_TEXTS = (("note", sa.Text()), ("done_by", sa.String(length=64)), ("deleted_by", sa.String(length=64)))
VOICEMAIL_TIMES = ("done_at", "deleted_at")


def upgrade() -> None:
    with op.batch_alter_table("voicemails") as batch_op:
        for name, kind in VOICEMAIL_TEXTS:
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=""))
        for name in VOICEMAIL_TIMES:
            batch_op.add_column(sa.Column(name, ccc.store.base.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    fresh = sa.text("heard_at IS NULL AND done_at IS NULL AND deleted_at IS NULL")
    op.create_index(
        "ix_voicemails_new", "voicemails", ["instance", "skill_group"], sqlite_where=fresh, postgresql_where=fresh
    )
    _jobs()
    _tags()


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("instance", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=255), nullable=False),
        sa.Column("task", sa.JSON(), nullable=False),
        sa.Column("recurring", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("created_at", ccc.store.base.UtcDateTime(), nullable=False),
        sa.Column("started_at", ccc.store.base.UtcDateTime(), nullable=True),
        sa.Column("ended_at", ccc.store.base.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_created_at_id"), "jobs", ["created_at", "id"])
    op.create_index(op.f("ix_jobs_instance_created_at_id"), "jobs", ["instance", "created_at", "id"])


def _tags() -> None:
    op.create_table(
        "tags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("colour", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_tags_instance_id_instances"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("instance_id", "name", name=op.f("uq_tags_instance_id_name")),
    )
    op.create_table(
        "call_tags",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.Column("started_at", ccc.store.base.UtcDateTime(), nullable=False),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_tags_call_id_calls"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_call_tags_tag_id_tags"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "tag_id", name=op.f("pk_call_tags")),
    )
    op.create_index(op.f("ix_call_tags_tag_id_started_at_call_id"), "call_tags", ["tag_id", "started_at", "call_id"])


def downgrade() -> None:
    op.drop_table("call_tags")
    op.drop_table("tags")
    op.drop_table("jobs")
    op.drop_index("ix_voicemails_new", "voicemails")
    with op.batch_alter_table("voicemails") as batch_op:
        for name in (*VOICEMAIL_TIMES, *(name for name, _ in VOICEMAIL_TEXTS), "revision"):
            batch_op.drop_column(name)
