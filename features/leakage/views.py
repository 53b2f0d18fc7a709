"""Views of a column: its value, whether there is one, and the parts in which an outcome may be written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.leakage.column import Column, Floats
from features.leakage.sample import Flags

Codes = NDArray[np.intp]
Aspect = Literal["value", "presence", "form", "later"]

MOST_BINS = 30
SUCCESSES_PER_BIN = 8
MOST_NAMES = 200
ROWS_PER_NAME = 20
"""A text with more different values than these allow names single things: its parts are looked at, not its values."""

_ATOM = 0.004
_FEWEST_OF_ATOM = 5
_MOST_WORDS = 400


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a column.

    Parameters
    ----------
    called : what is looked at, in words.
    aspect : 'value', 'presence', 'form' (how the value is written), or 'later' (a date after the row's time).
    codes : ndarray of shape (n, k), one place among the view's values per word, k = 1 but for words; -1 for none.
    exact : per place, whether it stands for one value rather than a range.
    """

    called: str
    aspect: Aspect
    codes: Codes
    exact: bool = False


def views(column: Column, success: Flags, time: Floats | None) -> Iterator[View]:
    """Return all views of a column that tell rows apart.

    Parameters
    ----------
    success : ndarray of shape (n,): where the two outcomes lie decides how finely numbers are cut.
    time : ndarray of shape (n,), seconds since 1970 of each row's instant of prediction.
    """
    filled = column.filled
    if not filled.any():
        return
    if not filled.all():
        yield View("whether it is filled", "presence", filled.astype(np.intp)[:, None], exact=True)
    if column.numbers is not None:
        yield from _of_numbers(column.numbers, success, dated=column.dated, time=time)
    elif column.texts is not None:
        yield from _of_texts(column.texts, success)


def _of_numbers(numbers: Floats, success: Flags, *, dated: bool, time: Floats | None) -> Iterator[View]:
    yield View("its value", "value", _binned(numbers, success)[:, None])
    if dated:
        yield View("its time of day", "form", _binned(numbers % 86_400, success)[:, None])
        if time is not None:
            yield View("whether it lies after the row's time", "later", _coded(numbers >= time, numbers)[:, None])
            yield View("how long before the row's time it lies", "value", _binned(time - numbers, success)[:, None])
        return
    yield View("how many digits it is written with", "form", _coded(_precision(numbers), numbers)[:, None])
    if _names_single_things(numbers):
        for divisor in (2, 10):
            called = "whether it is even" if divisor == 2 else "its last digit"
            yield View(called, "form", _coded(np.mod(np.abs(numbers), divisor), numbers)[:, None])


def _of_texts(texts: pd.Categorical, success: Flags) -> Iterator[View]:
    names = pd.Series(texts.categories.astype("str"))
    if len(names) <= min(MOST_NAMES, max(10, len(texts) // ROWS_PER_NAME)):
        yield View("its value", "value", texts.codes.astype(np.intp)[:, None], exact=True)
        return
    for called, part in _PARTS.items():
        found = pd.Categorical(names.map(part))
        if 1 < len(found.categories) <= MOST_NAMES:
            yield View(called, "form", _spread(found.codes, texts)[:, None], exact=True)
    values = names.map(_number)
    if values.notna().mean() > 0.5:
        yield View("the number in it", "form", _binned(_spread_floats(values, texts), success)[:, None])
    yield from _words(names, texts)


def _binned(numbers: Floats, success: Flags) -> Codes:
    """Cut numbers where both outcomes are spread; a value that many rows share stands by itself, the missing too."""
    there = ~np.isnan(numbers)
    if not there.any():
        return np.full(len(numbers), -1)
    bins = int(np.clip(success.sum() // SUCCESSES_PER_BIN, 5, MOST_BINS))
    won = numbers[there & success]
    edges = np.concatenate([_quantiles(numbers[there], bins), _quantiles(won, min(bins, len(won) // 10))])
    values, counts = np.unique(numbers[there], return_counts=True)
    atoms = values[counts >= max(_FEWEST_OF_ATOM, _ATOM * len(numbers))]
    codes = 2 * np.searchsorted(np.unique(np.concatenate([edges, atoms])), numbers)
    codes[there] += np.isin(numbers[there], atoms)
    codes[~there] = codes.max() + 1
    return codes.astype(np.intp)


def _quantiles(numbers: Floats, bins: int) -> Floats:
    """Return values that cut numbers into parts of about equal size; infinite ones are values like any."""
    if bins < 2 or not len(numbers):
        return np.empty(0)
    places = np.linspace(0, len(numbers) - 1, bins + 1)[1:-1].astype(np.intp)
    return np.sort(numbers)[places]


def _coded(values: NDArray[np.generic], numbers: Floats) -> Codes:
    """Return the place of each value among all, the missing last."""
    codes = np.unique(values, return_inverse=True)[1].astype(np.intp)
    codes[np.isnan(numbers)] = codes.max() + 1
    return codes


def _precision(numbers: Floats) -> Codes:
    """Return how many decimals a number has, up to 4, or as a negative number how many zeros it ends in, up to 3."""
    known = np.where(np.isfinite(numbers), numbers, 0.0)
    precision = np.full(len(known), 4)
    for decimals in (3, 2, 1, 0, -1, -2, -3):
        scaled = known * 10.0**decimals
        precision[np.abs(scaled - np.round(scaled)) < 1e-6 * np.maximum(1.0, np.abs(scaled))] = decimals
    return precision.astype(np.intp)


def _names_single_things(numbers: Floats) -> bool:
    """Tell whether these are whole numbers of which nearly each occurs once, as those that name things are."""
    there = numbers[np.isfinite(numbers)]
    return len(there) > 0 and bool((there == np.round(there)).all()) and len(np.unique(there)) > 0.5 * len(there)


def _spread(codes: NDArray[np.integer], texts: pd.Categorical) -> Codes:
    """Give every row its text's code, and the next free one where there is no text."""
    own = np.append(codes, codes.max() + 1).astype(np.intp)
    return own[texts.codes]


def _spread_floats(values: pd.Series, texts: pd.Categorical) -> Floats:
    return np.append(values.to_numpy(np.float64, na_value=np.nan), np.nan)[texts.codes]


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
    if split.str.len().mean() < 1.5:
        return
    counts = np.bincount(texts.codes[texts.codes >= 0], minlength=len(names))
    long = pd.DataFrame({"word": split, "rows": counts}).explode("word").reset_index(names="text").drop_duplicates()
    total = long.groupby("word")["rows"].sum()
    kept = total[total >= _FEWEST_OF_ATOM].sort_values(ascending=False, kind="stable").index[:_MOST_WORDS]
    long = long[long["word"].isin(kept)]
    width = 12
    place = long.groupby("text").cumcount()
    table = np.full((len(names) + 1, width), -1)
    near = (place < width).to_numpy()
    table[long["text"][near], place[near]] = kept.get_indexer(pd.Index(long["word"][near]))
    yield View("its words", "form", table[texts.codes].astype(np.intp), exact=True)
