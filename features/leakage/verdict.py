"""The verdict on a column: which independent pieces of evidence say that it knows the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from features.leakage.finding import Finding, Presence, Told
from features.leakage.separation import PURITY, STANDS_OUT, Area, Part

Kind = Literal[
    "filled_after", "overwritten", "horizon_aggregate", "encodes_outcome", "missingness", "later_date", "separates"
]

STRONG, OVERWHELMING = 0.90, 0.97
"""AUC, lower bound, that no honest signal of a business outcome has, and that nothing but the outcome has."""

FARTHER, FARTHEST = 2.2, 2.4
"""Standard deviations between the outcomes at the purest part: 2.4 is what a signal of AUC 0.955 has."""

AGAINST_ALL_SIGNS = 0.88
"""AUC among the unlikely, lower bound: an honest signal of AUC 0.85 tells of them what it tells of all."""

TELLING_PRESENCE = 1.1
"""Standard deviations that having a value must set the outcomes apart."""

EMPTY, EMPTY_LOW = 0.68, 0.53
"""AUC of the values, and its lower bound, below which they tell nothing: only whether there is one does."""

TELLING_FORM = 0.75
TELLING_DIGIT = 0.58
"""AUC, lower bound, from which the way a value is written betrays the outcome: a last digit has no honest reason."""

MORE_THAN_VALUE = 0.05
ONE_VALUE = 0.25
"""Share of the successes that hold one and the same number, from which it was written over what was there."""

LATER = 0.75
"""AUC, lower bound, of whether a date lies after the row's time."""

MOST_OF_ALL, MUCH_OF_ALL = 0.3, 0.2
"""Part of the uncertainty left by the others that a column removes; the smaller suffices if it knows the unlikely."""

PIECES = 2


