"""Views of texts: names that many rows share by themselves, of others their words and how they are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from features.leakage.bins import FEWEST_OF_ATOM, binned
from features.leakage.column import Floats
from features.leakage.sample import Flags
from features.leakage.view import Codes, View

MOST_NAMES = 200
ROWS_PER_NAME = 20
"""A text with more different values than these allow names single things: its parts are looked at, not its values."""

MOST_WORDS = 400
SEVERAL = 1.5
"""Words per text, on average, from which texts are read word by word."""

WORDS_OF_TEXT = 12
"""Of a text so many of its words that others share are read."""


def of_texts(texts: pd.Categorical, success: Flags) -> Iterator[View]:
    """Return the views of texts."""
    names = pd.Series(texts.categories.astype("str"))
    if len(names) <= min(MOST_NAMES, max(10, len(texts) // ROWS_PER_NAME)):
        yield View("its value", "value", _rows_of(np.arange(len(names)), texts), exact=True)
        return
    for called, part in _PARTS.items():
        found = pd.Categorical(names.map(part))
        if 1 < len(found.categories) <= MOST_NAMES:
            yield View(called, "form", _rows_of(found.codes, texts), exact=True)
    values = names.map(_number)
    if values.notna().mean() > 0.5:
        yield View("the number in it", "form", binned(_spread(values, texts), success)[:, None])
    yield from _words(names, texts)


def _rows_of(codes: Codes, texts: pd.Categorical) -> Codes:
    """Give every row its text's code, and the next free one where there is no text; shape (n, 1)."""
    own = np.append(codes, codes.max() + 1).astype(np.intp)
    rows: Codes = own[texts.codes]
    return rows[:, None]


def _spread(values: pd.Series, texts: pd.Categorical) -> Floats:
    """Give every row its text's number."""
    rows: Floats = np.append(values.to_numpy(np.float64, na_value=np.nan), np.nan)[texts.codes]
    return rows


def _number(text: str) -> float:
    digits = re.search(r"\d{1,15}", text)
    return float(digits.group()) if digits else float("nan")


def _pattern(text: str) -> str:
    """Return how a text is built: a for letters, 9 for digits, each run once."""
    return re.sub(r"([^\W\d_])\1*", "a", re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text)))[:12]


def _even(text: str) -> str:
    digits = re.findall(r"\d", text)
    return "" if not digits else str(int(digits[-1]) % 2)


_PARTS: dict[str, Callable[[str], str]] = {
    "its first character": lambda text: text[:1],
    "its first two characters": lambda text: text[:2],
    "its first three characters": lambda text: text[:3],
    "what comes before its digits": lambda text: re.split(r"\d", text, maxsplit=1)[0],
    "its last character": lambda text: text[-1:],
    "its last two characters": lambda text: text[-2:],
    "whether its last digit is even": _even,
    "its length": lambda text: str(min(len(text), 99)),
    "how it is built": _pattern,
}


def _words(names: pd.Series, texts: pd.Categorical) -> Iterator[View]:
    """Look at the words of longer texts, those that occur in enough rows."""
    split = names.str.casefold().str.findall(r"\w+")
    if np.mean([len(words) for words in split]) < SEVERAL:
        return
    counts = np.bincount(texts.codes[texts.codes >= 0], minlength=len(names))
    long = pd.DataFrame({"word": split, "rows": counts}).explode("word").reset_index(names="text").drop_duplicates()
    total = long.groupby("word")["rows"].sum()
    kept = total[total >= FEWEST_OF_ATOM].sort_values(ascending=False, kind="stable").index[:MOST_WORDS]
    long = long[long["word"].isin(kept)]
    place = long.groupby("text").cumcount()
    table = np.full((len(names) + 1, WORDS_OF_TEXT), -1)
    near = (place < WORDS_OF_TEXT).to_numpy()
    table[long["text"][near], place[near]] = kept.get_indexer(pd.Index(long["word"][near]))
    yield View("its words", "value", table[texts.codes].astype(np.intp), exact=True)
