"""Playbooks shown by the logging policy, with the chance with which each was shown, and what came of it."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from simulation.accounts import BUSINESS_UNITS, Population
from simulation.arrays import NEVER, BoolArray, FloatArray, IntArray, ObjectArray, Times, kept, texts
from simulation.calendar import AS_OF
from simulation.contacts import LANGUAGES, ROLES, Contacts
from simulation.geography import MARKETS, language_chain
from simulation.library import Library
from simulation.requests import STAGES, Requests, build_requests
from simulation.streams import stream
from simulation.walk import Walk

SHOWN = 3
POLICY = "rules-2024.1"
TEAMS = ("field", "inside", "partners")
OUTCOMES = ("opened", "used", "shared", "meeting")


@dataclass(frozen=True, slots=True)
class OutcomeModel:
    """Log odds that something comes of a playbook that is looked at; truth for judging recommenders.

    Parameters
    ----------
    base : of any playbook.
    stage, persona : added where it is made for the account's true stage, and for the reader's true role.
    language, local : added where it is in the reader's own language, and where it is made for the market alone.
    appeal_sd : standard deviation of what a family adds by itself.
    looked_at : chance that a position is looked at.
    """

    base: float = -3.1
    stage: float = 0.9
    persona: float = 0.9
    language: float = 0.8
    local: float = 0.35
    appeal_sd: float = 0.6
    looked_at: tuple[float, ...] = (0.9, 0.65, 0.45)


@dataclass(frozen=True, slots=True)
class LoggingPolicy:
    """Log weights by which the policy of old drew, without replacement, from all that the market may see."""

    stage: float = 0.8
    persona: float = 0.5
    language: float = 1.0


OUTCOME = OutcomeModel()
LOGGING = LoggingPolicy()


def build_impressions(
    population: Population, walks: list[Walk], contacts: Contacts, library: Library, seed: int
) -> pd.DataFrame:
    """Return what was shown, in order of time and position.

    Parameters
    ----------
    population, walks, contacts, library : the world so far.
    seed : of the world.

    Returns
    -------
    DataFrame with codes ``account``, ``asset``, ``unit``, ``stage``, ``persona``, ``language``, ``market``,
    ``contact``, ``request``, ``team``; ``position``, ``probability``, ``shown_at``, ``viewed_at``, ``outcome`` (or
    None), ``outcome_at``.
    """
    rng = stream(seed, "impressions")
    requests = build_requests(rng, population, walks, contacts)
    features = _fits(library)
    appeal = family_appeal(library, seed)
    parts = []
    cell = (requests.unit * len(MARKETS) + requests.market) * len(LANGUAGES) + requests.language
    for key in np.unique(cell):
        rows = np.flatnonzero(cell == key)
        candidates = _candidates(library, requests, int(rows[0]))
        if candidates.size > SHOWN:
            parts.append(_show(rng, requests, rows, candidates, features))
    shown = pd.concat(parts, ignore_index=True)
    shown = shown.sort_values(["request", "position"], kind="stable", ignore_index=True)
    return _judged(rng, shown, requests, library, features, appeal)


def family_appeal(library: Library, seed: int) -> FloatArray:
    """Return what each family adds to the log odds by itself, shape (n_families,)."""
    return OUTCOME.appeal_sd * stream(seed, "appeal").normal(size=len(library.families))


@dataclass(frozen=True, slots=True)
class _Fits:
    """For which stages and personas each variant is made, its language, and whether it is a market's own."""

    stage: BoolArray
    persona: BoolArray
    language: ObjectArray
    local: BoolArray
    from_: Times
    until: Times


def _fits(library: Library) -> _Fits:
    table = library.table
    return _Fits(
        np.stack([library.allows("stages", stage) for stage in STAGES], axis=1),
        np.stack([library.allows("personas", role) for role in ROLES], axis=1),
        table["language"].to_numpy(object),
        (table["layer"] == "local").to_numpy(),
        table["valid_from"].fillna(pd.Timestamp("1970-01-01")).to_numpy().astype("datetime64[s]"),
        table["expires_at"].fillna(pd.Timestamp("2262-01-01")).to_numpy().astype("datetime64[s]"),
    )


