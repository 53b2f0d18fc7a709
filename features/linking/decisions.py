"""What people decided about which accounts are one company: a file, checked, that wins over all that was found."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from features.errors import InputError
from features.linking.evidence import DECISION
from features.mergers import Companies

_REQUIRED = ("left_id", "right_id", "same")
_ANSWERS = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the file.

    Parameters
    ----------
    row : its number in the file, the heading being 1.
    left_id, right_id : the two accounts, the smaller id first.
    same : whether they are one company.
    note : why, for people.
    """

    row: int
    left_id: str
    right_id: str
    same: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decisions that do not contradict each other."""

    made: tuple[Decision, ...] = ()

    def over(self, links: pd.DataFrame) -> pd.DataFrame:
        """Return links with the decisions as evidence of probability 0 or 1, which wins over all other."""
        decided = pd.DataFrame(
            {
                "left_id": [each.left_id for each in self.made],
                "right_id": [each.right_id for each in self.made],
                "evidence": DECISION,
                "probability": [float(each.same) for each in self.made],
                "crowd_id": None,
            }
        ).drop_duplicates()
        if decided.empty:
            return links
        both = pd.concat([links, decided.astype(links.dtypes.to_dict())], ignore_index=True)
        return both.sort_values(["left_id", "right_id", "evidence"], ignore_index=True)

    def unknown(self, account_ids: Iterable[str]) -> list[str]:
        """Return the accounts decided on that are not there, in alphabetical order."""
        decided = {account for each in self.made for account in (each.left_id, each.right_id)}
        return sorted(decided - set(account_ids))


def read_decisions(path: Path) -> Decisions:
    """Read and check a file of decisions.

    Parameters
    ----------
    path : a CSV file with the columns ``left_id``, ``right_id``, ``same`` (yes or no) and, if wanted, ``note``.

    Raises
    ------
    InputError
        If the file is missing, lacks a column, has an answer that is neither yes nor no, or decisions that contradict
        each other.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in _REQUIRED if column not in (reader.fieldnames or ())]
            if missing:
                raise InputError(f"{path}: column {missing[0]!r} is missing; the columns are left_id, right_id, same")
            made = tuple(_decision(path, number, row) for number, row in enumerate(reader, start=2))
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file; it is named under 'identity' in the sources file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: this is not UTF-8 text: {error.reason}; save it as UTF-8") from error
    return checked(made, str(path))


def checked(made: tuple[Decision, ...], where: str) -> Decisions:
    """Return decisions that do not contradict each other.

    Raises
    ------
    InputError
        If two accounts are to be one company, by themselves or by way of others, and also are to be none.
    """
    ids = sorted({account for each in made for account in (each.left_id, each.right_id)})
    row = {account: number for number, account in enumerate(ids)}
    companies = Companies([()] * len(ids), [-1] * len(ids))
    united = [each for each in made if each.same]
    for each in united:
        companies.unite(row[each.left_id], row[each.right_id])
    for each in made:
        company = companies.first(row[each.left_id])
        if not each.same and company == companies.first(row[each.right_id]):
            by = sorted(other.row for other in united if companies.first(row[other.left_id]) == company)
            raise InputError(
                f"{where}: row {each.row} says that {each.left_id!r} and {each.right_id!r} are not one company, but "
                f"rows {', '.join(map(str, by))} together say that they are; remove one of these rows"
            )
    return Decisions(made)


def _decision(path: Path, number: int, row: dict[str, str | None]) -> Decision:
    """Make a decision of one row of the file."""
    left, right, same = ((row[column] or "").strip() for column in _REQUIRED)
    if not left or not right or left == right:
        raise InputError(f"{path}: row {number} names {left!r} and {right!r}; give two different account ids")
    if same.lower() not in _ANSWERS:
        raise InputError(f"{path}: row {number}: 'same' is {same!r}; write yes or no")
    return Decision(number, min(left, right), max(left, right), _ANSWERS[same.lower()], (row.get("note") or "").strip())
