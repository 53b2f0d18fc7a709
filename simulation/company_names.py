"""Made-up company names by their parts, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from simulation.company_words import (
    COMMON,
    FORMS,
    GIVEN,
    NUMBER_WORDS,
    PLACES,
    PLAIN_WORDS,
    ROMAN,
    TRADES,
)
from simulation.words import load_words

UNSPACED = ("ja", "zh")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Company:
    """A company's name by its parts; a tuple of spellings stands for one word.

    Parameters
    ----------
    own : its own words.
    trade, common, place : what it does, what many companies are called, where it is.
    number : 0 for none.
    form : legal form.
    the : whether an article stands first.
    joint : what stands between its own words.
    unspaced : whether the name is in a script that writes no spaces.
    """

    own: tuple[str, ...]
    trade: tuple[tuple[str, ...], ...] = ()
    common: tuple[tuple[str, ...], ...] = ()
    place: tuple[tuple[str, ...], ...] = ()
    number: int = 0
    form: str = ""
    the: bool = False
    joint: str = " "
    unspaced: bool = False


class Maker:
    """Invents names from one source of chance."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.words = load_words()
        self.spaced = [name for name in self.words if name not in UNSPACED]

    def chance(self, probability: float) -> bool:
        """Draw whether something happens."""
        return bool(self.rng.random() < probability)

    def one(self, options: Sequence[T]) -> T:
        """Draw one of several."""
        return options[int(self.rng.integers(len(options)))]

    def root(self) -> str:
        """Invent a word."""
        words = self.words[self.one(self.spaced)]
        return (self.one(words.heads) + self.one(words.tails)).split("|")[0]

    def letters(self) -> str:
        """Invent a word of initials."""
        return "".join(self.one("ABCDEFGHIKLMNOPRSTUVWXZ") for _ in range(int(self.rng.integers(2, 5))))

    def own(self) -> tuple[str, ...]:
        """Draw words that are one company's own."""
        kind = self.rng.random()
        if kind < 0.4:
            return (self.root(),)
        if kind < 0.5:
            return (self.root(), self.root())
        if kind < 0.6:
            return (self.one(GIVEN), self.root())
        if kind < 0.8:
            return (self.one(PLAIN_WORDS), self.one(PLAIN_WORDS)) if self.chance(0.7) else (self.one(PLAIN_WORDS),)
        if kind < 0.9:
            return (self.letters(),)
        return (self.one(PLAIN_WORDS), self.root())

    def trades(self) -> tuple[tuple[str, ...], ...]:
        """Draw what a company does."""
        if self.chance(0.75):
            return (self.one(TRADES),)
        words = self.words[self.one(self.spaced)]
        return ((self.one(self.one(list(words.trades))).split("|")[0],),)

    def company(self) -> Company:
        """Invent a company's name: in an unspaced script, of words that many have, or with words of its own."""
        if self.chance(0.06):
            return self._unspaced()
        if self.chance(0.08):
            return Company(
                own=(self.one(PLAIN_WORDS[24:36]),) if self.chance(0.5) else (self.one(PLACES)[0],),
                trade=self.trades(),
                common=(self.one(COMMON),) if self.chance(0.5) else (),
                form=self.one(FORMS) if self.chance(0.7) else "",
            )
        own = self.own()
        trade = self.trades() if self.chance(0.75) else ()
        if trade and self.chance(0.25):
            trade += self.trades()
        return Company(
            own=own,
            trade=trade,
            common=(self.one(COMMON),) if self.chance(0.35) else (),
            place=(self.one(PLACES),) if self.chance(0.2) else (),
            number=int(self.rng.integers(1, 11)) if self.chance(0.1) else 0,
            form=self.one(FORMS) if self.chance(0.8) else "",
            the=self.chance(0.05),
            joint=" & " if len(own) > 1 and self.chance(0.2) else " ",
        )

    def _unspaced(self) -> Company:
        words = self.words[self.one(UNSPACED)]
        root = self.one(words.heads).split("|")[0] + self.one(words.tails).split("|")[0]
        trade = self.one(self.one(list(words.trades))).split("|")[0]
        form = self.one(("株式会社", "有限公司", "股份有限公司", ""))
        return Company((root,), trade=((trade,),), form=form, unspaced=True)

    def write(self, company: Company, *, first: bool = True) -> str:
        """Write a name; ``first`` takes the first spelling of each word, else any."""
        if company.unspaced:
            body = "".join(company.own) + "".join(self._spelling(w, first) for w in company.trade)
            return company.form + body if company.form == "株式会社" and not first else body + company.form
        kinds = (*company.place, *company.trade, *company.common)
        words = [company.joint.join(company.own), *(self._spelling(word, first) for word in kinds)]
        if company.number:
            at = company.number - 1
            words.append(str(company.number) if first else self.one((str(company.number), NUMBER_WORDS[at], ROMAN[at])))
        name = " ".join(words)
        if company.form:
            name += (", " if self.chance(0.1) else " ") + company.form
        return ("The " if company.the else "") + name

    def _spelling(self, options: tuple[str, ...], first: bool) -> str:
        return options[0] if first else self.one(options)