def _candidates(library: Library, requests: Requests, row: int) -> IntArray:
    """Return the variants that may be shown to one cell of market, language and business unit."""
    spoken = language_chain(LANGUAGES[requests.language[row]])
    fits = library.allows("markets", MARKETS[requests.market[row]].country)
    fits &= library.allows("business_units", BUSINESS_UNITS[requests.unit[row]])
    fits &= (library.table["status"] == "approved").to_numpy() & library.table["language"].isin(spoken).to_numpy()
    return np.flatnonzero(fits)


def _show(
    rng: np.random.Generator, requests: Requests, rows: IntArray, candidates: IntArray, fits: _Fits
) -> pd.DataFrame:
    """Draw the variants shown for requests of one cell by adding Gumbel noise to log weights and taking the largest."""
    own = fits.language[candidates] == LANGUAGES[requests.language[rows[0]]]
    weight = LOGGING.stage * fits.stage[candidates][:, requests.stage[rows]].T
    weight = weight + LOGGING.persona * fits.persona[candidates][:, requests.persona[rows]].T + LOGGING.language * own
    asked = requests.asked_at[rows][:, None]
    weight = np.where((asked >= fits.from_[candidates]) & (asked < fits.until[candidates]), weight, -np.inf)
    order = np.argsort(-(weight + rng.gumbel(size=weight.shape)), axis=1, kind="stable")[:, :SHOWN]
    mass = np.exp(np.take_along_axis(weight, order, axis=1))
    left = np.exp(weight).sum(axis=1, keepdims=True) - np.cumsum(mass, axis=1) + mass
    return pd.DataFrame(
        {
            "request": np.repeat(rows, SHOWN),
            "position": np.tile(np.arange(1, SHOWN + 1), rows.size),
            "asset": candidates[order].ravel(),
            "probability": (mass / left).ravel(),
        }
    )


def _judged(
    rng: np.random.Generator, shown: pd.DataFrame, requests: Requests, library: Library, fits: _Fits, appeal: FloatArray
) -> pd.DataFrame:
    """Add to each impression what came of it."""
    request, asset = shown["request"].to_numpy(), shown["asset"].to_numpy()
    own = fits.language[asset] == texts(*LANGUAGES)[requests.language[request]]
    odds = (
        OUTCOME.base
        + OUTCOME.stage * fits.stage[asset, requests.true_stage[request]]
        + OUTCOME.persona * fits.persona[asset, requests.persona[request]]
        + OUTCOME.language * own
        + OUTCOME.local * fits.local[asset]
        + appeal[library.family[asset]]
    )
    viewed = rng.random(len(shown)) < np.array(OUTCOME.looked_at)[shown["position"] - 1]
    good = viewed & (rng.random(len(shown)) < 1 / (1 + np.exp(-odds)))
    asked = requests.asked_at[request]
    viewed_at = asked + rng.integers(2, 600, len(shown)).astype("timedelta64[s]")
    outcome_at = viewed_at + rng.integers(10, 6 * 86_400, len(shown)).astype("timedelta64[s]")
    good &= outcome_at < AS_OF
    kind = texts(*OUTCOMES)[rng.choice(len(OUTCOMES), len(shown), p=(0.45, 0.3, 0.15, 0.1))]
    names = ("account", "unit", "stage", "persona", "contact", "language", "market")
    return shown.assign(
        **{name: getattr(requests, name)[request] for name in names},
        shown_at=asked,
        viewed_at=np.where(viewed & (viewed_at < AS_OF), viewed_at, NEVER),
        outcome=kept(kind, good),
        outcome_at=np.where(good, outcome_at, NEVER),
        team=rng.integers(0, len(TEAMS), len(shown)),
    )


def outcome_truth(library: Library, seed: int) -> dict[str, object]:
    """Return the model behind outcomes, for the truth folder."""
    appeal = family_appeal(library, seed).round(6).tolist()
    return {
        "outcome": asdict(OUTCOME),
        "logging_policy": asdict(LOGGING),
        "family_appeal": dict(zip(library.families, appeal, strict=True)),
    }
