"""The commands, by the work that they belong to."""
