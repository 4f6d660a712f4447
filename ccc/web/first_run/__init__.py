"""The first start: a page that makes the main account and its owner, while there is nobody."""

from ccc.web.first_run.routes import blueprint, set_up

__all__ = ["blueprint", "set_up"]
