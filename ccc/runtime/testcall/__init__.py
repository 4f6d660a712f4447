"""Test calls: an administrator's browser is the caller, through a number's flow or a draft of one."""
