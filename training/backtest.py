"""Backtest: what the model and the rankings beside it would have found, by region, unit, segment and cutoff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit

from features.group import Group
from models.baselines import BASELINES
from models.inputs import SEGMENT, model_inputs
from models.propensity import to_probability
from training.evaluate import expected_calibration_error, within_first
from training.fit import Fitted
from training.jackknife import Replicates, auc_and_precision, parts_of, ratio
from training.logistic_regression import fit_logistic_regression

Floats = NDArray[np.float64]

MODEL = "model"
LOGISTIC_REGRESSION = "logistic_regression"
CHAMPION = "champion"

RANKINGS = (MODEL, LOGISTIC_REGRESSION, CHAMPION, *BASELINES)
"""What is always compared where it can be, by name."""

EVERYTHING = "all"
WITH_PIPELINE, WITHOUT_PIPELINE = "with an open opportunity", "without an open opportunity"

LEARNT_ROWS = 10_000
"""Rows that the logistic regression learns from, half of them successes where there are so many."""

FEWEST_CONVERTERS = 10
"""Of slices with fewer accounts that succeeded, or that did not, nothing is told."""

CAPTURED = "captured_at_"
"""What the share of gross profit at a tier's places is called: this, then the tier."""

LIFT = "lift_at_10"
_TOP = 0.1


@dataclass(frozen=True, slots=True)
class Ranking:
    """One way to rank rows.

    Parameters
    ----------
    score : ndarray of shape (n,), higher first.
    worth : ndarray of shape (n,): what places in tiers are given by, higher first.
    is_probability : whether scores are probabilities, and are judged as such.
    """

    score: Floats
    worth: Floats
    is_probability: bool


def backtest(
    fitted: Fitted,
    train: pd.DataFrame,
    signals: tuple[str, ...],
    group: Group,
    champion: Floats,
    entrants: Mapping[str, Floats] = MappingProxyType({}),
) -> pd.DataFrame:
    """Judge the model and what one would use otherwise on the cutoffs that came after learning.

    Parameters
    ----------
    fitted : the model, and the rows that it is judged by.
    train : the rows that it learnt from.
    signals : the columns that are signals.
    group : with the tiers.
    champion : ndarray of shape (n,): what the champion says of the rows to be judged by; NaN where it cannot be asked.
    entrants : by name, ndarrays of shape (n,): what classifiers of a data scientist's own say of them.

    Returns
    -------
    DataFrame with ``by`` and ``of`` (the slice), ``ranking``, ``figure``, ``value``, ``low``, ``high``, by how much the
    model is ``ahead`` of that ranking, with ``ahead_low`` and ``ahead_high``, ``rows`` and ``successes``. Intervals are
    of 95 %, and know that the rows of one account are alike. Figures: ``auc``, ``average_precision``, ``lift_at_10``
    (of the slice's rows that are in the first tenth of all), ``brier`` and ``ece`` (of probabilities; the last without
    an interval), and the share of the gross profit of all successes (the amount, where it is not known) that the places
    of each tier, with those of the tiers before it, would have held.
    """
    rows = fitted.test.reset_index(drop=True)
    inputs = model_inputs(rows, signals)
    probabilities = {
        MODEL: rows["probability"].to_numpy(np.float64),
        **entrants,
        LOGISTIC_REGRESSION: _by_logistic_regression(inputs, train, signals, group),
        CHAMPION: champion,
    }
    judged = _Judged.of(rows, _rankings(fitted, rows, probabilities), group)
    told = (_told(judged, by, of, places) for by, of, places in _slices(rows, inputs[SEGMENT]))
    return pd.DataFrame([line for lines in told for line in lines], columns=list(_COLUMNS))


_COLUMNS = (
    *("by", "of", "ranking", "figure", "value", "low", "high"),
    *("ahead", "ahead_low", "ahead_high", "rows", "successes"),
)


def _rankings(fitted: Fitted, rows: pd.DataFrame, probabilities: Mapping[str, Floats | None]) -> dict[str, Ranking]:
    """Return all that is compared; what gives probabilities of all rows is given the model's gross profits."""
    gross_profit, amount = fitted.gross_profit.predict(rows), fitted.amount.predict(rows)
    money = np.nan_to_num(np.where(np.isnan(gross_profit), amount, gross_profit), nan=1.0)
    found = {
        name: Ranking(said, said * money, is_probability=True)
        for name, said in probabilities.items()
        if said is not None and not np.isnan(said).any()
    }
    for name, ranking in BASELINES.items():
        score = ranking(rows)
        found[name] = Ranking(score, score, is_probability=False)
    return found


