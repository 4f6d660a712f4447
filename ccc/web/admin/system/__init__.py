"""Operation log (操作日志) and plugins (插件)."""
