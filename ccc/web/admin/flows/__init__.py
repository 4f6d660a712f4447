"""IVR flows: list, import, copy, publish, versions, what a flow does."""
