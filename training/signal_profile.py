"""A profile of every signal: what is missing, how its values spread by region, how both move over the cutoffs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.signals.signal import Signal
from models.drift import stability_index

ROWS_LOOKED_AT = 5_000
"""Of each cutoff so many rows are looked at, drawn at random but always the same."""

BINS = 10
MOST_NAMES = 20
"""Values are compared over the cutoffs in so many bins of equal mass, or by so many of the commonest names."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """What the values of a signal are like in one region at the last cutoff.

    Parameters
    ----------
    missing : share without a value.
    low, middle, high : the 5th, 50th and 95th percentile; None for names, or where no row has a value.
    common : the commonest name; None for numbers.
    """

    missing: float
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    common: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What one signal looks like.

    Parameters
    ----------
    signal : its declaration.
    missing : share without a value, by cutoff.
    middle : the median, or the share of the commonest name of the first cutoff, by cutoff; NaN where no row has one.
    drift : population stability index of each cutoff against the first, >= 0.
    regions : how the values spread in each region at the last cutoff.

    Notes
    -----
    Population stability index: Siddiqi, Credit Risk Scorecards, 2006: below 0.1 nothing moved, above 0.25 look into it.
    """

    signal: Signal
    missing: Floats
    middle: Floats
    drift: Floats
    regions: dict[str, Spread]


@dataclass
class SignalWatch:
    """Looks at snapshots as they pass, so that none needs to be kept.

    Parameters
    ----------
    signals : what to look at.
    """

    signals: Sequence[Signal]
    cutoffs: list[datetime] = field(default_factory=list)
    _samples: list[pd.DataFrame] = field(default_factory=list)

    def see(self, cutoff: datetime, snapshot: pd.DataFrame) -> None:
        """Take note of a cutoff's snapshot; cutoffs come in ascending order."""
        drawn = snapshot.sample(min(ROWS_LOOKED_AT, len(snapshot)), random_state=0)
        self.cutoffs.append(cutoff)
        self._samples.append(drawn[["region", *(signal.name for signal in self.signals)]])

    def profiles(self) -> list[Profile]:
        """Return what was seen, by signal; nothing where no snapshot had rows."""
        seen = [sample for sample in self._samples if len(sample)]
        return [_profile(signal, seen) for signal in self.signals] if seen else []


def _profile(signal: Signal, samples: Sequence[pd.DataFrame]) -> Profile:
    columns = [sample[signal.name] for sample in samples]
    shares = _name_shares(columns) if signal.category else _number_shares(columns)
    last = samples[-1]
    return Profile(
        signal=signal,
        missing=np.array([column.isna().mean() for column in columns]),
        middle=shares[:, 0] if signal.category else np.array([column.median() for column in columns]),
        drift=stability_index(shares),
        regions={str(region): _spread(signal, rows[signal.name]) for region, rows in last.groupby("region")},
    )


def _number_shares(columns: Sequence[pd.Series]) -> Floats:
    """Return the share of rows by bin of equal mass at the first cutoff, the last bin that of missing values."""
    first = columns[0].dropna()
    edges = np.unique(np.quantile(first, np.linspace(0, 1, BINS + 1)[1:-1])) if len(first) else np.array([])
    shares = []
    for column in columns:
        bins = np.where(column.isna(), len(edges) + 1, np.searchsorted(edges, column.to_numpy(np.float64), "left"))
        shares.append(np.bincount(bins, minlength=len(edges) + 2) / len(column))
    return np.array(shares)


def _name_shares(columns: Sequence[pd.Series]) -> Floats:
    """Return the share of rows by common name of the first cutoff, then of other names, then of missing values."""
    names = columns[0].value_counts().index[:MOST_NAMES]
    shares = []
    for column in columns:
        known = [float((column == name).mean()) for name in names] or [0.0]
        missing = float(column.isna().mean())
        shares.append([*known, max(1 - sum(known) - missing, 0.0), missing])
    return np.array(shares)


def _spread(signal: Signal, values: pd.Series) -> Spread:
    missing, present = float(values.isna().mean()), values.dropna()
    if present.empty:
        return Spread(missing)
    if signal.category:
        return Spread(missing, common=str(present.value_counts().index[0]))
    low, middle, high = np.quantile(present, [0.05, 0.5, 0.95])
    return Spread(missing, float(low), float(middle), float(high))
