"""Decisions: read, checked, and stronger than everything that was found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from features.errors import InputError
from features.identity import resolve_accounts
from features.linking.decisions import Decision, Decisions, checked, read_decisions
from features.linking.links import find_links
from features.linking.uniting import unite

IDS = tuple("abcdef")
ACCOUNTS = pd.DataFrame(
    {
        "account_id": IDS,
        "name": ["Hansen GmbH", "Hansen AG", "Hansen", "Brandt Werke", "Brandt Werke KG", "Oster"],
        "country": "DE",
        "lei": ["1", None, None, None, "2", "2"],
        "parent_id": [None, None, "a", None, None, None],
    }
)


def decided(*rows: tuple[str, str, bool]) -> Decisions:
    made = tuple(Decision(n, min(a, b), max(a, b), same) for n, (a, b, same) in enumerate(rows, start=2))
    return checked(made, "decisions.csv")


def companies(decisions: Decisions | None = None) -> dict[str, str]:
    return resolve_accounts(ACCOUNTS, decisions).set_index("account_id")["entity_id"].to_dict()


def test_without_decisions() -> None:
    assert companies() == {"a": "a", "b": "a", "c": "c", "d": "d", "e": "d", "f": "d"}


def test_no_parts_whom_names_unite_also_by_way_of_others() -> None:
    parted = companies(decided(("a", "b", False), ("d", "f", False)))
    assert parted["a"] != parted["b"]
    assert parted["d"] != parted["f"]


def test_yes_unites_over_a_contradiction() -> None:
    found = companies(decided(("a", "f", True), ("a", "c", True)))
    assert found["a"] == found["f"] == found["c"]


def test_taking_a_decision_back_leaves_everything_as_before() -> None:
    before = resolve_accounts(ACCOUNTS)
    resolve_accounts(ACCOUNTS, decided(("a", "b", False), ("a", "d", True)))
    assert_frame_equal(resolve_accounts(ACCOUNTS, Decisions()), before)


PAIRS = st.tuples(st.sampled_from(IDS), st.sampled_from(IDS), st.booleans()).filter(lambda row: row[0] != row[1])


@given(rows=st.lists(PAIRS, max_size=8))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_decisions_always_win_or_contradict_themselves(rows: list[tuple[str, str, bool]]) -> None:
    links = find_links_once()
    try:
        decisions = decided(*rows)
    except InputError:
        return
    found = unite(ACCOUNTS, decisions.over(links)).set_index("account_id")["entity_id"]
    for one, other, same in rows:
        assert (found[one] == found[other]) == same


def find_links_once(_found: list[pd.DataFrame] = []) -> pd.DataFrame:  # noqa: B006
    if not _found:
        _found.append(find_links(ACCOUNTS))
    return _found[0]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "decisions.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_a_file(tmp_path: Path) -> None:
    path = written(tmp_path, "left_id,right_id,same,note\nb,a,Yes,seen\nb, c ,no,\n")
    expected = (Decision(2, "a", "b", True, "seen"), Decision(3, "b", "c", False))
    assert read_decisions(path).made == expected
    assert read_decisions(path).unknown(["a", "b"]) == ["c"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("left_id,same\na,yes\n", r"column 'right_id' is missing"),
        ("left_id,right_id,same\na,b,maybe\n", r"row 2: 'same' is 'maybe'; write yes or no"),
        ("left_id,right_id,same\na,a,yes\n", r"row 2 names 'a' and 'a'; give two different"),
        (
            "left_id,right_id,same\na,b,yes\nb,c,yes\na,c,no\n",
            r"row 4 says that 'a' and 'c' are not one company, but rows 2, 3 together say that they are",
        ),
    ],
)
def test_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_decisions(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_decisions(tmp_path / "none.csv")


def test_what_is_found_is_not_changed_by_decisions() -> None:
    links: Any = find_links(ACCOUNTS)
    copy = links.copy()
    decided(("a", "b", False)).over(links)
    assert_frame_equal(links, copy)
