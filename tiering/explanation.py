"""Explanation: how one account's probability comes about, step by step, and what changed since the release before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from features.errors import NotFoundError
from features.workspace import Workspace
from models.bundle import Bundle, load_bundle
from models.hazards import ALL_LINES
from models.inputs import SEGMENTS, model_inputs, model_kinds
from tiering.refresh import snapshot_path
from tiering.release import ListedAccount, Release
from tiering.scores import CURVE_DAYS
from tiering.store import Store

MARKET = "segment"
"""The step that is no family of signals: the business unit and what the account is to it."""

BASELINE = "baseline"
"""Where the steps start."""

NOTICEABLE = 0.05
"""Log-odds: a signal without a value that moves the score by as much is told as missing; a change likewise as one."""

MOST_CHANGES = 6


@dataclass(frozen=True, slots=True)
class SignalPart:
    """What one signal does.

    Parameters
    ----------
    signal : its name.
    value : what the account has; None where it is missing.
    contribution : in log-odds.
    """

    signal: str
    value: float | str | None
    contribution: float


@dataclass(frozen=True, slots=True)
class Step:
    """One step from the baseline to the probability.

    Parameters
    ----------
    name : a family of signals, MARKET, or one of `models.hazards.ALL_LINES`.
    contribution : in log-odds.
    probability : after this step and all before it, in (0, 1).
    signals : of a family, the strongest first.
    """

    name: str
    contribution: float
    probability: float
    signals: tuple[SignalPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """A signal that moved the probability from one release to the next.

    Parameters
    ----------
    signal : its name.
    before, after : its values; None where missing.
    contribution : in log-odds, that it adds now beyond what it did.
    """

    signal: str
    before: float | str | None
    after: float | str | None
    contribution: float


@dataclass(frozen=True, slots=True)
class Since:
    """What became of an account since an earlier release.

    Parameters
    ----------
    release : its id.
    probability : that it had then.
    by_model : log-odds by which other models score the account of then otherwise.
    by_market : log-odds by which its kind, region or segment moved it.
    signals : by what signals moved it, the strongest first.
    """

    release: str
    probability: float
    by_model: float
    by_market: float
    signals: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class UnitExplanation:
    """How one business unit's probability for an account comes about.

    Parameters
    ----------
    business_unit, kind : what it is about.
    horizon_days : over which the probability is.
    probability : of a success within the horizon.
    low, high : the model's own uncertainty, of accounts like this one on average, at 90 %; NaN where not known.
    by_day : the probability by each of `tiering.scores.CURVE_DAYS`.
    start : the probability that all begin with.
    steps : from there to the probability: the lines of the model, MARKET, then families, the furthest first; their
        contributions and the log-odds of `start` add up to those of the probability.
    missing : signals without a value that would tell.
    since : what changed since the release before; None where there was none that can be read.
    """

    business_unit: str
    kind: str
    horizon_days: float
    probability: float
    low: float
    high: float
    by_day: Mapping[int, float]
    start: float
    steps: tuple[Step, ...]
    missing: tuple[str, ...]
    since: Since | None


@dataclass(frozen=True, slots=True)
class AccountExplanation:
    """One account of a release, explained.

    Parameters
    ----------
    release : that it is of.
    account : as the release lists it.
    units : by business unit, the leading one first; only those with a probability.
    """

    release: Release
    account: ListedAccount
    units: tuple[UnitExplanation, ...]


def explain_account(workspace: Workspace, store: Store, release_id: str, account_id: str) -> AccountExplanation:
    """Explain an account of a release, from the snapshot and the models that it was scored with.

    Parameters
    ----------
    workspace : with that snapshot and bundle.
    store : with the release.
    release_id : which one.
    account_id : any of the account's ids, or the CRM's.

    Raises
    ------
    NotFoundError
        If there is no such release, no such account in it, or its snapshot or bundle is gone.
    InputError
        If the bundle is not what was saved.
    """
    release = store.get(release_id)
    account = store.account(release_id, account_id)
    rows, bundle = _read(workspace, release, account.account_id)
    before = _before(workspace, store, release, account.account_id)
    scored = {unit.business_unit for unit in account.scores if unit.probability is not None}
    units = [_unit(bundle, row, before) for name, row in rows.groupby("business_unit") if name in scored]
    units.sort(key=lambda unit: (unit.business_unit != account.lead_business_unit, unit.business_unit))
    return AccountExplanation(release, account, tuple(units))


def _read(workspace: Workspace, release: Release, account_id: str) -> tuple[pd.DataFrame, Bundle]:
    """Return the rows of an account in a release's snapshot, and the models of the release."""
    path = snapshot_path(workspace, release.id)
    if not path.exists():
        raise NotFoundError(f"{path}: the snapshot of release {release.id} is gone; restore it, or refresh again")
    rows = pd.read_parquet(path, filters=[("account_id", "==", account_id)])
    return rows, load_bundle(workspace.bundles / release.origin.bundle_version)


