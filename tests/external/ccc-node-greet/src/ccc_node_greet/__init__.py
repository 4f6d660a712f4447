"""A node type in a package of its own, as somebody outside the project would write it."""

from ccc.api import hookimpl
from ccc_node_greet.node import Greet


@hookimpl
def register_node_types() -> list[type[Greet]]:
    return [Greet]