@dataclass(frozen=True, slots=True)
class Context:
    """What a column is held against.

    Parameters
    ----------
    others : AUC of all other columns together, suspects left out.
    unlikely : AUC of the column among the rows that the others foresee alike and least.
    known : part of the uncertainty that the others remove.
    gain : part of the rest that the column removes.
    explained : whether an honest column tells who has a value.
    """

    others: float
    unlikely: Area
    known: float = 0.0
    gain: float = 0.0
    explained: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence.

    Parameters
    ----------
    sentence : it in words and figures.
    weight : PIECES of it make a suspect.
    kind : the kind of leak that it speaks of, if it does.
    """

    sentence: str
    weight: int = 1
    kind: Kind | None = None


def pieces(finding: Finding, context: Context) -> list[Piece]:
    """Return the evidence that a column knows the outcome, the weightiest first."""
    found = [
        *_alone(finding, context),
        *_unlikely(context),
        *_more_than_all(context),
        *_pure(finding),
        *_present(finding, context),
        *_form(finding),
        *_later(finding),
    ]
    return sorted(found, key=lambda piece: -piece.weight)


def is_suspect(found: list[Piece]) -> bool:
    """Tell whether the evidence suffices."""
    return sum(piece.weight for piece in found) >= PIECES


def kind_of(finding: Finding, found: list[Piece]) -> Kind:
    """Name the kind of leak that the evidence speaks of most."""
    named = next((piece.kind for piece in found if piece.kind), None)
    if named:
        return named
    numbers = finding.column.numbers
    counts = numbers is not None and not finding.column.dated and bool((numbers[finding.column.filled] >= 0).all())
    if counts and numbers is not None and float((numbers == 0).mean()) > 0.05:
        return "horizon_aggregate"
    return "separates"


def _hundred(auc: float) -> str:
    return f"{100 * auc:.0f} of 100 pairs"


def _alone(finding: Finding, context: Context) -> Iterator[Piece]:
    told = finding.strongest
    if told.area.low >= STRONG:
        yield Piece(
            f"alone it tells which of two rows succeeded in {_hundred(told.area.auc)} "
            f"(all other columns together in {100 * context.others:.0f})",
            weight=PIECES if told.area.low >= OVERWHELMING else 1,
        )


def _unlikely(context: Context) -> Iterator[Piece]:
    if context.unlikely.low >= AGAINST_ALL_SIGNS:
        yield Piece(
            f"it knows who succeeded against all signs: in {_hundred(context.unlikely.auc)} of rows that all other "
            "columns hold for equally unlikely"
        )


def _more_than_all(context: Context) -> Iterator[Piece]:
    enough = MUCH_OF_ALL if context.unlikely.low >= AGAINST_ALL_SIGNS else MOST_OF_ALL
    if context.gain >= enough and context.gain > context.known:
        yield Piece(
            f"it removes {context.gain:.0%} of the uncertainty that all other columns leave, "
            f"which together remove {context.known:.0%}"
        )


def _pure(finding: Finding) -> Iterator[Piece]:
    told = finding.purest
    if told is None or told.part is None:
        return
    part = told.part
    some, few, none = PURITY
    if (part.low >= few and part.distance >= STANDS_OUT) or (part.low >= some and part.distance >= FARTHEST):
        overwhelming = part.low >= none and part.distance >= FARTHER
        yield Piece(_pure_sentence(told, part), PIECES if overwhelming else 1, _kind_of_part(finding, told, part))


def _pure_sentence(told: Told, part: Part) -> str:
    return (
        f"by {told.view.called}, {part.rows:,} rows stand out of which {part.share:.0%} succeeded: "
        f"{part.successes:.0%} of all successes and {part.failures:.2%} of all failures"
    )


def _kind_of_part(finding: Finding, told: Told, part: Part) -> Kind | None:
    if told.view.aspect == "presence" or _fills(finding.presence):
        return "filled_after"
    if told.view.aspect == "form":
        return "encodes_outcome"
    one_value = finding.repeated >= part.successes / 2 and finding.repeated > ONE_VALUE
    return "overwritten" if told.view.exact or one_value else None


def _fills(presence: Presence | None) -> bool:
    """Tell whether a value is there for successes and hardly for failures."""
    return presence is not None and presence.distance >= TELLING_PRESENCE and presence.failures < presence.successes / 8


def _present(finding: Finding, context: Context) -> Iterator[Piece]:
    presence, told = finding.presence, finding.by("presence")
    if presence is None or told is None or presence.distance < TELLING_PRESENCE:
        return
    unexplained = context.unlikely.auc - 0.5 >= 0.75 * (told.area.auc - 0.5)
    if _is_empty(presence) and unexplained and not context.explained:
        yield Piece(
            f"it is filled for {presence.successes:.0%} of the successes and {presence.failures:.1%} of the failures, "
            "what it holds tells nothing more, and no other column explains who has it",
            PIECES,
            "filled_after" if _fills(presence) else "missingness",
        )


def _is_empty(presence: Presence) -> bool:
    return presence.beyond.auc < EMPTY and presence.beyond.low < EMPTY_LOW


def _form(finding: Finding) -> Iterator[Piece]:
    told, value = finding.by("form"), finding.by("value")
    if told is None:
        return
    digit = told.view.called in ("whether it is even", "its last digit", "whether its last digit is even")
    more = value is None or told.area.auc > value.area.auc + MORE_THAN_VALUE
    if more and told.area.low >= (TELLING_DIGIT if digit else TELLING_FORM):
        yield Piece(
            f"{told.view.called} tells which of two rows succeeded in {_hundred(told.area.auc)}, "
            "and nothing honest is written there",
            PIECES,
            "encodes_outcome",
        )


def _later(finding: Finding) -> Iterator[Piece]:
    told = finding.by("later")
    if told is not None and told.among_filled.low >= LATER:
        yield Piece(
            f"whether its date lies after the row's time tells which of two rows succeeded in "
            f"{_hundred(told.among_filled.auc)}",
            1,
            "later_date",
        )
