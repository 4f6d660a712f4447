"""The low-code flow language: document -> check -> compile -> interpreter; simulator with virtual time. No I/O."""
