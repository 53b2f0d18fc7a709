"""The signals, one family per file."""
