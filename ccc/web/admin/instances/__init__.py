"""Instances of the main account (实例管理)."""
