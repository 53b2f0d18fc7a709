"""What people change in a company's name, and how another company's name differs from it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace

import icu
import numpy as np

from simulation.company_names import UNSPACED, Company, Maker
from simulation.company_words import COMMON, FORMS, FUNDS, GIVEN, PLACES, PLAIN_WORDS, SCRIPTS, SPELLED

Change = Callable[[Maker, Company], Company | None]
"""Returns None where the change cannot be made."""

TextChange = Callable[[Maker, str], str]


def _form_dropped(m: Maker, c: Company) -> Company | None:
    return replace(c, form="") if c.form else None


def _form_spelled(m: Maker, c: Company) -> Company | None:
    return replace(c, form=SPELLED[c.form]) if c.form in SPELLED else None


def _form_other(m: Maker, c: Company) -> Company | None:
    return replace(c, form=m.one(FORMS)) if not c.unspaced and m.chance(0.5) else None


def _common_dropped(m: Maker, c: Company) -> Company | None:
    return replace(c, common=()) if c.common and m.chance(0.7) else None


def _common_added(m: Maker, c: Company) -> Company | None:
    return replace(c, common=(m.one(COMMON),)) if not c.common and not c.unspaced and m.chance(0.3) else None


def _trade_dropped(m: Maker, c: Company) -> Company | None:
    needless = len(c.trade) > 1 or (c.trade and m.chance(0.15))
    return replace(c, trade=c.trade[:-1]) if needless and m.chance(0.5) else None


def _the(m: Maker, c: Company) -> Company | None:
    return replace(c, the=not c.the) if not c.unspaced else None


def _own_typo(m: Maker, c: Company) -> Company | None:
    at = int(m.rng.integers(len(c.own)))
    word = c.own[at]
    if len(word) < 4 or c.unspaced or (len(word) < 6 and len(c.own) == 1):
        return None
    return replace(c, own=(*c.own[:at], _typo(m, word), *c.own[at + 1 :]))


def _typo(m: Maker, word: str) -> str:
    at = int(m.rng.integers(1, len(word) - 1))
    kind = m.rng.random()
    if kind < 0.3:
        return word[:at] + word[at + 1 :]
    if kind < 0.6:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind < 0.8:
        return word[:at] + word[at] + word[at:]
    return word[:at] + m.one("abcdefghiklmnoprstuvz") + word[at + 1 :]


def _sound(m: Maker, c: Company) -> Company | None:
    """Spell a word as it sounds."""
    word = c.own[-1]
    for one, other in m.rng.permutation(
        np.array(
            [
                ("ph", "f"),
                ("ck", "k"),
                ("c", "k"),
                ("y", "i"),
                ("w", "v"),
                ("sch", "sh"),
                ("th", "t"),
                ("ü", "ue"),
                ("ö", "oe"),
                ("ss", "s"),
                ("tt", "t"),
                ("ll", "l"),
                ("x", "ks"),
                ("z", "s"),
                ("ei", "ai"),
                ("ou", "u"),
            ],
            dtype=object,
        )
    ):
        if one in word and len(word) > 4:
            return replace(c, own=(*c.own[:-1], word.replace(one, other, 1)))
    return None


def _joint(m: Maker, c: Company) -> Company | None:
    if len(c.own) < 2 or c.unspaced:
        return None
    return (
        replace(c, joint=m.one((" & ", " and ", " + ", " und ", "&")))
        if "&" in c.joint
        else replace(c, joint=m.one(("", "-")))
    )


def _swapped(m: Maker, c: Company) -> Company | None:
    return replace(c, own=c.own[::-1]) if len(c.own) > 1 and m.chance(0.5) else None


def _acronym(m: Maker, c: Company) -> Company | None:
    words = [*c.own, *(t[0] for t in c.trade), *(t[0] for t in c.common)]
    if len(words) < 3 or c.unspaced or c.number or c.place or m.chance(0.4):
        return None
    return replace(c, own=("".join(w[0] for w in words).upper(),), trade=(), common=(), joint=" ")


def _trade_typo(m: Maker, c: Company) -> Company | None:
    if not c.trade or c.unspaced or len(c.trade[0][0]) < 5:
        return None
    return replace(c, trade=((_typo(m, c.trade[0][0]),), *c.trade[1:]))


def _cut_short(m: Maker, c: Company) -> Company | None:
    """Write a word's beginning only, or its consonants."""
    if not c.trade or c.unspaced or len(c.trade[-1][0]) < 7:
        return None
    word = c.trade[-1][0]
    short = (
        word[: int(m.rng.integers(3, 6))]
        if m.chance(0.7)
        else word[0] + "".join(x for x in word[1:] if x not in "aeiou")[:3]
    )
    return replace(c, trade=(*c.trade[:-1], (short + m.one(("", ".")),)))


