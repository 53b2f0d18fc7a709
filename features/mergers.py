"""Uniting accounts step by step into companies, refusing what would contradict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class Companies:
    """Accounts by row number, each a company of its own until united with others.

    Parameters
    ----------
    identifiers : per account, what names a company all by itself, as 'lei 5299...'; a company has one of each kind.
    parents : per account, the row of its parent; -1 where it has none.
    apart : pairs of accounts that somebody decided are never one company.
    """

    def __init__(
        self,
        identifiers: Sequence[Iterable[str]],
        parents: Sequence[int],
        apart: Iterable[tuple[int, int]] = (),
    ) -> None:
        self._leader = list(range(len(parents)))
        self._identifiers = [set(own) for own in identifiers]
        self._parents = [{parent} - {-1} for parent in parents]
        self._apart: list[set[int]] = [set() for _ in parents]
        for one, other in apart:
            self._apart[one].add(other)
            self._apart[other].add(one)

    def first(self, row: int) -> int:
        """Return the smallest row of the company of an account."""
        while self._leader[row] != row:
            self._leader[row] = self._leader[self._leader[row]]
            row = self._leader[row]
        return row

    def unite(self, one: int, other: int, *, decided: bool = False) -> bool:
        """Make one company of those of two accounts; tell whether they are one now.

        What would contradict is not united: two identifiers of a kind, a company above itself, or accounts that are
        to stay apart. Where somebody decided that the two are one, only the last counts.
        """
        kept, joining = sorted((self.first(one), self.first(other)))
        if kept == joining:
            return True
        if any(self.first(row) == kept for row in self._apart[joining]):
            return False
        if not decided and self._contradict(kept, joining):
            return False
        self._leader[joining] = kept
        self._identifiers[kept] |= self._identifiers[joining]
        self._parents[kept] |= self._parents[joining]
        self._apart[kept] |= self._apart[joining]
        return True

    def _contradict(self, kept: int, joining: int) -> bool:
        return self._differ(kept, joining) or self._is_above(kept, joining) or self._is_above(joining, kept)

    def _differ(self, one: int, other: int) -> bool:
        """Tell whether the union would have two identifiers of a kind."""
        both = self._identifiers[one] | self._identifiers[other]
        return len({identifier.partition(" ")[0] for identifier in both}) < len(both)

    def _is_above(self, upper: int, lower: int) -> bool:
        """Tell whether a company is the parent of another, or the parent's parent and so on."""
        seen, waiting = {lower}, [lower]
        while waiting:
            for parent in map(self.first, self._parents[waiting.pop()]):
                if parent == upper:
                    return True
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
        return False
