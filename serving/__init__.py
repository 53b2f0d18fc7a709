"""The HTTP service: scores, tiers, recommendations and feedback."""
