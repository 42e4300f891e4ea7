"""The outside systems: one folder each, `client.py` for the wire and `mapping.py` for what it means."""
