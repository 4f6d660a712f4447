"""Audio of the instance (音频)."""
