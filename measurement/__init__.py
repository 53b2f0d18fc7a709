"""Measuring what the tiers and playbooks brought: captured value and lift against what people use today."""