def _by_logistic_regression(
    inputs: pd.DataFrame, train: pd.DataFrame, signals: tuple[str, ...], group: Group
) -> Floats | None:
    """Return the probabilities of a logistic regression; None where no window had ended with both outcomes.

    As many of either outcome are drawn, which moves the intercept alone, by as much as the odds moved (King and Zeng,
    Logistic regression in rare events data, Political Analysis 9(2), 2001).
    """
    horizons = {name: unit.horizon_days for name, unit in group.business_units.items()}
    ended = train[train["followed_days"] >= train["business_unit"].map(horizons)]
    classes = [ended[ended["label"]], ended[~ended["label"]]]
    if min(map(len, classes)) < FEWEST_CONVERTERS:
        return None
    drawn = [rows.sample(min(LEARNT_ROWS // 2, len(rows)), random_state=0) for rows in classes]
    learnt = pd.concat(drawn)
    predict = fit_logistic_regression(model_inputs(learnt, signals), learnt["label"].to_numpy(np.bool_))
    kept = [len(part) / len(whole) for part, whole in zip(drawn, classes, strict=True)]
    return to_probability(logit(predict(inputs)) - np.log(kept[0] / kept[1]))


@dataclass(frozen=True, slots=True)
class _Judged:
    """Rows, how they are ranked, and who would have had a place where."""

    accounts: pd.Series
    success: NDArray[np.bool_]
    earned: Floats
    parts: NDArray[np.intp]
    rankings: Mapping[str, Ranking]
    tops: Mapping[str, Floats]
    places: Mapping[str, Mapping[str, Floats]]

    @classmethod
    def of(cls, rows: pd.DataFrame, rankings: Mapping[str, Ranking], group: Group) -> _Judged:
        success = rows["label"].to_numpy(np.bool_)
        earned = rows["gross_profit"].fillna(rows["amount"]).where(success, 0.0).fillna(0.0).to_numpy(np.float64)
        return cls(
            accounts=rows["account_id"],
            success=success,
            earned=earned,
            parts=parts_of(rows["account_id"]),
            rankings=rankings,
            tops={name: within_first(ranking.score, _TOP) for name, ranking in rankings.items()},
            places={name: dict(_places(rows, ranking.worth, group)) for name, ranking in rankings.items()},
        )

    def figures(self, name: str, rows: NDArray[np.intp]) -> dict[str, Replicates]:
        """Return the figures of a ranking on some rows."""
        ranking, parts = self.rankings[name], self.parts[rows]
        success = self.success[rows]
        won, money = success.astype(np.float64), self.earned[rows]
        auc, precision = auc_and_precision(success, ranking.score[rows], parts)
        top = self.tops[name][rows]
        of_all = ratio(won, np.ones(len(rows)), parts)
        in_top = ratio(won * top, top, parts)
        found = {"auc": auc, "average_precision": precision}
        with np.errstate(invalid="ignore", divide="ignore"):
            found[LIFT] = Replicates(in_top.each / of_all.each)
        if ranking.is_probability:
            found["brier"] = ratio((ranking.score[rows] - won) ** 2, np.ones(len(rows)), parts)
        for tier, placed in self.places[name].items() if money.any() else ():
            found[CAPTURED + tier] = ratio(money * placed[rows], money, parts)
        return found


def _places(rows: pd.DataFrame, worth: Floats, group: Group) -> Iterator[tuple[str, Floats]]:
    """Yield, for each tier with a capacity, who has a place in it or a tier before it, at each cutoff and region."""
    order = np.random.default_rng(0).permutation(len(rows))  # those that tie are in no order
    shuffled = pd.Series(worth[order], index=rows.index[order])
    by = [rows["cutoff"], rows["region"]]
    rank = shuffled.groupby([column.loc[shuffled.index] for column in by]).rank(ascending=False, method="first")
    capacity: dict[str, int] = {}
    for name, tier in group.tiers.items():
        if tier.capacity is None:
            continue
        capacity |= {region: capacity.get(region, 0) + places for region, places in tier.capacity.items()}
        most = rows["region"].map(capacity).fillna(0)
        yield name, np.asarray(rank.reindex(rows.index) <= most, dtype=np.float64)


def _slices(rows: pd.DataFrame, segments: pd.Series) -> Iterator[tuple[str, str, NDArray[np.intp]]]:
    """Yield the slices: by what, of which, and the places of their rows."""
    yield EVERYTHING, EVERYTHING, np.arange(len(rows))
    columns = {
        "business unit": rows["business_unit"],
        "region": rows["region"],
        "segment": segments,
        "cutoff": rows["cutoff"].dt.strftime("%Y-%m-%d"),
    }
    if "pipeline_open" in rows:
        columns["pipeline"] = pd.Series(np.where(rows["pipeline_open"] > 0, WITH_PIPELINE, WITHOUT_PIPELINE))
    for by, column in columns.items():
        for of, places in sorted(column.groupby(column.astype("str")).indices.items()):
            yield by, str(of), np.asarray(places, dtype=np.intp)


def _told(judged: _Judged, by: str, of: str, rows: NDArray[np.intp]) -> Iterator[dict[str, object]]:
    """Yield the lines of one slice; none where too few succeeded, or too few did not."""
    success, accounts = judged.success[rows], judged.accounts.iloc[rows]
    if min(accounts[success].nunique(), accounts[~success].nunique()) < FEWEST_CONVERTERS:
        return
    common = {"by": by, "of": of, "rows": len(rows), "successes": int(success.sum())}
    model = judged.figures(MODEL, rows)
    for name, ranking in judged.rankings.items():
        for figure, found in (model if name == MODEL else judged.figures(name, rows)).items():
            one = found.estimate(0.0, np.inf if figure == LIFT else 1.0)
            line = {**common, "ranking": name, "figure": figure, "value": one.value, "low": one.low, "high": one.high}
            if name != MODEL:
                ahead = (model[figure] - found).estimate()
                line |= {"ahead": ahead.value, "ahead_low": ahead.low, "ahead_high": ahead.high}
            yield line
        if ranking.is_probability:
            error = expected_calibration_error(success, ranking.score[rows])
            yield {**common, "ranking": name, "figure": "ece", "value": error}
