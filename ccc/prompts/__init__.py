"""Prompts on disk: raw A-law, 8 kHz mono. ``keys`` is light (the runtime imports it); the rest needs numpy and soxr."""