def _before(
    workspace: Workspace, store: Store, release: Release, account_id: str
) -> tuple[str, pd.DataFrame, Bundle] | None:
    """Return the account in the latest release of an earlier day; None where there is none that can be read."""
    earlier = [one for one in store.releases() if one.origin.as_of < release.origin.as_of]
    if not earlier:
        return None
    latest = max(earlier, key=lambda one: (one.origin.as_of, one.id))
    try:
        rows, bundle = _read(workspace, latest, account_id)
    except NotFoundError:
        return None
    return latest.id, rows, bundle


def _unit(bundle: Bundle, row: pd.DataFrame, before: tuple[str, pd.DataFrame, Bundle] | None) -> UnitExplanation:
    """Explain one row of a snapshot, given as a DataFrame of length 1."""
    model = bundle.of(model_kinds(row).iloc[0]).propensity
    if model is None:  # a row with a probability has a model
        raise NotFoundError(f"bundle {bundle.manifest.version!r}: it has no model of this account's kind; train anew")
    inputs = model_inputs(row, bundle.manifest.signals)
    parts = bundle.explain(row).iloc[0]
    low, high = model.predict_interval(inputs)[0]
    by_day = expit(model.log_odds(inputs, *CURVE_DAYS))[0]
    return UnitExplanation(
        business_unit=str(row["business_unit"].iloc[0]),
        kind=str(row["kind"].iloc[0]),
        horizon_days=float(model.horizons(inputs)[0]),
        probability=float(expit(model.log_odds(inputs)[0, 0])),
        low=float(low),
        high=float(high),
        by_day=dict(zip(CURVE_DAYS, by_day.tolist(), strict=True)),
        start=float(expit(parts[BASELINE])),
        steps=_steps(parts, inputs.iloc[0]),
        missing=_missing(parts, inputs.iloc[0]),
        since=_since(bundle, row, before) if before else None,
    )


def _steps(parts: pd.Series, values: pd.Series) -> tuple[Step, ...]:
    """Add up contributions by family, and follow the probability through them."""
    signals = parts.drop([*ALL_LINES, *(name for name in SEGMENTS if name in parts)])
    family = pd.Series([_family(str(name)) for name in signals.index], index=signals.index)
    families = signals.groupby(family).sum()
    families = families[families != 0].sort_values(key=lambda sums: -sums.abs(), kind="stable")
    market = sum(float(parts[name]) for name in SEGMENTS if name in parts)
    lines = [(name, float(parts[name])) for name in ALL_LINES if name != BASELINE]
    log_odds, steps = float(parts[BASELINE]), []
    for name, contribution in [*lines, (MARKET, market), *families.items()]:
        log_odds += float(contribution)
        own = signals[(family == name) & (signals != 0)]
        ordered = own.sort_values(key=lambda sums: -sums.abs(), kind="stable")
        told = tuple(SignalPart(str(one), _plain(values[str(one)]), float(moved)) for one, moved in ordered.items())
        steps.append(Step(str(name), float(contribution), float(expit(log_odds)), told))
    return tuple(steps)


def _family(signal: str) -> str:
    """Return the family that a signal is told with; a user's own attributes go with those that Glocal knows."""
    first = signal.partition("_")[0]
    return {"attribute": "attributes", "opportunity": "pipeline"}.get(first, first)


def _missing(parts: pd.Series, values: pd.Series) -> tuple[str, ...]:
    """Return the signals without a value whose absence moves the score, the strongest first."""
    absent = [name for name in values.index if name not in SEGMENTS and pd.isna(values[name])]
    telling = parts[absent][parts[absent].abs() >= NOTICEABLE]
    return tuple(str(name) for name in telling.sort_values(key=lambda sums: -sums.abs(), kind="stable").index)


def _since(bundle: Bundle, row: pd.DataFrame, before: tuple[str, pd.DataFrame, Bundle]) -> Since | None:
    """Tell the change of models from that of the account: both accounts are scored by the models of now."""
    release_id, rows, then = before
    old = rows[rows["business_unit"] == row["business_unit"].iloc[0]]
    probability = then.score(old)["probability"] if len(old) else pd.Series(dtype="float64")
    if probability.isna().all():
        return None
    old = old.reindex(columns=row.columns)
    rescored = bundle.score(old)["log_odds"].iloc[0]
    if np.isnan(rescored):
        return None
    moved = bundle.explain(row).iloc[0] - bundle.explain(old).iloc[0]
    outside = [*ALL_LINES, *(name for name in SEGMENTS if name in moved)]
    signals = moved.drop(outside)
    strongest = signals[signals.abs() >= NOTICEABLE].sort_values(key=lambda sums: -sums.abs(), kind="stable")
    return Since(
        release=release_id,
        probability=float(probability.iloc[0]),
        by_model=float(rescored - logit(probability.iloc[0])),
        by_market=float(moved[outside].sum()),
        signals=tuple(
            Changed(str(name), _plain(old[name].iloc[0]), _plain(row[name].iloc[0]), float(change))
            for name, change in strongest.head(MOST_CHANGES).items()
        ),
    )


def _plain(value: object) -> float | str | None:
    """Return a cell as a float or a name, None where it is missing."""
    if pd.isna(value):  # type: ignore[call-overload]
        return None
    return value if isinstance(value, str) else float(value)  # type: ignore[arg-type]
