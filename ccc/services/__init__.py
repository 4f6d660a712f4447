"""Use cases, one function each: check rights, own the transaction, write the audit log (no Flask, no telephone)."""
