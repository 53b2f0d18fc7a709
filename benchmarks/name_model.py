"""Fits the model of company names: ``python -m benchmarks.name_model`` writes it into features.

It learns from simulated pairs, of which there can be many, and from labelled ones, as people and language models write
names: the simulation doubts every word that one name has more, and the labelled pairs are few. The threshold is the
best for both, each time on pairs that the fit did not see.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd

from features.names.evidence import NAMES, weigh
from features.names.probability import MODEL
from features.names.words import CompanyName, take_apart
from simulation.company_pairs import name_pairs

PAIRS, HELD_OUT, SEED = 240_000, 40_000, 7
LABELLED = Path(__file__).with_name("name_pairs.csv")
WEIGHT, FOLDS = 80.0, 5
"""A labelled pair counts as so many simulated ones: all as three tenths of the whole, where both F1 add up to most."""

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


def main() -> int:
    """Simulate, fit, write, and say from which probability on pairs are told best."""
    simulated = _evidence(name_pairs(PAIRS, SEED))
    held_out, seen = simulated.split(HELD_OUT)
    labelled = _evidence(pd.read_csv(LABELLED))
    fold = np.random.default_rng(SEED).integers(0, FOLDS, len(labelled.same))
    told = np.zeros(len(labelled.same))
    told_of_simulated = np.zeros(len(held_out.same))
    for number in range(FOLDS):
        model = _fit(seen, labelled.where(fold != number))
        told[fold == number] = labelled.where(fold == number).told_by(model)
        told_of_simulated += held_out.told_by(model) / FOLDS
    _fit(seen, labelled).save_model(MODEL)
    thresholds = np.arange(0.2, 0.7, 0.01)
    scores = [
        (f1(labelled.same, told >= threshold), f1(held_out.same, told_of_simulated >= threshold), threshold)
        for threshold in thresholds
    ]
    by_hand, by_chance, threshold = max(scores, key=lambda score: score[0] + score[1])
    sys.stdout.write(f"{MODEL}: F1 {by_hand:.3f} on labelled, {by_chance:.3f} on simulated pairs, at {threshold:.2f}\n")
    return 0


def f1(same: np.ndarray, told: np.ndarray) -> float:
    """Return the harmonic mean of precision and recall, in [0, 1]."""
    return float(2 * np.sum(same & told) / max(np.sum(same) + np.sum(told), 1))


@dataclass(frozen=True)
class _Pairs:
    """Evidence on pairs, shape (n, number of ``NAMES``), and whether they are the same."""

    evidence: np.ndarray
    same: np.ndarray

    def where(self, chosen: np.ndarray) -> _Pairs:
        return _Pairs(self.evidence[chosen], self.same[chosen])

    def split(self, first: int) -> tuple[_Pairs, _Pairs]:
        at = np.arange(len(self.same))
        return self.where(at < first), self.where(at >= first)

    def told_by(self, model: lgb.Booster) -> np.ndarray:
        return np.asarray(model.predict(self.evidence, num_threads=1))


def _fit(simulated: _Pairs, labelled: _Pairs) -> lgb.Booster:
    weight = np.repeat([1.0, WEIGHT], [len(simulated.same), len(labelled.same)])
    evidence = np.vstack([simulated.evidence, labelled.evidence])
    same = np.concatenate([simulated.same, labelled.same])
    return lgb.train(_SETTINGS, lgb.Dataset(evidence, same.astype(float), weight=weight), _TREES)


def _evidence(pairs: pd.DataFrame) -> _Pairs:
    names = pairs[["name_left", "name_right"]].itertuples(index=False)
    weighed = [_weighed(take_apart(left), take_apart(right)) for left, right in names]
    return _Pairs(np.array(weighed), pairs["same"].to_numpy(dtype="bool"))


def _weighed(one: CompanyName, other: CompanyName) -> tuple[float, ...]:
    return weigh(one, other).values() if one.words and other.words else (0.0,) * len(NAMES)


if __name__ == "__main__":
    sys.exit(main())
