"""Account-level signals: from exports to one row per account and business unit at a cutoff."""
