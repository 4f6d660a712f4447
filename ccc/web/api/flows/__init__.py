"""The life of a flow over the API (IVR-7)."""
