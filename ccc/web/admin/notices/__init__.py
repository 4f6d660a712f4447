"""Messages flows had sent (短信与邮件)."""
