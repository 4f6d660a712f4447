"""Requests of flows to other servers (``client``), with a guard against requests into our own network (``guard``)."""
