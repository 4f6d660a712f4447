"""Tags of call records (标签)."""
