"""Trunks of the main account (中继线路)."""