def _together(m: Maker, c: Company) -> Company | None:
    if not c.trade or c.unspaced:
        return None
    return replace(c, own=(*c.own[:-1], c.own[-1] + c.trade[0][0].lower()), trade=c.trade[1:])


def _common_other(m: Maker, c: Company) -> Company | None:
    return replace(c, common=(m.one([w for w in COMMON if w not in c.common]),)) if c.common else None


def _another_common(m: Maker, c: Company) -> Company | None:
    return replace(c, common=(m.one(COMMON),)) if not c.common and not c.unspaced else None


def _head(m: Maker, c: Company) -> Company | None:
    """Cut an own word short, as if it were another company's."""
    word = c.own[-1]
    return (
        replace(c, own=(*c.own[:-1], word[: int(m.rng.integers(3, len(word)))]))
        if len(word) > 6 and not c.unspaced
        else None
    )


def _given_initial(m: Maker, c: Company) -> Company | None:
    return replace(c, own=(c.own[0][0] + ".", *c.own[1:])) if c.own[0] in GIVEN and len(c.own) > 1 else None


def _case(m: Maker, text: str) -> str:
    return m.one((text.upper(), text.lower(), text.title()))


def _accents(m: Maker, text: str) -> str:
    return "".join(ch for ch in unicodedata.normalize("NFKD", text) if not "\u0300" <= ch <= "\u036f")


def _misspelled(m: Maker, text: str) -> str:
    """Make one to three slips anywhere in words of four letters or more."""
    for _ in range(int(m.rng.integers(1, 4))):
        words = text.split(" ")
        long = [at for at, word in enumerate(words) if len(word) > 3 and word.isalpha()]
        if long:
            at = m.one(long)
            words[at] = _typo(m, words[at])
            text = " ".join(words)
    return text


def _spacing(m: Maker, text: str) -> str:
    """Lose _the space between two words, or write one word as two."""
    words = text.split(" ")
    if len(words) > 1 and m.chance(0.5):
        at = int(m.rng.integers(len(words) - 1))
        return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])
    at = int(m.rng.integers(len(words)))
    if len(words[at]) > 5:
        cut = int(m.rng.integers(3, len(words[at]) - 2))
        words[at] = words[at][:cut] + " " + words[at][cut:]
    return " ".join(words)


def _punctuation(m: Maker, text: str) -> str:
    return (
        text.replace(" ", m.one((" - ", ", ", "  ", ".")), 1)
        if m.chance(0.5)
        else text.replace(".", "").replace(",", "")
    )


def _script(m: Maker, text: str) -> str:
    if not text.isascii() and any(ord(ch) > 0x250 for ch in text):
        return str(icu.Transliterator.createInstance("Any-Latin").transliterate(text))
    return str(icu.Transliterator.createInstance(m.one(SCRIPTS)).transliterate(text))


def _place_added(m: Maker, c: Company) -> Company | None:
    return replace(c, place=(m.one(PLACES),)) if not c.place and not c.unspaced else None


def _place_dropped(m: Maker, c: Company) -> Company | None:
    return replace(c, place=()) if c.place else None


def _place_other(m: Maker, c: Company) -> Company | None:
    return replace(c, place=(m.one([p for p in PLACES if p not in c.place]),)) if c.place else None


def _number_other(m: Maker, c: Company) -> Company | None:
    """Give a plant another number; what is numbered as a fund is one manager's."""
    other = 1 + (c.number + int(m.rng.integers(0, 9))) % 10
    return replace(c, number=other) if c.number and other != c.number and not _is_fund(c) else None


def _number_of_fund(m: Maker, c: Company) -> Company | None:
    return replace(c, number=int(m.rng.integers(1, 11))) if _is_fund(c) else None


