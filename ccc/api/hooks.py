"""The marker a plugin puts on a function that implements a hook of :mod:`ccc.hookspecs`."""

import pluggy

PROJECT = "ccc"
hookimpl = pluggy.HookimplMarker(PROJECT)
hookspec = pluggy.HookspecMarker(PROJECT)
