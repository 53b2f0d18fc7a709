"""From scores to one tier per account: assignment, releases and their store."""