def _is_fund(c: Company) -> bool:
    return any(spellings[0] in FUNDS for spellings in c.trade)


def _number_added(m: Maker, c: Company) -> Company | None:
    return (
        replace(c, number=int(m.rng.integers(1, 11))) if not c.number and not c.unspaced and not _is_fund(c) else None
    )


def _trade_other(m: Maker, c: Company) -> Company | None:
    new = m.trades()
    if c.unspaced or not c.trade or new[0] in c.trade:
        return None
    return replace(c, trade=(*c.trade[:-1], *new))


def _trade_added(m: Maker, c: Company) -> Company | None:
    new = m.trades()
    return replace(c, trade=(*c.trade, *new)) if new[0] not in c.trade and not c.unspaced else None


def _own_other(m: Maker, c: Company) -> Company | None:
    """Put another company's own words before the same trade, place and common words."""
    return replace(c, own=m.own(), joint=" ") if (c.trade or c.common or c.place) and not c.unspaced else None


def _one_own_other(m: Maker, c: Company) -> Company | None:
    if len(c.own) < 2:
        return None
    at = int(m.rng.integers(len(c.own)))
    new = m.one((m.root(), m.one(PLAIN_WORDS), m.one(GIVEN)))
    return replace(c, own=(*c.own[:at], new, *c.own[at + 1 :])) if new not in c.own else None


def _own_added(m: Maker, c: Company) -> Company | None:
    new = m.one((m.root(), m.one(PLAIN_WORDS)))
    return replace(c, own=(*c.own, new) if m.chance(0.6) else (new, *c.own), joint=" ") if not c.unspaced else None


def _near(m: Maker, c: Company) -> Company | None:
    """Change a letter of a short name, or the ending of a root."""
    word = c.own[0]
    if len(word) <= 4 and not c.unspaced:
        at = int(m.rng.integers(len(word)))
        return replace(c, own=(word[:at] + m.one("ABCDEFGHIKLMNOPRSTUV") + word[at + 1 :], *c.own[1:]))
    root = m.words[m.one(m.spaced)]
    return (
        replace(c, own=(word[: max(3, len(word) // 2)] + m.one(root.tails).split("|")[0], *c.own[1:]))
        if not c.unspaced
        else None
    )


def _kana_other(m: Maker, c: Company) -> Company | None:
    if not c.unspaced:
        return None
    words = m.words[m.one(UNSPACED)]
    new = m.one(m.one(list(words.trades))).split("|")[0]
    if m.chance(0.5):
        return replace(c, trade=((new,),)) if new != c.trade[0][0] else None
    return replace(c, own=(m.one(words.heads).split("|")[0] + m.one(words.tails).split("|")[0],))


def _stranger(m: Maker, _: Company) -> Company | None:
    return m.company()


SAME: tuple[Change, ...] = (
    _common_dropped, _common_added, _trade_dropped, _place_added, _place_dropped, _swapped, _acronym, _acronym,
    _acronym, _given_initial, _own_typo, _own_typo, _own_typo, _sound, _sound, _joint, _joint, _trade_typo, _cut_short,
    _cut_short, _together, _number_of_fund,
)  # fmt: skip
"""What leaves a name the same company's; a change that is named twice is made twice as often."""

SURFACE: tuple[tuple[Change, float], ...] = (
    (_form_dropped, 0.25),
    (_form_spelled, 0.25),
    (_form_other, 0.25),
    (_the, 0.05),
    (_own_typo, 0.08),
    (_trade_typo, 0.06),
    (_cut_short, 0.05),
    (_sound, 0.05),
    (_joint, 0.1),
)
TEXT: tuple[tuple[TextChange, float], ...] = (
    (_case, 0.35),
    (_accents, 0.25),
    (_punctuation, 0.2),
    (_script, 0.08),
    (_misspelled, 0.25),
    (_spacing, 0.1),
)
OTHER: tuple[Change, ...] = (
    _place_added, _place_other, _place_other, _number_other, _number_added, _trade_other, _trade_other, _trade_added,
    _own_other, _one_own_other, _one_own_other, _own_added, _near, _near, _kana_other, _kana_other, _stranger,
    _common_other, _another_common, _common_dropped, _head,
)  # fmt: skip
"""What makes it another company's."""
