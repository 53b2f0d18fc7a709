"""Finding which accounts are one company, or a company and its parent, with the evidence for it."""
