"""查询表: tables that flows look things up in, and their rows."""
