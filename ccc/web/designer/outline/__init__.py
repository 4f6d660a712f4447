"""The flow as a list that can be edited with plain forms."""
