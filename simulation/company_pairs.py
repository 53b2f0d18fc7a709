"""Pairs of company names of which it is known whether they are one company's, as people spell and mix them up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import icu
import numpy as np
import pandas as pd

from simulation.geography import MARKETS, Market
from simulation.streams import stream
from simulation.words import load_words

UNSPACED = ("ja", "zh")

_COMMON = (
    ("International", "Intl", "Int'l", "Internacional", "Internationale"), ("Holding", "Holdings"), ("Group", "Grp", "Gruppe", "Groupe", "Grupo"), ("Global",),
    ("Services", "Service", "Svcs"), ("Solutions", "Solution"), ("Systems", "System"), ("Partners", "Partner"),
    ("Industries", "Industry", "Industrie", "Industrias"), ("Enterprises", "Enterprise"), ("Associates", "Assoc."), ("Brothers", "Bros"),
)  # fmt: skip
_TRADES = (
    ("Technologies", "Technology", "Tech"), ("Trading", "Trade"), ("Logistics",), ("Engineering", "Eng."),
    ("Construction", "Construcciones", "Constructions"), ("Bank", "Banco", "Banque", "Banca", "Банк"), ("Insurance", "Ins.", "Versicherung", "Seguros", "Assurances"), ("Energy", "Energie", "Energía"), ("Motors", "Motor"),
    ("Pharmaceuticals", "Pharma"), ("Chemicals", "Chemical", "Chem."), ("Steel", "Stahl", "Acero"), ("Foods", "Food", "Alimentos", "Lebensmittel"), ("Media",),
    ("Software",), ("Security",), ("Investments", "Investment", "Inv."), ("Finance", "Financial"), ("Consulting", "Consultants", "Consultoria"),
    ("Shipping",), ("Airlines", "Airline"), ("Electric", "Electrical"), ("Mining",), ("Laboratories", "Labs"),
    ("Manufacturing", "Mfg", "Mfg."), ("Properties", "Property"), ("Hotels", "Hotel"), ("Textiles", "Textile"),
    ("Telecommunications", "Telecom"), ("Medical",), ("Plastics",), ("Paper",), ("Capital",), ("Leasing",),
    ("Oil", "Petroleum", "Petróleo", "Neft"), ("Packaging",), ("Design",), ("Marine",), ("Aviation",), ("Beverages", "Beverage"),
)  # fmt: skip
_PLACES = (
    ("Germany", "Deutschland"), ("France",), ("Italy", "Italia"), ("Spain", "España"), ("Japan",), ("China",),
    ("India",), ("Brazil", "Brasil"), ("America", "USA"), ("UK", "United Kingdom"), ("Europe",), ("Asia",),
    ("Hong Kong",), ("London",), ("Paris",), ("Berlin",), ("Milano", "Milan"), ("Singapore",), ("Texas",),
    ("California",), ("Moscow", "Moskva"), ("Mumbai",), ("Shanghai",), ("Bavaria", "Bayern"), ("North America",),
    ("Middle East",), ("Mexico", "México"), ("Canada",), ("Australia",), ("Poland", "Polska"),
)  # fmt: skip
_GIVEN = (
    "Anna", "Carlos", "David", "Emma", "Franz", "George", "Hans", "Ivan", "John", "Karl", "Luigi", "Maria", "Peter",
    "Robert", "Thomas", "William", "Yusuf", "James", "Pierre", "Sven",
)  # fmt: skip
_PLAIN_WORDS = (
    "Blue", "Red", "Green", "Silver", "Golden", "Star", "Sun", "Moon", "River", "Mountain", "Ocean", "Eagle", "Lion",
    "Phoenix", "Delta", "Alpha", "Omega", "Summit", "Pioneer", "Liberty", "Crown", "Royal", "Premier", "Prime", "First",
    "Central", "Universal", "General", "Standard", "Apex", "Bright", "Clear", "Rock", "Stone", "Bridge", "Gate", "Harbor",
    "Crystal", "Diamond", "Pearl", "Falcon", "Tiger", "Horizon", "Vista", "Nova", "Atlas", "Titan", "Orion", "Vector",
    "Quantum", "Fusion", "Matrix", "Zenith", "Unity", "Victory", "Heritage", "Legacy", "Frontier", "Evergreen", "Cedar",
)  # fmt: skip
_NUMBER_WORDS = ("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_FORMS = ("Ltd", "Inc.", "LLC", "GmbH", "AG", "S.A.", "S.p.A.", "B.V.", "Pty Ltd", "Co., Ltd.", "PLC", "Corp.", "AB", "SAS", "KG", "ООО")
_SPELLED = {
    "Ltd": "Limited", "Inc.": "Incorporated", "LLC": "Limited Liability Company", "GmbH": "G.m.b.H.",
    "AG": "Aktiengesellschaft", "S.A.": "SA", "S.p.A.": "SpA", "B.V.": "BV", "Pty Ltd": "Proprietary Limited",
    "Co., Ltd.": "Company Limited", "PLC": "Public Limited Company", "Corp.": "Corporation", "AB": "Aktiebolag",
    "SAS": "S.A.S.", "KG": "Kommanditgesellschaft", "ООО": "Общество с ограниченной ответственностью",
}  # fmt: skip
_SCRIPTS = ("Latin-Cyrillic", "Latin-Greek", "Latin-Katakana", "Latin-Hangul", "Latin-Arabic", "Latin-Cyrillic")


@dataclass(frozen=True, slots=True)
class _Company:
    """A company's name by its parts; a tuple of spellings stands for one word."""

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
    """Makes pairs from one source of chance."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._words = load_words()
        self._spaced = [name for name in self._words if name not in UNSPACED]

    def pairs(self, n: int) -> pd.DataFrame:
        """Return n pairs: name_left, name_right, same, and the sorts of change that were made."""
        rows = []
        for _ in range(n):
            company = self.company()
            same = bool(self._chance(0.65))
            left = self.write(company)
            right, change = self.same(company) if same else self.other(company)
            if self._chance(0.5):
                left, right = right, left
            rows.append((left, right, same, change))
        return pd.DataFrame(rows, columns=["name_left", "name_right", "same", "change"])

    def _chance(self, probability: float) -> bool:
        return bool(self._rng.random() < probability)

    def _one(self, options):
        return options[int(self._rng.integers(len(options)))]

    def root(self) -> str:
        words = self._words[self._one(self._spaced)]
        return (self._one(words.heads) + self._one(words.tails)).split("|")[0]

    def initials_word(self) -> str:
        return "".join(self._one("ABCDEFGHIKLMNOPRSTUVWXZ") for _ in range(int(self._rng.integers(2, 5))))

    def own(self) -> tuple[str, ...]:
        kind = self._rng.random()
        if kind < 0.4:
            return (self.root(),)
        if kind < 0.5:
            return (self.root(), self.root())
        if kind < 0.6:
            return (self._one(_GIVEN), self.root())
        if kind < 0.8:
            return (self._one(_PLAIN_WORDS), self._one(_PLAIN_WORDS)) if self._chance(0.7) else (self._one(_PLAIN_WORDS),)
        if kind < 0.9:
            return (self.initials_word(),)
        return (self._one(_PLAIN_WORDS), self.root())

    def trades(self) -> tuple[tuple[str, ...], ...]:
        if self._chance(0.75):
            return (self._one(_TRADES),)
        words = self._words[self._one(self._spaced)]
        return ((self._one(self._one(list(words.trades))).split("|")[0],),)

    def company(self) -> _Company:
        if self._chance(0.06):
            words = self._words[self._one(UNSPACED)]
            root = (self._one(words.heads) .split("|")[0]+ self._one(words.tails).split("|")[0],)
            trade = ((self._one(self._one(list(words.trades))).split("|")[0],),)
            return _Company(root, trade=trade, form=self._one(("株式会社", "有限公司", "股份有限公司", "")), unspaced=True)
        if self._chance(0.08):
            return _Company(
                own=(self._one(_PLAIN_WORDS[24:36]),) if self._chance(0.5) else (self._one(_PLACES)[0],),
                trade=self.trades(),
                common=(self._one(_COMMON),) if self._chance(0.5) else (),
                form=self._one(_FORMS) if self._chance(0.7) else "",
            )
        own = self.own()
        trade = self.trades() if self._chance(0.75) else ()
        if trade and self._chance(0.25):
            trade += self.trades()
        return _Company(
            own=own,
            trade=trade,
            common=(self._one(_COMMON),) if self._chance(0.35) else (),
            place=(self._one(_PLACES),) if self._chance(0.2) else (),
            number=int(self._rng.integers(1, 11)) if self._chance(0.1) else 0,
            form=self._one(_FORMS) if self._chance(0.8) else "",
            the=self._chance(0.05),
            joint=" & " if len(own) > 1 and self._chance(0.2) else " ",
        )

    def write(self, c: _Company, first: bool = True) -> str:
        """Write a name; ``first`` takes the first spelling of each word, else any."""
        def pick(options: tuple[str, ...]) -> str:
            return options[0] if first else self._one(options)
        if c.unspaced:
            body = "".join(c.own) + "".join(pick(w) for w in c.trade)
            return c.form + body if c.form == "株式会社" and not first else body + c.form
        words = [c.joint.join(c.own), *(pick(w) for w in c.place), *(pick(w) for w in c.trade), *(pick(w) for w in c.common)]
        if c.number:
            words.append(str(c.number) if first else self._one((str(c.number), _NUMBER_WORDS[c.number - 1], _ROMAN[c.number - 1])))
        name = " ".join(words)
        if c.form:
            name += (", " if self._chance(0.1) else " ") + c.form
        return ("The " if c.the else "") + name

    # ---- the same company

    def same(self, c: _Company) -> tuple[str, str]:
        """Write the name again as another would."""
        done = []
        if self._chance(0.5):
            change = self._one(SAME)
            changed = change(self, c)
            if changed is not None:
                done, c = [change.__name__.strip("_")], changed
        return self.respelled(c, done)

    def other(self, c: _Company) -> tuple[str, str]:
        for _ in range(20):
            change = self._one(OTHER)
            changed = change(self, c)
            if changed is not None and changed != c:
                break
        else:
            change, changed = _stranger, self.company()
        return self.respelled(changed, [change.__name__.strip("_")])

    def respelled(self, c: _Company, done: list[str]) -> tuple[str, str]:
        """Change what people change in any name, one company's or another's."""
        for change, probability in SURFACE:
            if self._chance(probability):
                changed = change(self, c)
                if changed is not None:
                    done.append(change.__name__.strip("_"))
                    c = changed
        text = self.write(c, first=not self._chance(0.5))
        for change, probability in TEXT:
            if self._chance(probability):
                new = change(self, text)
                if new and new != text:
                    text = new
                    done.append(change.__name__.strip("_"))
        return text, " ".join(done)


def _form_dropped(m: Maker, c: _Company):
    return replace(c, form="") if c.form else None


def _form_spelled(m: Maker, c: _Company):
    return replace(c, form=_SPELLED[c.form]) if c.form in _SPELLED else None


def _form_other(m: Maker, c: _Company):
    return replace(c, form=m._one(_FORMS)) if not c.unspaced and m._chance(0.5) else None


def _common_dropped(m: Maker, c: _Company):
    return replace(c, common=()) if c.common and m._chance(0.7) else None


def _common_added(m: Maker, c: _Company):
    return replace(c, common=(m._one(_COMMON),)) if not c.common and not c.unspaced and m._chance(0.3) else None


def _trade_dropped(m: Maker, c: _Company):
    return replace(c, trade=c.trade[:-1]) if (len(c.trade) > 1 or (c.trade and m._chance(0.15))) and m._chance(0.5) else None


def _the(m: Maker, c: _Company):
    return replace(c, the=not c.the) if not c.unspaced else None


def _own_typo(m: Maker, c: _Company):
    at = int(m._rng.integers(len(c.own)))
    word = c.own[at]
    if len(word) < 4 or c.unspaced or (len(word) < 6 and len(c.own) == 1):
        return None
    return replace(c, own=(*c.own[:at], _typo(m, word), *c.own[at + 1 :]))


def _typo(m: Maker, word: str) -> str:
    at = int(m._rng.integers(1, len(word) - 1))
    kind = m._rng.random()
    if kind < 0.3:
        return word[:at] + word[at + 1 :]
    if kind < 0.6:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind < 0.8:
        return word[:at] + word[at] + word[at:]
    return word[:at] + m._one("abcdefghiklmnoprstuvz") + word[at + 1 :]


def _sound(m: Maker, c: _Company):
    """Spell a word as it sounds."""
    word = c.own[-1]
    for one, other in m._rng.permutation(np.array([("ph", "f"), ("ck", "k"), ("c", "k"), ("y", "i"), ("w", "v"), ("sch", "sh"), ("th", "t"), ("ü", "ue"), ("ö", "oe"), ("ss", "s"), ("tt", "t"), ("ll", "l"), ("x", "ks"), ("z", "s"), ("ei", "ai"), ("ou", "u")], dtype=object)):
        if one in word and len(word) > 4:
            return replace(c, own=(*c.own[:-1], word.replace(one, other, 1)))
    return None


def _joint(m: Maker, c: _Company):
    if len(c.own) < 2 or c.unspaced:
        return None
    return replace(c, joint=m._one((" & ", " and ", " + ", " und ", "&"))) if "&" in c.joint else replace(c, joint=m._one(("", "-")))


def _swapped(m: Maker, c: _Company):
    return replace(c, own=c.own[::-1]) if len(c.own) > 1 and m._chance(0.5) else None


def _acronym(m: Maker, c: _Company):
    words = [*c.own, *(t[0] for t in c.trade), *(t[0] for t in c.common)]
    if len(words) < 3 or c.unspaced or c.number or c.place or m._chance(0.4):
        return None
    return replace(c, own=("".join(w[0] for w in words).upper(),), trade=(), common=(), joint=" ")


def _trade_typo(m: Maker, c: _Company):
    if not c.trade or c.unspaced or len(c.trade[0][0]) < 5:
        return None
    return replace(c, trade=((_typo(m, c.trade[0][0]),), *c.trade[1:]))


def _cut_short(m: Maker, c: _Company):
    """Write a word's beginning only, or its consonants."""
    if not c.trade or c.unspaced or len(c.trade[-1][0]) < 7:
        return None
    word = c.trade[-1][0]
    short = word[: int(m._rng.integers(3, 6))] if m._chance(0.7) else word[0] + "".join(x for x in word[1:] if x not in "aeiou")[:3]
    return replace(c, trade=(*c.trade[:-1], (short + m._one(("", ".")),)))


