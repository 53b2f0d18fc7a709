"""The command line of Glocal."""
