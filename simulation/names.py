"""Companies' names, unique and plausible in their own language and script, and how else people spell them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.arrays import BoolArray, IntArray, ObjectArray
from simulation.geography import MARKETS
from simulation.words import INDUSTRIES, Words, load_words

TRADE_FIRST = ("es", "it", "pt")
UNSPACED = ("ja", "zh")
FORM_FIRST_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Names:
    """Names of accounts; each array has shape (n_accounts,).

    Parameters
    ----------
    base : without legal form, in the company's own script.
    latin : the same in Latin letters.
    form : legal form.
    full : as it stands in the register.
    """

    base: ObjectArray
    latin: ObjectArray
    form: ObjectArray
    full: ObjectArray


def company_names(rng: np.random.Generator, market: IntArray, industry: IntArray, parent: IntArray) -> Names:
    """Name companies; a site is called after its parent and its own country.

    Parameters
    ----------
    rng : its source of chance.
    market, industry : codes, shape (n_accounts,).
    parent : index of the parent account or -1, shape (n_accounts,).
    """
    language = np.array([m.names for m in MARKETS], dtype=object)[market]
    base, latin = np.empty(market.size, dtype=object), np.empty(market.size, dtype=object)
    for name, words in load_words().items():
        for code in range(len(INDUSTRIES)):
            rows = np.flatnonzero((language == name) & (industry == code))
            base[rows], latin[rows] = _unique(rng, words, name, code, rows.size)
    site = parent >= 0
    again = pd.Series(slugs(latin)).groupby(slugs(latin)).cumcount().to_numpy()
    serial = np.where(again > 0, " " + (again + 1).astype(str).astype(object), "")
    base, latin = base + serial, latin + serial
    country = np.array([m.labels[0] for m in MARKETS], dtype=object)[market]
    base[site] = latin[parent[site]] + " " + country[site]
    latin[site] = base[site]
    form = _forms(rng, market)
    return Names(base, latin, form, _with_form(rng, base, form, np.isin(language, UNSPACED) & ~site))


def _unique(
    rng: np.random.Generator, words: Words, language: str, industry: int, n: int
) -> tuple[ObjectArray, ObjectArray]:
    """Return n different names of one language and industry, in own script and in Latin letters."""
    heads, head_readings = _readings(words.heads)
    tails, tail_readings = _readings(words.tails)
    trades, trade_readings = _readings(words.trades[industry])
    shape = (len(heads), len(tails), len(trades))
    chosen = rng.permutation(int(np.prod(shape)))
    numbers = np.arange(n) // chosen.size + 1
    head, tail, trade = np.unravel_index(np.resize(chosen, n), shape)
    serial = np.where(numbers > 1, " " + numbers.astype(str).astype(object), "")
    root, reading = heads[head] + tails[tail], head_readings[head] + tail_readings[tail]
    if language in UNSPACED:
        return root + trades[trade] + serial, reading + " " + trade_readings[trade] + serial
    parts = (trades[trade], root) if language in TRADE_FIRST else (root, trades[trade])
    native = parts[0] + " " + parts[1] + serial
    return native, native


def _readings(words: tuple[str, ...]) -> tuple[ObjectArray, ObjectArray]:
    """Split words written ``word|reading``; a word without a reading is its own."""
    pairs = [word.partition("|") for word in words]
    return (
        np.array([word for word, _, _ in pairs], dtype=object),
        np.array([reading or word for word, _, reading in pairs], dtype=object),
    )


def _forms(rng: np.random.Generator, market: IntArray) -> ObjectArray:
    """Draw a legal form of each company's country, the first one named being the commonest."""
    counts = np.array([len(m.forms) for m in MARKETS])[market]
    rank = np.minimum((rng.random(market.size) ** 1.8 * counts).astype(np.int64), counts - 1)
    longest = max(len(m.forms) for m in MARKETS)
    table = np.array([list(m.forms) + [""] * (longest - len(m.forms)) for m in MARKETS], dtype=object)
    return np.asarray(table[market, rank])


def _with_form(rng: np.random.Generator, base: ObjectArray, form: ObjectArray, unspaced: BoolArray) -> ObjectArray:
    first = unspaced & (rng.random(base.size) < FORM_FIRST_SHARE) & (form == "株式会社")
    full = np.where(unspaced, base + form, base + " " + form)
    return np.asarray(np.where(first, form + base, full))


def slugs(latin: ObjectArray) -> ObjectArray:
    """Return names as they stand in web addresses: small ASCII letters, digits and hyphens."""
    text = pd.Series(latin, dtype="object").str.normalize("NFKD").str.encode("ascii", "ignore").str.decode("ascii")
    plain = text.str.lower().str.replace(r"[^a-z0-9]+", "-", regex=True).str.strip("-")
    return np.asarray(plain.to_numpy(dtype=object))


def respelled(rng: np.random.Generator, names: Names, rows: IntArray) -> ObjectArray:
    """Spell some companies' names as another CRM's users would.

    Parameters
    ----------
    rng : its source of chance.
    names : of all accounts.
    rows : whose names to spell otherwise, shape (n,).

    Returns
    -------
    ndarray of shape (n,)
        Without the legal form, in capitals, without accents, with a letter lost, or in the other script.
    """
    base, latin = names.base[rows], names.latin[rows]
    foreign = base != latin
    style = rng.integers(0, 4, rows.size)
    plain = pd.Series(latin, dtype="object").str.normalize("NFKD").str.encode("ascii", "ignore").str.decode("ascii")
    lost = pd.Series(latin, dtype="object").str.replace(r"^(.{4}).(.*)$", r"\1\2", regex=True)
    capitals = pd.Series(names.full[rows], dtype="object").str.upper()
    options = [latin, capitals.to_numpy(object), plain.to_numpy(object) + " " + names.form[rows], lost.to_numpy(object)]
    spelled = np.choose(style, options)
    return np.asarray(np.where(foreign & (style > 0), latin + np.array(["", " Co., Ltd.", " Co.", ""])[style], spelled))
