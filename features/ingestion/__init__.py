"""How exports become canonical tables: found, read, mapped, checked, and written."""
