"""Company names in any script, taken apart and compared."""
