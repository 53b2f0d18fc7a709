"""Gates: what a candidate must show before it may serve, each with the figures that it was found by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from babel.languages import get_official_languages
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from models.drift import MOVED, SHIFTED, Moved, Shifted
from models.inputs import ModelKind
from training.calibration_error import calibration_errors
from training.clustered import Estimate, clustered_mean

Floats = NDArray[np.float64]

CAPACITY = 0.1
"""Part of the accounts of a region, or of a language, that one can work."""

FEWEST_FOUND = 0.6
"""How much of what is found of the others' converters must be found of a region's or language's."""

FEWEST_CONVERTERS = 20
"""Of fewer converters one cannot say how many are found."""

LEAST_KEPT = 0.6
"""How much of the top tenth must stay there when the same data are learnt from again."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a candidate of one kind.

    Parameters
    ----------
    rows : those that it was judged by: ``account_id``, ``business_unit``, ``country``, ``region``, ``label``,
        ``probability``; ``again``, what the same data gave when they were learnt from once more; ``champion``, what the
        champion says of them, NaN where it cannot be asked or may have learnt from them.
    champion : version of the bundle that serves; None where none does.
    suspects : signals that seem to know the outcome and are in use all the same.
    moved, shifted : how these rows differ from those that were learnt from.
    """

    rows: pd.DataFrame
    champion: str | None = None
    suspects: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()
    shifted: tuple[Shifted, ...] = ()


class Verdict(BaseModel):
    """What one gate says.

    Parameters
    ----------
    gate : its name.
    open : whether the candidate may pass.
    finding : the figures, as a sentence.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    gate: str
    open: bool
    finding: str


GATES_FILE = "gates.json"
"""What the file of a GateReport is called."""


class GateReport(BaseModel):
    """What the gates say of a training's candidate.

    Parameters
    ----------
    champion : version of the bundle that it was compared with; None where none served.
    verdicts : by kind of model.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    champion: str | None
    verdicts: dict[ModelKind, tuple[Verdict, ...]]

    @property
    def findings(self) -> dict[str, str]:
        """What every gate found, by kind and name."""
        return {
            f"{kind}, {verdict.gate}": verdict.finding
            for kind, verdicts in self.verdicts.items()
            for verdict in verdicts
        }

    @property
    def closed(self) -> dict[str, str]:
        """The gates that are closed, by kind and name, each with its finding."""
        return {
            f"{kind}, {verdict.gate}": verdict.finding
            for kind, verdicts in self.verdicts.items()
            for verdict in verdicts
            if not verdict.open
        }


def judge(evidence: Evidence) -> tuple[Verdict, ...]:
    """Ask every gate."""
    return tuple(
        Verdict(gate=name, open=passes, finding=finding)
        for name, gate in GATES.items()
        for passes, finding in [gate(evidence)]
    )


def _no_worse_than_champion(evidence: Evidence) -> tuple[bool, str]:
    """Compare log-loss, row by row: closed where the candidate's is larger beyond noise."""
    if evidence.champion is None:
        return True, "there is no champion yet"
    rows = evidence.rows[evidence.rows["champion"].notna()]
    if rows["account_id"].nunique() < 2:
        return True, f"champion {evidence.champion} cannot be compared: it may have learnt from all that is judged by"
    success = rows["label"].to_numpy(np.float64)
    more = _log_loss(success, rows["probability"]) - _log_loss(success, rows["champion"])
    found = clustered_mean(more, rows["account_id"])
    return found.low <= 0, (
        f"log-loss is {_signed(found)} against champion {evidence.champion} on {len(rows):,} rows "
        "(above 0 is worse; closed where the whole interval is)"
    )


def _calibrated(evidence: Evidence) -> tuple[bool, str]:
    """Compare predicted with observed rates, of all rows and of each large segment, with what chance alone gives."""
    found = calibration_errors(evidence.rows)
    wrong = [one for one in found if one.is_too_large]
    worst = max(wrong or found[1:] or found, key=lambda one: one.error - one.allowed)
    overall = f"calibration error {found[0].error:.4f} of all rows, {found[0].allowed:.4f} allowed"
    if wrong:
        named = ", ".join(one.segment for one in wrong)
        told = f"the worst {worst.segment}: {worst.error:.4f}, {worst.allowed:.4f} allowed"
        return False, f"{overall}; too large in {named}, {told}"
    if len(found) == 1:
        return True, overall
    nearest = f"the nearest {worst.segment}: {worst.error:.4f}"
    return True, f"{overall}; none of {len(found) - 1} large segments is beyond its bound, {nearest}"


