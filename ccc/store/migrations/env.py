"""Alembic's entry: always run from code (:func:`ccc.store.schema.upgrade`), with a connection handed in."""

from __future__ import annotations

from alembic import context

from ccc.store.base import Base
from ccc.store.models import Call

assert Call.metadata is Base.metadata  # the models are loaded

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
