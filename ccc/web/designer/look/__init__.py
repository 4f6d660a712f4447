"""A flow to look at: its versions and what differs, past calls step by step, calls now, the heat map."""