def _together(m: Maker, c: _Company):
    if not c.trade or c.unspaced:
        return None
    return replace(c, own=(*c.own[:-1], c.own[-1] + c.trade[0][0].lower()), trade=c.trade[1:])


def _common_other(m: Maker, c: _Company):
    return replace(c, common=(m._one([w for w in _COMMON if w not in c.common]),)) if c.common else None


def _another_common(m: Maker, c: _Company):
    return replace(c, common=(m._one(_COMMON),)) if not c.common and not c.unspaced else None


def _head(m: Maker, c: _Company):
    """A company whose own word begins another's."""
    word = c.own[-1]
    return replace(c, own=(*c.own[:-1], word[: int(m._rng.integers(3, len(word)))])) if len(word) > 6 and not c.unspaced else None


def _given_initial(m: Maker, c: _Company):
    return replace(c, own=(c.own[0][0] + ".", *c.own[1:])) if c.own[0] in _GIVEN and len(c.own) > 1 else None


def _case(m: Maker, text: str) -> str:
    return m._one((text.upper(), text.lower(), text.title()))


def _accents(m: Maker, text: str) -> str:
    return "".join(ch for ch in __import__("unicodedata").normalize("NFKD", text) if not "\u0300" <= ch <= "\u036f")


def _misspelled(m: Maker, text: str) -> str:
    """Make one to three slips anywhere in words of four letters or more."""
    for _ in range(int(m._rng.integers(1, 4))):
        words = text.split(" ")
        long = [at for at, word in enumerate(words) if len(word) > 3 and word.isalpha()]
        if long:
            at = m._one(long)
            words[at] = _typo(m, words[at])
            text = " ".join(words)
    return text


