"""Voicemail (语音信箱)."""
