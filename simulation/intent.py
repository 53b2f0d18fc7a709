"""Intent data: how strongly each account seems to read about topics, week by week, as a data vendor would report it."""

import numpy as np
import pandas as pd

from simulation.accounts import BUSINESS_UNITS, Population
from simulation.calendar import any_moment
from simulation.emission import emit, rate_table, season
from simulation.engagement import PACE
from simulation.parameters import Stage
from simulation.process import unpack
from simulation.streams import stream
from simulation.walk import Walk

TOPICS = {
    "cloud": ("cloud migration", "data platform", "kubernetes", "cloud cost"),
    "security": ("zero trust", "ransomware", "identity management", "ot security"),
    "automation": ("collaborative robots", "machine vision", "predictive maintenance", "mes"),
    "energy": ("peak shaving", "waste heat", "iso 50001", "hydrogen furnace"),
}
SOURCES = ("intentview", "topicradar")
RATES = rate_table((0.002, 0.19, 0.26, 0.20, 0.13), (0.8, 1.3, 1.7))
CHANCE = rate_table((0.004,) * len(Stage))
STRENGTH = (38.0, 50.0, 57.0, 58.0, 52.0)
STRENGTH_SD = 17.0


def build_intent(population: Population, walks: list[Walk], seed: int) -> pd.DataFrame:
    """Return what the vendors observed, in order of time.

    Parameters
    ----------
    population, walks : the world so far.
    seed : of the world.

    Returns
    -------
    DataFrame with ``account``, ``observed_at``, ``topic`` and ``source`` (codes), and ``strength`` in [0, 100].
    """
    rng = stream(seed, "intent")
    calendar = season()
    covered = np.where(population.covered, np.sqrt(population.chatter), 0.0)
    parts = []
    for unit, walk in enumerate(walks):
        for rates, real in ((RATES, True), (CHANCE, False)):
            come = emit(rng, population, walk, rates, covered * PACE[BUSINESS_UNITS[unit]], calendar)
            stage = unpack(come.code).stage if real else np.zeros(come.step.size, dtype=np.uint8)
            topic = unit * 4 + np.minimum((rng.random(stage.size) ** 1.4 * 4).astype(np.int64), 3)
            strength = np.clip(rng.normal(np.array(STRENGTH)[stage], STRENGTH_SD), 1, 100).round(1)
            parts.append((come.account, any_moment(rng, come.step), topic, strength))
    account, observed_at, topic, strength = (np.concatenate(column) for column in zip(*parts, strict=True))
    intent = pd.DataFrame({"account": account, "observed_at": observed_at, "topic": topic, "strength": strength})
    intent["source"] = rng.integers(0, len(SOURCES), len(intent))
    return intent.sort_values(["observed_at", "account", "topic"], kind="stable", ignore_index=True)


TOPIC_NAMES = tuple(topic for unit in BUSINESS_UNITS for topic in TOPICS[unit])