def _spacing(m: Maker, text: str) -> str:
    """Lose the space between two words, or write one word as two."""
    words = text.split(" ")
    if len(words) > 1 and m._chance(0.5):
        at = int(m._rng.integers(len(words) - 1))
        return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])
    at = int(m._rng.integers(len(words)))
    if len(words[at]) > 5:
        cut = int(m._rng.integers(3, len(words[at]) - 2))
        words[at] = words[at][:cut] + " " + words[at][cut:]
    return " ".join(words)


def _punctuation(m: Maker, text: str) -> str:
    return text.replace(" ", m._one((" - ", ", ", "  ", "."))  , 1) if m._chance(0.5) else text.replace(".", "").replace(",", "")


def _script(m: Maker, text: str) -> str:
    if not text.isascii() and any(ord(ch) > 0x250 for ch in text):
        return icu.Transliterator.createInstance("Any-Latin").transliterate(text)
    return icu.Transliterator.createInstance(m._one(_SCRIPTS)).transliterate(text)


def _place_added(m: Maker, c: _Company):
    return replace(c, place=(m._one(_PLACES),)) if not c.place and not c.unspaced else None


def _place_dropped(m: Maker, c: _Company):
    return replace(c, place=()) if c.place else None


def _place_other(m: Maker, c: _Company):
    return replace(c, place=(m._one([p for p in _PLACES if p not in c.place]),)) if c.place else None


