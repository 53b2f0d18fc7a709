"""Identity: which accounts are one company, and which never are."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from features.identity import SHARED_BY_AT_MOST, plain_name, resolve_accounts

COLUMNS = ("account_id", "name", "country", "domain", "lei", "duns", "registration_id", "parent_id")


def accounts(**rows: dict[str, Any]) -> pd.DataFrame:
    """Return accounts by id; names differ and everything stands in one country unless said otherwise."""
    return pd.DataFrame(
        [{"account_id": i, "name": f"Company {i}", "country": "DE"} | row for i, row in rows.items()], columns=COLUMNS
    )


def companies(frame: pd.DataFrame) -> set[frozenset[str]]:
    resolved = resolve_accounts(frame)
    return {frozenset(ids) for _, ids in resolved.groupby("entity_id")["account_id"] if len(ids) > 1}


class TestWhatUnites:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"lei": "5299-00T8"}, {"lei": "529900t8", "country": "FR"}),
            ({"duns": "15-048-3782"}, {"duns": "150483782", "country": "FR"}),
            ({"registration_id": "HRB 6684"}, {"registration_id": "hrb6684"}),
            ({"domain": "https://www.Acme.de/kontakt"}, {"domain": "acme.de "}),
            ({"name": "Müller & Söhne GmbH"}, {"name": "MULLER SOHNE"}),
            ({"name": "Foo S.p.A."}, {"name": "Foo SpA"}),
            ({"name": "株式会社ビー"}, {"name": "ビー"}),
            ({"name": "㈱ビー"}, {"name": "ビー株式会社"}),
            ({"name": "ООО «Ромашка»"}, {"name": "Ромашка"}),
            ({"name": "삼성 주식회사"}, {"name": "삼성"}),
        ],
        ids=lambda row: next(iter(row.values())),
    )
    def test_united(self, one: dict[str, str], other: dict[str, str]) -> None:
        assert companies(accounts(a=one, b=other)) == {frozenset("ab")}

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"registration_id": "1"}, {"registration_id": "1", "country": "FR"}),
            ({"registration_id": "甲1"}, {"registration_id": "乙1"}),
            ({"domain": "acme.com"}, {"domain": "acme.com", "country": "FR"}),
            ({"domain": "gmail.com"}, {"domain": "GMail.com"}),
            ({"domain": "t-online.de"}, {"domain": "t-online.de"}),
            ({"domain": "qq.com"}, {"domain": "www.qq.com"}),
            ({"name": "Acme AG"}, {"name": "Acme AG", "country": "FR"}),
            ({"name": "टाटा"}, {"name": "टीटी"}),
            ({"name": "ที่"}, {"name": "ทุ"}),
            ({"name": "..."}, {"name": "!!!"}),
            ({"lei": ""}, {"lei": ""}),
            ({"domain": "acme.de", "lei": "1"}, {"domain": "acme.de", "lei": "2"}),
            ({"lei": "1", "duns": "1"}, {"lei": "1", "duns": "2"}),
            ({"domain": "acme.de"}, {"domain": "acme.de", "parent_id": "a"}),
            ({"lei": "1", "parent_id": "b"}, {"lei": "1"}),
        ],
        ids=lambda row: " ".join(row.values()),
    )
    def test_not_united(self, one: dict[str, str], other: dict[str, str]) -> None:
        assert companies(accounts(a=one, b=other)) == set()

    def test_an_identifier_that_many_share_names_nobody(self) -> None:
        shared = {f"a{number}": {"domain": "portal.de"} for number in range(SHARED_BY_AT_MOST)}
        assert len(companies(accounts(**shared))) == 1
        assert companies(accounts(**shared, more={"domain": "portal.de"})) == set()

    def test_an_account_of_each_side_of_a_contradiction_goes_to_the_surer_side(self) -> None:
        """b shares a DUNS with c and only a domain with a, whose LEI is another than c's."""
        frame = accounts(
            a={"lei": "1", "domain": "x.de"}, b={"duns": "7", "domain": "x.de"}, c={"lei": "2", "duns": "7"}
        )
        assert companies(frame) == {frozenset("bc")}

    def test_no_company_is_both_above_and_below_another(self) -> None:
        frame = accounts(
            a={"domain": "one.de"}, b={"domain": "two.de", "parent_id": "a"}, c={"domain": "two.de"},
            d={"domain": "one.de", "parent_id": "c"},
        )  # fmt: skip
        assert companies(frame) == {frozenset("ad")}

    def test_a_grandparent_is_not_its_grandchild(self) -> None:
        frame = accounts(a={"domain": "x.de"}, b={"parent_id": "a"}, c={"domain": "x.de", "parent_id": "b"})
        assert companies(frame) == set()


