"""黑名单: callers an instance does not want."""
