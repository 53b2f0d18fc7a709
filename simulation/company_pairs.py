"""Pairs of company names of which it is known whether they are one company's, as people spell and mix them up."""

from __future__ import annotations

import pandas as pd

from simulation.company_names import Company, Maker
from simulation.name_changes import OTHER, SAME, SURFACE, TEXT
from simulation.streams import stream

SAME_SHARE = 0.65
"""Of the pairs that people are in doubt about, about two of three are one company's."""

_TRIES = 20


def name_pairs(n: int, seed: int) -> pd.DataFrame:
    """Simulate pairs of names.

    Parameters
    ----------
    n : how many, >= 1.
    seed : same seed, same pairs.

    Returns
    -------
    DataFrame with ``name_left``, ``name_right``, ``same`` and ``change``, the names of the changes that were made.
    """
    maker = Maker(stream(seed, "company pairs"))
    rows = []
    for _ in range(n):
        company = maker.company()
        same = maker.chance(SAME_SHARE)
        left = maker.write(company)
        right, change = _same(maker, company) if same else _other(maker, company)
        if maker.chance(0.5):
            left, right = right, left
        rows.append((left, right, same, change))
    return pd.DataFrame(rows, columns=["name_left", "name_right", "same", "change"])


def _same(maker: Maker, company: Company) -> tuple[str, str]:
    """Write the name again as another would."""
    if maker.chance(0.5):
        change = maker.one(SAME)
        changed = change(maker, company)
        if changed is not None:
            return _respelled(maker, changed, [change.__name__.strip("_")])
    return _respelled(maker, company, [])


def _other(maker: Maker, company: Company) -> tuple[str, str]:
    """Write the name of another company that is like it."""
    for _ in range(_TRIES):
        change = maker.one(OTHER)
        changed = change(maker, company)
        if changed is not None and changed != company:
            return _respelled(maker, changed, [change.__name__.strip("_")])
    return _respelled(maker, maker.company(), ["stranger"])


def _respelled(maker: Maker, company: Company, done: list[str]) -> tuple[str, str]:
    """Change what people change in any name, one company's or another's."""
    for change, probability in SURFACE:
        if maker.chance(probability):
            changed = change(maker, company)
            if changed is not None:
                done.append(change.__name__.strip("_"))
                company = changed
    text = maker.write(company, first=not maker.chance(0.5))
    for respell, probability in TEXT:
        if maker.chance(probability):
            new = respell(maker, text)
            if new and new != text:
                text = new
                done.append(respell.__name__.strip("_"))
    return text, " ".join(done)