def _number_other(m: Maker, c: _Company):
    other = 1 + (c.number + int(m._rng.integers(0, 9))) % 10
    return replace(c, number=other) if c.number and other != c.number else None


def _number_added(m: Maker, c: _Company):
    return replace(c, number=int(m._rng.integers(1, 11))) if not c.number and not c.unspaced else None


def _trade_other(m: Maker, c: _Company):
    new = m.trades()
    if c.unspaced or not c.trade or new[0] in c.trade:
        return None
    return replace(c, trade=(*c.trade[:-1], *new))


def _trade_added(m: Maker, c: _Company):
    new = m.trades()
    return replace(c, trade=(*c.trade, *new)) if new[0] not in c.trade and not c.unspaced else None


def _own_other(m: Maker, c: _Company):
    """Another company's own words around the same trade, place and common words."""
    return replace(c, own=m.own(), joint=" ") if (c.trade or c.common or c.place) and not c.unspaced else None


def _one_own_other(m: Maker, c: _Company):
    if len(c.own) < 2:
        return None
    at = int(m._rng.integers(len(c.own)))
    new = m._one((m.root(), m._one(_PLAIN_WORDS), m._one(_GIVEN)))
    return replace(c, own=(*c.own[:at], new, *c.own[at + 1 :])) if new not in c.own else None


