"""Fault campaigns: each module is a command, `python -m campaigns.<name>`, and a quick tier in `tests/faults`."""