def _skilled(evidence: Evidence) -> tuple[bool, str]:
    """Compare log-loss with that of the base rate: a constant is perfectly calibrated, and worth nothing."""
    success = evidence.rows["label"].to_numpy(np.float64)
    base = np.full(len(success), success.mean())
    saved = clustered_mean(
        _log_loss(success, base) - _log_loss(success, evidence.rows["probability"]), evidence.rows["account_id"]
    )
    return saved.low > 0, (
        f"log-loss is {_signed(saved)} below that of the base rate, {success.mean():.4f} "
        "(closed unless the whole interval is above 0)"
    )


def _steady(evidence: Evidence) -> tuple[bool, str]:
    """Learn from the same data again: closed where the top tenth is not much the same."""
    top = [_is_top(evidence.rows[name], pd.Series(0, index=evidence.rows.index)) for name in ("probability", "again")]
    kept = float((top[0] & top[1]).sum() / top[0].sum())
    return (
        kept >= LEAST_KEPT,
        f"{kept:.0%} of the top tenth stays when the same data are learnt again, {LEAST_KEPT:.0%} asked",
    )


def _fair(evidence: Evidence) -> tuple[bool, str]:
    """Compare the share of converters found at the same capacity, by region and by language of the market."""
    rows = evidence.rows
    languages = {code: _language(code) for code in rows["country"].unique()}
    found = list(_blind("region", rows, rows["region"]))
    found += _blind("language", rows, rows["country"].map(languages))
    blind = [told for is_blind, told in found if is_blind]
    if blind:
        return False, f"at {CAPACITY:.0%} capacity: " + "; ".join(blind)
    return True, f"at {CAPACITY:.0%} capacity none of {len(found)} regions and languages is found far less of"


def _blind(what: str, rows: pd.DataFrame, groups: pd.Series) -> Iterator[tuple[bool, str]]:
    """Tell of each region, or language, whether far fewer of its converters are found than of the others'."""
    top = _is_top(rows["probability"], groups)
    converters = rows[rows["label"]]
    for name, own in converters.groupby(groups[converters.index]):
        others = converters.drop(own.index)
        if min(own["account_id"].nunique(), others["account_id"].nunique()) < FEWEST_CONVERTERS:
            continue
        here = clustered_mean(top[own.index].to_numpy(np.float64), own["account_id"])
        elsewhere = clustered_mean(top[others.index].to_numpy(np.float64), others["account_id"])
        told = f"{what} {name}: {here.value:.0%} of the converters found, elsewhere {elsewhere.value:.0%}"
        yield here.high < FEWEST_FOUND * elsewhere.value, told


def _knows_no_outcome(evidence: Evidence) -> tuple[bool, str]:
    if evidence.suspects:
        return False, "in use though they seem to know the outcome: " + ", ".join(evidence.suspects)
    return True, "no signal in use seems to know the outcome"


def _undrifted(evidence: Evidence) -> tuple[bool, str]:
    """Compare what was learnt from with what came later: closed where scores moved, or one signal moves them all."""
    moved = [one for one in evidence.moved if one.index > MOVED]
    shifted = [one for one in evidence.shifted if abs(one.shift) > SHIFTED]
    if moved or shifted:
        told = [f"scores moved in {one.segment} (index {one.index:.2f}, {MOVED} allowed)" for one in moved[:5]]
        told += [f"{one.signal} moves scores by {one.shift:+.2f} log-odds, {SHIFTED} allowed" for one in shifted[:5]]
        return False, "what was learnt from is unlike what came later: " + "; ".join(told)
    index = evidence.moved[0].index if evidence.moved else 0.0
    shift = abs(evidence.shifted[0].shift) if evidence.shifted else 0.0
    return True, f"scores moved by {index:.2f} at most ({MOVED} allowed), one signal moves them by {shift:.2f} at most"


GATES: Mapping[str, Callable[[Evidence], tuple[bool, str]]] = MappingProxyType(
    {
        "champion": _no_worse_than_champion,
        "calibration": _calibrated,
        "skill": _skilled,
        "steadiness": _steady,
        "coverage": _fair,
        "leakage": _knows_no_outcome,
        "drift": _undrifted,
    }
)
"""What is asked, by name."""


def _is_top(score: pd.Series, groups: pd.Series) -> pd.Series:
    """Tell which rows are in the first CAPACITY of their group."""
    return score.groupby(groups).rank(ascending=False, pct=True, method="first") <= CAPACITY


def _language(country: str) -> str:
    """Return the language that most people of a country do business in; the country where none is known."""
    languages = get_official_languages(country, de_facto=True)
    return languages[0] if languages else country


def _log_loss(success: Floats, probability: pd.Series | Floats) -> Floats:
    chance = np.asarray(probability, dtype=np.float64)
    return np.asarray(-success * np.log(chance) - (1 - success) * np.log1p(-chance))


def _signed(found: Estimate) -> str:
    return f"{found.value:+.5f} ({found.low:+.5f} to {found.high:+.5f})"
