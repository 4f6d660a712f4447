"""CCC: a self-hosted, plugin-based cloud call centre with a low-code IVR designer."""

__version__ = "0.1.0"
