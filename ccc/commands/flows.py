"""``ccc flows``: one group, filled by the modules imported here."""

from ccc.commands import flows_check, flows_store
from ccc.commands.flows_group import flows

__all__ = ["flows", "flows_check", "flows_store"]
