"""What has to be done before web and jobs start: the schema, sounds, places, the demonstration, a snapshot."""

from __future__ import annotations

import sys

from ccc.geo.ensure import ensure_table
from ccc.home import Home
from ccc.prompts.builtin import write_builtin
from ccc.services import first_owner
from ccc.services.demo import seed
from ccc.services.snapshot import export_snapshot
from ccc.settings import Settings
from ccc.store import open_store, upgrade


def run(home: Home, settings: Settings) -> None:
    """Upgrade the store; with ``settings.demo`` fill it and print new passwords; export the snapshot.

    Without any user ``home.first_start`` says where the first one is made.
    """
    upgrade(home)
    write_builtin(home)
    ensure_table(home)
    made = seed(home) if settings.demo else {}
    store = open_store(home)
    try:
        export_snapshot(store)
        home.first_start.unlink(missing_ok=True)
        if first_owner.needed(store):
            home.first_start.write_text(f"/setup?code={first_owner.code(home)}\n", "utf-8")
    finally:
        store.close()
    if made:
        lines = [f"  {user:<8} {password}" for user, password in made.items()]
        sys.stdout.write("Demonstration users (passwords are shown this once):\n" + "\n".join(lines) + "\n")
        sys.stdout.flush()
