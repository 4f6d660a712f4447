"""The operation log is append-only: the database itself refuses to change or delete an entry

A later revision that rebuilds the table (``batch_alter_table``) must make the triggers again; a test notices.
"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

REFUSAL = "the operation log is append-only"
ACTS = ("update", "delete")


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(
            "CREATE FUNCTION audit_log_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
    for act in ACTS:
        body = (
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only()"
            if postgresql
            else f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
        op.execute(f"CREATE TRIGGER audit_log_no_{act} BEFORE {act.upper()} ON audit_log {body}")


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for act in ACTS:
        op.execute(f"DROP TRIGGER audit_log_no_{act}" + (" ON audit_log" if postgresql else ""))
    if postgresql:
        op.execute("DROP FUNCTION audit_log_append_only()")