def _own_added(m: Maker, c: _Company):
    new = m._one((m.root(), m._one(_PLAIN_WORDS)))
    return replace(c, own=(*c.own, new) if m._chance(0.6) else (new, *c.own), joint=" ") if not c.unspaced else None


def _near(m: Maker, c: _Company):
    """A short name that differs by a letter, or a root with another ending."""
    word = c.own[0]
    if len(word) <= 4 and not c.unspaced:
        at = int(m._rng.integers(len(word)))
        return replace(c, own=(word[:at] + m._one("ABCDEFGHIKLMNOPRSTUV") + word[at + 1 :], *c.own[1:]))
    root = m._words[m._one(m._spaced)]
    return replace(c, own=(word[: max(3, len(word) // 2)] + m._one(root.tails).split("|")[0], *c.own[1:])) if not c.unspaced else None


def _kana_other(m: Maker, c: _Company):
    if not c.unspaced:
        return None
    words = m._words[m._one(UNSPACED)]
    new = m._one(m._one(list(words.trades))).split("|")[0]
    if m._chance(0.5):
        return replace(c, trade=((new,),)) if new != c.trade[0][0] else None
    return replace(c, own=(m._one(words.heads).split("|")[0] + m._one(words.tails).split("|")[0],))


def _stranger(m: Maker, c: _Company):
    return m.company()


SAME: tuple[Callable, ...] = (
    _common_dropped, _common_added, _trade_dropped, _place_added, _place_dropped, _swapped, _acronym, _acronym, _acronym, _given_initial, _own_typo, _own_typo, _own_typo, _sound, _sound, _joint, _joint, _trade_typo, _cut_short, _cut_short, _together
)  # fmt: skip
SURFACE: tuple[tuple[Callable, float], ...] = (
    (_form_dropped, 0.25), (_form_spelled, 0.25), (_form_other, 0.25), (_the, 0.05), (_own_typo, 0.08), (_trade_typo, 0.06), (_cut_short, 0.05), (_sound, 0.05), (_joint, 0.1)
)
TEXT: tuple[tuple[Callable, float], ...] = ((_case, 0.35), (_accents, 0.25), (_punctuation, 0.2), (_script, 0.08), (_misspelled, 0.25), (_spacing, 0.1))
OTHER: tuple[Callable, ...] = (
    _place_added, _place_other, _place_other, _number_other, _number_added, _trade_other, _trade_other, _trade_added, _own_other,
    _one_own_other, _one_own_other, _own_added, _near, _near, _kana_other, _kana_other, _stranger, _common_other, _another_common, _common_dropped, _head
)  # fmt: skip


def name_pairs(n: int, seed: int) -> pd.DataFrame:
    """Return n pairs of names, as `Maker.pairs` does."""
    return Maker(stream(seed, "company pairs")).pairs(n)