class TestWhatComesBack:
    def test_columns_and_probabilities(self) -> None:
        resolved = resolve_accounts(accounts(c={"lei": "1"}, b={"domain": "x.de"}, a={"lei": "1", "domain": "x.de"}))
        expected = pd.DataFrame(
            {"account_id": ["a", "b", "c"], "entity_id": ["a", "a", "a"], "probability": [0.999, 0.95, 0.999]}
        )
        assert_frame_equal(resolved, expected)

    def test_one_that_stands_alone_is_sure(self) -> None:
        assert resolve_accounts(accounts(a={}))["probability"].tolist() == [1.0]

    def test_none_gives_none(self) -> None:
        resolved = resolve_accounts(accounts())
        assert list(resolved) == ["account_id", "entity_id", "probability"]
        assert resolved.empty

    def test_only_the_needed_columns_are_needed(self) -> None:
        frame = accounts(a={"name": "X"}, b={"name": "X"})[["account_id", "name", "country"]]
        assert companies(frame) == {frozenset("ab")}


FEW = st.sampled_from((None, "1", "2"))
ACCOUNT = st.fixed_dictionaries(
    {
        "name": st.sampled_from(("A", "B GmbH", "ビー", "C", "D", "E")),
        "country": st.sampled_from(("DE", "JP")),
        "lei": FEW,
        "duns": FEW,
        "domain": st.sampled_from((None, "x.de", "y.de", "gmail.com")),
        "parent_id": st.sampled_from((None, None, "a0", "a3", "a5", "gone")),
    }
)


@given(rows=st.lists(ACCOUNT, min_size=1, max_size=9), data=st.data())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_of_any_accounts(rows: list[dict[str, str | None]], data: st.DataObject) -> None:
    frame = accounts(**{f"a{number}": row for number, row in enumerate(rows)})
    resolved = resolve_accounts(frame)
    shuffled = frame.iloc[data.draw(st.permutations(range(len(frame))))]
    assert_frame_equal(resolve_accounts(shuffled), resolved)
    assert resolved["account_id"].tolist() == sorted(frame["account_id"])
    assert resolved["probability"].between(0, 1, inclusive="right").all()
    by_id = frame.set_index("account_id")
    for entity, ids in resolved.groupby("entity_id")["account_id"]:
        assert entity == min(ids)
        for one, other in combinations(ids, 2):
            for identifier in ("lei", "duns"):
                assert len(set(by_id.loc[[one, other], identifier].dropna())) <= 1
            if not in_a_circle(by_id["parent_id"], one):
                assert other not in above(by_id["parent_id"], one)
                assert one not in above(by_id["parent_id"], other)


def above(parents: pd.Series, account: str) -> list[str]:
    """Return the parent, the parent's parent and so on, each once."""
    found: list[str] = []
    while (account := parents.get(account)) in parents.index and account not in found:
        found.append(account)
    return found


def in_a_circle(parents: pd.Series, account: str) -> bool:
    return account in above(parents, account)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Nestlé S.A.", "nestle"),
        ("L’Oréal", "l oreal"),
        ("GmbH", "gmbh"),
        ("टाटा", "टाटा"),
        ("ＡＢＣ　Corp.", "abc"),
        ("İş Bankası A.Ş.", "is bankası"),
        ("شركة أرامكو", "شركة أرامكو"),
    ],
)
def test_plain_name_keeps_the_script(name: str, plain: str) -> None:
    assert plain_name(name) == plain
