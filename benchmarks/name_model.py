"""Fits the model of company names on simulated pairs: ``python -m benchmarks.name_model`` writes it into features."""

from __future__ import annotations

import sys

import lightgbm as lgb
import numpy as np

from features.names.evidence import NAMES, weigh
from features.names.probability import MODEL
from features.names.words import take_apart
from simulation.company_pairs import name_pairs

PAIRS, HELD_OUT, SEED = 240_000, 40_000, 7
RISING = ("exact", "shared", "own_shared", "spelling", "rest_spelling", "initials")
FALLING = (
    "own_on_both", "own_on_one", "trade_on_both", "trade_on_one", "place_on_both", "place_on_one", "numbers_on_both",
    "numbers_on_one", "first_differs",
)  # fmt: skip
"""What can only speak for, and only against, two names being one company's."""

_SETTINGS = {
    "objective": "binary", "num_leaves": 4, "learning_rate": 0.08, "min_data_in_leaf": 50, "bagging_fraction": 0.8,
    "bagging_freq": 1, "feature_fraction": 0.8, "seed": 0, "deterministic": True, "num_threads": 1, "verbose": -1,
    "monotone_constraints": [(name in RISING) - (name in FALLING) for name in NAMES],
}  # fmt: skip
_TREES = 200
_AS_GOOD = 0.001
"""Thresholds whose F1 is this near to the best are as good; the one in their middle is taken."""


def main() -> int:
    """Simulate, fit, write, and say at which threshold the pairs held out are told best."""
    pairs = name_pairs(PAIRS, SEED)
    evidence = np.array([_evidence(*names) for names in pairs[["name_left", "name_right"]].itertuples(index=False)])
    same = pairs["same"].to_numpy()
    fitted = lgb.train(_SETTINGS, lgb.Dataset(evidence[HELD_OUT:], same[HELD_OUT:].astype(float)), _TREES)
    fitted.save_model(MODEL)
    probability = fitted.predict(evidence[:HELD_OUT], num_threads=1)
    scores = {threshold: f1(same[:HELD_OUT], probability >= threshold) for threshold in np.arange(0.2, 0.8, 0.01)}
    good = [threshold for threshold, score in scores.items() if score > max(scores.values()) - _AS_GOOD]
    sys.stdout.write(f"{MODEL}: F1 {max(scores.values()):.3f} on the pairs held out, at {np.median(good):.2f}\n")
    return 0


def f1(same: np.ndarray, told: np.ndarray) -> float:
    """Return the harmonic mean of precision and recall, in [0, 1]."""
    return float(2 * np.sum(same & told) / max(np.sum(same) + np.sum(told), 1))


def _evidence(left: str, right: str) -> tuple[float, ...]:
    one, other = take_apart(left), take_apart(right)
    return weigh(one, other).values() if one.words and other.words else (0.0,) * len(NAMES)


if __name__ == "__main__":
    sys.exit(main())
