"""Numbers: those of the instance (号码管理) and those of the main account (我的号码管理)."""
