"""The group file of the simulated multinational."""

from pathlib import Path

import numpy as np
import yaml

from simulation.accounts import Population
from simulation.contacts import ROLES
from simulation.currency import GROUP_CURRENCY
from simulation.deals import MARGINS
from simulation.geography import DEFAULT_LANGUAGES, FALLBACKS, MARKETS, REGIONS, region_of
from simulation.parameters import CHAINS
from simulation.requests import STAGES

PLANNING_DAYS = 365
COMMITTEES = {
    "cloud": ("economic_buyer", "technical_evaluator", "champion"),
    "security": ("economic_buyer", "technical_evaluator", "champion", "legal"),
    "automation": ("economic_buyer", "technical_evaluator", "champion", "user"),
    "energy": ("economic_buyer", "technical_evaluator", "champion", "user", "legal"),
}
TIERS: dict[str, dict[str, float | None]] = {
    "strategic": {"share": 0.01, "cost": 12_000, "effect": 0.7},
    "scale": {"share": 0.06, "cost": 1_500, "effect": 0.3},
    "programmatic": {"share": None, "cost": 50, "effect": 0.05},
}


def export_group(population: Population, out: Path) -> None:
    """Write ``group.yaml`` into a folder, the tiers' capacities scaled to the accounts of each region."""
    region = np.array([region_of(m.country) for m in MARKETS])[population.market]
    counts = {name: int((region == name).sum()) for name in REGIONS}
    document = {
        "currency": GROUP_CURRENCY,
        "planning_days": PLANNING_DAYS,
        "regions": {name: list(countries) for name, countries in REGIONS.items()},
        "languages": {
            "fallback": {language: list(chain) for language, chain in FALLBACKS.items()},
            "default": list(DEFAULT_LANGUAGES),
        },
        "business_units": {
            name: {"horizon_days": chain.horizon_days, "margin": MARGINS[name], "committee": list(COMMITTEES[name])}
            for name, chain in CHAINS.items()
        },
        "tiers": {name: _tier(tier, counts) for name, tier in TIERS.items()},
        "stages": list(STAGES),
        "personas": list(ROLES),
    }
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    (out / "group.yaml").write_text(text, encoding="utf-8")


def _tier(tier: dict[str, float | None], counts: dict[str, int]) -> dict[str, object]:
    share = tier["share"]
    declared: dict[str, object] = {"cost": tier["cost"], "effect": tier["effect"]}
    if share is not None:
        declared["capacity"] = {region: max(1, round(n * share)) for region, n in counts.items()}
    return declared
