"""Settings of the instance (设置 > 基本信息)."""
