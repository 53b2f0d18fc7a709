"""Engagement events: noisy traces of the hidden state, our own mailings, machine opens, and much that means nothing."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.accounts import BUSINESS_UNITS, Population
from simulation.arrays import FloatArray, IntArray
from simulation.calendar import START, instant, step_of, working_moment
from simulation.contacts import LANGUAGES, Contacts
from simulation.emission import draw_by_row, emit, rate_table, season
from simulation.geography import MARKETS, language_chain
from simulation.library import Library
from simulation.parameters import Stage
from simulation.process import unpack
from simulation.streams import stream
from simulation.walk import Walk

KINDS = (
    ("web", "visit"), ("web", "pricing_view"), ("email", "open"), ("email", "click"), ("email", "reply"),
    ("content", "download"), ("content", "share"), ("webinar", "attend"), ("event", "attend"), ("ad", "click"),
    ("social", "comment"), ("call", "answered"), ("meeting", "attend"), ("email", "sent"), ("call", "made"),
)  # fmt: skip
SENT, MADE = KINDS.index(("email", "sent")), KINDS.index(("call", "made"))
OPEN, CLICK = KINDS.index(("email", "open")), KINDS.index(("email", "click"))
WITH_ASSET = ("email", "content", "webinar", "web")
WITH_CAMPAIGN = ("email", "webinar", "event", "ad")
MIX = (
    (38, 1, 26, 6, 0.3, 6, 1, 4, 3, 12, 3, 0.6, 0.2, 0, 0),  # no purchase behind it
    (36, 1, 24, 6, 0.5, 7, 1, 5, 3, 10, 3, 1.2, 0.5, 0, 0),  # dormant
    (34, 2, 17, 9, 0.7, 14, 2, 8, 4, 8, 2, 1.2, 0.6, 0, 0),  # awareness
    (28, 6, 13, 9, 2, 15, 4, 9, 4, 4, 1, 4, 3, 0, 0),  # consideration
    (22, 11, 11, 7, 6, 10, 5, 4, 2, 2, 1, 9, 11, 0, 0),  # evaluation
    (17, 14, 10, 6, 9, 7, 5, 2, 1, 1, 1, 12, 15, 0, 0),  # decision
)
RATES = rate_table((0.002, 0.52, 0.62, 0.50, 0.50), (0.7, 1.3, 2.4))
PACE = {"cloud": 2.9, "security": 1.6, "automation": 1.0, "energy": 0.5}
OUTBOUND = rate_table((0.006, 0.006, 0.008, 0.02, 0.02), attention=14.0)
MAILING = 0.018
MACHINE_SHARE = 0.8
TAGGED, MISTAGGED = 0.80, 0.04
NOISE_TAGGED = 0.18
ANONYMOUS = 0.22


@dataclass(frozen=True, slots=True)
class Raw:
    """Events before they are dressed up, shape (n,) each; ``unit`` is -1 and ``stage`` -1 where nothing is behind."""

    step: IntArray
    account: IntArray
    unit: IntArray
    stage: IntArray
    kind: IntArray


def build_events(
    population: Population, walks: list[Walk], contacts: Contacts, library: Library, seed: int
) -> pd.DataFrame:
    """Return all events in order of time.

    Parameters
    ----------
    population, walks, contacts, library : the world so far.
    seed : of the world.

    Returns
    -------
    DataFrame with ``account``, ``occurred_at``, ``kind``, ``unit`` (as tagged, or -1), ``contact`` (or -1),
    ``asset`` (or -1), ``campaign`` (or -1) and ``market``, all as codes.
    """
    rng = stream(seed, "engagement")
    raw = _raw(rng, population, walks)
    people = _people(rng, contacts, raw)
    market = population.market[raw.account]
    offset = np.array([m.utc_offset for m in MARKETS])[market]
    events = pd.DataFrame(
        {
            "account": raw.account,
            "occurred_at": working_moment(rng, raw.step, offset),
            "kind": raw.kind,
            "unit": _tags(rng, raw),
            "contact": people,
            "asset": _assets(rng, raw, contacts, people, market, library),
            "campaign": _campaigns(rng, raw),
            "market": market,
        }
    )
    events = pd.concat([events, _machine_opens(rng, events, population)], ignore_index=True)
    return events.sort_values(["occurred_at", "account", "kind"], kind="stable", ignore_index=True)


def _raw(rng: np.random.Generator, population: Population, walks: list[Walk]) -> Raw:
    """Draw what happens where: from each unit's chain, from our own outreach, and from nothing at all."""
    calendar = season()
    parts = []
    for unit, walk in enumerate(walks):
        for rates, outbound in ((RATES, False), (OUTBOUND, True)):
            factor = np.ones(population.n) if outbound else PACE[BUSINESS_UNITS[unit]] * population.chatter
            come = emit(rng, population, walk, rates, factor, calendar)
            stage = unpack(come.code).stage.astype(np.int64)
            kind = (
                np.where(rng.random(stage.size) < 0.75, SENT, MADE) if outbound else draw_by_row(rng, _mix(), stage + 1)
            )
            parts.append((come.step, come.account, np.full(stage.size, unit), stage, kind))
    for factor, mailing in ((population.noise, False), (np.full(population.n, MAILING), True)):
        come = emit(rng, population, walks[0], rate_table((1.0,) * len(Stage)), factor, calendar)
        nothing = np.full(come.step.size, -1)
        kind = nothing * 0 + SENT if mailing else draw_by_row(rng, _mix(), nothing + 1)
        parts.append((come.step, come.account, nothing, nothing, kind))
    return Raw(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _mix() -> FloatArray:
    return np.array(MIX, dtype=np.float64)


def _tags(rng: np.random.Generator, raw: Raw) -> IntArray:
    """Return the business unit that each event is booked to, -1 for none; some are booked to a wrong one."""
    draw = rng.random(raw.unit.size)
    anyone = rng.integers(0, len(BUSINESS_UNITS), raw.unit.size)
    real = np.where(draw < TAGGED, raw.unit, np.where(draw < TAGGED + MISTAGGED, anyone, -1))
    return np.where(raw.unit >= 0, real, np.where(draw < NOISE_TAGGED, anyone, -1))


def _people(rng: np.random.Generator, contacts: Contacts, raw: Raw) -> IntArray:
    """Say who did it, the more people the further a purchase is; visitors often stay unknown."""
    breadth = np.where(raw.stage >= Stage.CONSIDERATION, 1.0, np.where(raw.stage == Stage.AWARENESS, 1.6, 2.5))
    picked = contacts.pick(rng, raw.account, raw.step, breadth)
    outbound = raw.kind >= SENT
    return np.where(outbound | (rng.random(picked.size) >= ANONYMOUS), picked, -1)


def _assets(
    rng: np.random.Generator, raw: Raw, contacts: Contacts, people: IntArray, market: IntArray, library: Library
) -> IntArray:
    """Name the variant that was read, about the purchase's stage and in a language that the reader understands."""
    channel = np.array([channel for channel, _ in KINDS])[raw.kind]
    reads = np.isin(channel, WITH_ASSET) & (rng.random(raw.kind.size) < np.where(channel == "web", 0.15, 0.6))
    language = np.where(people >= 0, contacts.language[people], _main_language()[market])
    unit = np.where(raw.unit >= 0, raw.unit, rng.integers(0, len(BUSINESS_UNITS), raw.unit.size))
    stage = np.where(raw.stage >= 0, raw.stage, rng.integers(0, len(Stage), raw.stage.size))
    table = _shelves(library)
    shelf = (unit * len(Stage) + stage) * len(LANGUAGES) + language
    places = np.maximum((table[shelf] >= 0).sum(axis=1), 1)
    chosen = table[shelf, (rng.random(shelf.size) * places).astype(np.int64)]
    return np.where(reads, chosen, -1)


def _main_language() -> IntArray:
    return np.array([LANGUAGES.index(market.languages[0][0]) for market in MARKETS])


def _shelves(library: Library) -> IntArray:
    """List the customers' variants by business unit, stage and language, -1 where a shelf ends; one row per shelf."""
    table = library.table
    shown = (table["audience"] == "customer").to_numpy() & (table["status"] == "approved").to_numpy()
    stages = ("adoption", "awareness", "consideration", "evaluation", "decision")
    shelves = []
    for unit in BUSINESS_UNITS:
        for stage in stages:
            fits = shown & library.allows("business_units", unit) & library.allows("stages", stage)
            for language in LANGUAGES:
                understood = next(
                    (rows for tried in language_chain(language) if (rows := fits & (table["language"] == tried)).any()),
                    np.zeros(len(table), dtype=bool),
                )
                shelves.append(np.flatnonzero(understood))
    longest = max(rows.size for rows in shelves)
    return np.stack([np.pad(rows, (0, longest - rows.size), constant_values=-1) for rows in shelves])


def _campaigns(rng: np.random.Generator, raw: Raw) -> IntArray:
    """Return the running number of the campaign behind an event: four a quarter and business unit."""
    channel = np.array([channel for channel, _ in KINDS])[raw.kind]
    months = instant(raw.step).astype("datetime64[M]").astype(np.int64) - START.astype("datetime64[M]").astype(np.int64)
    unit = np.where(raw.unit >= 0, raw.unit, rng.integers(0, len(BUSINESS_UNITS), raw.unit.size))
    number = (months // 3 * len(BUSINESS_UNITS) + unit) * 4 + rng.integers(0, 4, raw.unit.size)
    return np.where(np.isin(channel, WITH_CAMPAIGN) & (rng.random(raw.unit.size) < 0.7), number, -1)


def _machine_opens(rng: np.random.Generator, events: pd.DataFrame, population: Population) -> pd.DataFrame:
    """Let mail scanners open, and sometimes click, what was sent, within seconds or at any hour of the next days."""
    scanned = (events["kind"] == SENT).to_numpy() & population.scanned[events["account"].to_numpy()]
    opened = events[scanned & (rng.random(len(events)) < MACHINE_SHARE)]
    clicked = opened[rng.random(len(opened)) < 0.4]
    machine = pd.concat([opened.assign(kind=OPEN), clicked.assign(kind=CLICK)])
    sent = machine["occurred_at"].to_numpy().astype("datetime64[s]")
    left = (instant(step_of(sent) + 1) - sent).astype(np.int64) - 1
    at_once = rng.random(len(machine)) < 0.7
    delay = np.where(at_once, np.minimum(rng.integers(1, 90, len(machine)), left), rng.random(len(machine)) * left)
    scans: pd.DataFrame = machine.assign(occurred_at=sent + delay.astype(np.int64).astype("timedelta64[s]"))
    return scans
