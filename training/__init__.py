"""Learning and judging models: cutoffs, evaluation, tracking, promotion."""
