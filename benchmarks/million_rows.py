"""Speed of the models on a million rows: training and scoring, beside bare LightGBM on a matrix that lies ready."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import median

import lightgbm as lgb
import numpy as np
import pandas as pd
from joblib import effective_n_jobs  # type: ignore[import-untyped]
from numpy.typing import NDArray
from rich.progress import Progress

from benchmarks.page import Section
from models.boosting import PATIENCE, Folds, Settings, Training
from models.design import Design
from models.folds import hold_out
from models.hazards import HazardModel
from models.inputs import BETWEEN, SEGMENT, SEGMENT_OF_KIND, SEGMENT_OF_UNIT
from models.landmarks import INTERVAL, Followed, timeline_keys
from models.timeline import WITHIN_HORIZON, AtRisk, Timeline
from training.config import EstimatorConfig

ROWS, SIGNALS = 1_000_000, 150
REPEATS = 3
TRAINING_BAR, SCORING_BAR = 1.5, 0.7

CUTOFFS = 12
LINE = Timeline.over(180.0, 180.0)
HAZARD = 0.17
"""Of an interval: no failure is left out then, as it would be where more than six come to a success."""

ROWS_BEFORE_STACKING = 0.32
"""Snapshots per row that is learnt from: each is at risk in about three of its four intervals."""

_SETTINGS = (
    "learning_rate",
    "n_estimators",
    "num_leaves",
    "min_child_samples",
    "colsample",
    "colsample_bynode",
    "l2",
    "random_state",
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured.

    Parameters
    ----------
    seconds : by what was done.
    gigabytes : the most memory that the process held, libraries and data included.
    rows : that were learnt from, after stacking, or scored.
    trees : in the model.
    """

    seconds: dict[str, float]
    gigabytes: float
    rows: int
    trees: int


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Rows with what came of them: numbers of several shapes, some missing, and a success that some of them tell.

    Parameters
    ----------
    inputs : as `models.inputs.model_inputs` gives them.
    followed : all of them over their horizon.
    accounts, cutoffs : ndarrays of shape (n,), what each row is of.
    """

    inputs: pd.DataFrame
    followed: Followed
    accounts: NDArray[np.intp]
    cutoffs: NDArray[np.intp]

    @classmethod
    def draw(cls, rows: int, signals: int) -> Snapshots:
        """Draw rows; the same numbers give the same."""
        random = np.random.default_rng(1)
        values = random.standard_normal((rows, signals))
        values[:, 1::3] = np.exp(values[:, 1::3])
        values[:, 2::3] = np.floor(np.exp(values[:, 2::3]))
        telling = min(signals, 30)
        told = values[:, :telling] @ random.normal(0, 0.06, telling) + 0.4 * np.sin(2 * values[:, 0])
        values[random.random(values.shape) < 0.15] = np.nan
        hazard = 1 / (1 + np.exp(np.log(1 / HAZARD - 1) - (told - told.mean())))
        days = (random.geometric(hazard) - random.random(rows)) * LINE.ends[0]
        unit = pd.Series(random.choice(["cloud", "energy", "health"], rows), dtype="str")
        region = pd.Series(random.choice(["AMER", "APAC", "EMEA"], rows), dtype="str")
        keys = pd.DataFrame({SEGMENT_OF_UNIT: unit, SEGMENT_OF_KIND: "new_logo", SEGMENT: unit + BETWEEN + region})
        named = pd.DataFrame(values, columns=[f"signal_{number:03}" for number in range(signals)])
        return cls(
            inputs=pd.concat([keys.astype("str"), named], axis="columns"),
            followed=Followed(np.where(days < LINE.horizon_days, days, np.nan), np.full(rows, LINE.horizon_days)),
            accounts=np.arange(rows) // CUTOFFS,
            cutoffs=np.arange(rows) % CUTOFFS,
        )

    def learnt(self) -> HazardModel:
        """Return what is learnt from them by default."""
        lines = dict.fromkeys(timeline_keys(self.inputs).unique(), LINE)
        return HazardModel.learn(
            EstimatorConfig().estimator(), self.inputs, self.followed, lines, self.accounts, self.cutoffs
        )


@dataclass(frozen=True, slots=True)
class Stacked:
    """What bare LightGBM learns from: the same rows, stacked, as a matrix that lies ready.

    Parameters
    ----------
    training : the rows.
    settings : the same as by default.
    folds : the same.
    """

    training: Training
    settings: Settings
    folds: Folds

    @classmethod
    def of(cls, snapshots: Snapshots) -> Stacked:
        """Stack the intervals in which snapshots were at risk."""
        estimator, followed = EstimatorConfig().estimator(), snapshots.followed
        pairs = AtRisk.of(LINE, np.arange(len(snapshots.inputs)), followed.success_day, followed.followed_days)
        inputs = snapshots.inputs.drop(columns=SEGMENT).iloc[pairs.rows]
        inputs = inputs.assign(**{INTERVAL: np.array(LINE.names, dtype=object)[pairs.intervals]})
        design = Design.learn(inputs)
        y = pairs.success.astype(np.float64)
        training = Training(np.ascontiguousarray(design.matrix(inputs)), y, np.ones(len(y)), design.categories)
        given = estimator.get_params()
        settings = Settings(
            **{name: given[name] for name in _SETTINGS}, monotone=(), threads=effective_n_jobs(estimator.n_jobs)
        )
        folds = hold_out(training, snapshots.accounts[pairs.rows], estimator.n_folds, estimator.random_state)
        if folds is None:
            raise ValueError(f"{len(y):,} rows are too few to hold any out; give more")
        return cls(training, settings, folds)

    def fit_folds(self, rounds: int) -> None:
        """Grow trees on all folds but one, in turn, and see after each tree how it does on the one held out."""
        for learn, rest in self.folds:
            data = self._dataset(learn)
            lgb.train(self._parameters(), data, rounds, valid_sets=[self._dataset(rest, reference=data)])

    def fit_all(self, rounds: int) -> None:
        """Grow trees on all rows."""
        lgb.train(self._parameters(), self._dataset(slice(None)), rounds)

    def _parameters(self) -> dict[str, object]:
        return self.settings.parameters(self.training)

    def _dataset(self, rows: NDArray[np.intp] | slice, reference: lgb.Dataset | None = None) -> lgb.Dataset:
        part = self.training
        return lgb.Dataset(
            part.matrix[rows], part.y[rows], reference=reference, categorical_feature=list(part.categories)
        )


def train(rows: int, signals: int) -> Figures:
    """Learn, from the snapshots on."""
    snapshots = Snapshots.draw(round(rows * ROWS_BEFORE_STACKING), signals)
    models: list[HazardModel] = []
    seconds = {"ours": _seconds(lambda: models.append(snapshots.learnt()))}
    return Figures(seconds, _gigabytes(), rows, models[0].propensity.n_trees_)


def train_bare(rows: int, signals: int, trees: int) -> Figures:
    """Grow as many trees on the same rows."""
    stacked = Stacked.of(Snapshots.draw(round(rows * ROWS_BEFORE_STACKING), signals))
    rounds = min(trees + PATIENCE, stacked.settings.n_estimators)
    seconds = {
        "folds": _seconds(lambda: stacked.fit_folds(rounds)),
        "all rows": _seconds(lambda: stacked.fit_all(trees)),
    }
    return Figures(seconds, _gigabytes(), len(stacked.training.y), trees)


def score(rows: int, signals: int, repeats: int) -> Figures:
    """Score rows with a model that was learnt from fewer, and have its trees predict a matrix of them, in turn."""
    model = Snapshots.draw(rows // 10, signals).learnt()
    booster, threads = lgb.Booster(model_str=model.propensity.predictor_.trees.text), effective_n_jobs(-1)
    inputs = Snapshots.draw(rows, signals).inputs
    before = inputs.drop(columns=SEGMENT).assign(**{INTERVAL: LINE.names[0]})
    matrix = np.ascontiguousarray(Design.learn(before).matrix(before))  # which LightGBM predicts fastest

    def bare() -> None:
        for _ in range(WITHIN_HORIZON):
            booster.predict(matrix, raw_score=True, num_threads=threads)

    pairs = [(_seconds(lambda: model.log_odds(inputs)), _seconds(bare)) for _ in range(repeats)]
    mine, theirs = (median(side) for side in zip(*pairs, strict=True))
    return Figures({"ours": mine, "bare": theirs}, _gigabytes(), rows, model.propensity.n_trees_)


def measure(rows: int = ROWS, signals: int = SIGNALS, repeats: int = REPEATS) -> Section:
    """Measure training and scoring, each side of training in a process of its own, the sides in turn.

    Parameters
    ----------
    rows : that are learnt from, after stacking, and snapshots that are scored.
    signals : numbers of each.
    repeats : of each; the median counts.
    """
    ours, bare = [], []
    with Progress(transient=True) as progress:
        task = progress.add_task("", total=2 * repeats + 1)

        def alone(told: str, work: Callable[..., Figures], *given: int) -> Figures:
            progress.update(task, description=told)
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                found = process.submit(work, *given).result()
            progress.advance(task)
            return found

        for _ in range(repeats):
            ours.append(alone("training", train, rows, signals))
            bare.append(alone("training bare LightGBM", train_bare, rows, signals, ours[-1].trees))
        scored = alone("scoring", score, rows, signals, repeats)
    return Section(
        "A million rows",
        f"Training from {bare[0].rows:,} rows (the intervals of {round(rows * ROWS_BEFORE_STACKING):,} snapshots) × "
        f"{signals} signals, and scoring {rows:,} snapshots within their horizons, on all cores; medians of {repeats}. "
        "Bare LightGBM starts from a matrix that lies ready, has the same settings and folds, and grows as many trees: "
        f"{ours[0].trees}, and {PATIENCE} more where parts are held out, to see that these are enough; to score, it "
        f"predicts {WITHIN_HORIZON} times, once for each part of the horizon.",
        ("work", "seconds", "bare LightGBM", "seconds", "time, bare = 1", "at most", "peak memory, of bare"),
        list(_lines(ours, bare, scored)),
    )


def _lines(ours: Sequence[Figures], bare: Sequence[Figures], scored: Figures) -> Iterator[tuple[str, ...]]:
    mine = median(one.seconds["ours"] for one in ours)
    folds, everything = (median(one.seconds[part] for one in bare) for part in ("folds", "all rows"))
    memory = f"{median(one.gigabytes for one in ours):.1f} GB, {median(one.gigabytes for one in bare):.1f} GB"
    for name, theirs in (("fits of folds", folds), ("fits of folds and of all rows", folds + everything)):
        yield _line("training", mine, name, theirs, TRAINING_BAR, memory)
    memory = f"{scored.gigabytes:.1f} GB, both together"
    yield _line("scoring", scored.seconds["ours"], "prediction", scored.seconds["bare"], 1 / SCORING_BAR, memory)


def _line(work: str, mine: float, compared: str, theirs: float, bar: float, memory: str) -> tuple[str, ...]:
    return work, f"{mine:.1f}", compared, f"{theirs:.1f}", f"{mine / theirs:.2f}", f"{bar:.2f}", memory


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _gigabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
