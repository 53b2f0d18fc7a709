"""The words that companies' names are made of, and the industries they belong to."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

INDUSTRIES = (
    "manufacturing",
    "financial_services",
    "healthcare",
    "retail",
    "public_sector",
    "energy_utilities",
    "logistics",
    "technology",
)
FILE = Path(__file__).with_name("words.yaml")


@dataclass(frozen=True, slots=True)
class Words:
    """A language's words, each written ``word`` or ``word|reading``.

    Parameters
    ----------
    heads, tails : halves of invented roots.
    trades : per industry, in the order of ``INDUSTRIES``, what stands beside the root.
    """

    heads: tuple[str, ...]
    tails: tuple[str, ...]
    trades: tuple[tuple[str, ...], ...]


@cache
def load_words() -> dict[str, Words]:
    """Return the words of every language."""
    languages = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {
        language: Words(
            tuple(words["heads"]),
            tuple(words["tails"]),
            tuple(tuple(words["trades"][industry]) for industry in INDUSTRIES),
        )
        for language, words in languages.items()
    }
