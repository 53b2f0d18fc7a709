"""Measured ratios: each benchmark compares with what a person would otherwise use, within one run."""
