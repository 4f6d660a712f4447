"""账号权限: the users of the main account."""
