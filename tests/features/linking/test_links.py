"""Links: found once, whatever the order of rows, and the same whether later accounts are there or not."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from features.linking.evidence import SHARED_BY_AT_MOST
from features.linking.links import find_links
from features.linking.uniting import unite

ACCOUNT = st.fixed_dictionaries(
    {
        "name": st.sampled_from(
            ("Hansen GmbH", "Hansen", "Hanssen AG", "Hansen Logistik", "Brandt", "BMW", "Oster Nord")
        ),
        "country": st.sampled_from(("DE", "FR")),
        "lei": st.sampled_from((None, None, "1", "2")),
        "domain": st.sampled_from((None, "hansen.de", "brandt.fr")),
        "known_since": st.sampled_from((*pd.date_range("2024-01-01", periods=6), pd.NaT)),
    }
)


def frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame([{"account_id": f"a{number:02}"} | row for number, row in enumerate(rows)])


@given(rows=st.lists(ACCOUNT, min_size=2, max_size=24), data=st.data())
@settings(max_examples=8, deadline=None, derandomize=True)
def test_later_accounts_change_nothing_earlier(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    """What was known then, worked out then or from the links of today, is the same to the bit."""
    accounts = frame(rows)
    cutoff = data.draw(st.sampled_from(tuple(pd.date_range("2024-01-01", periods=7))))
    then = accounts[accounts["known_since"] < cutoff]
    shuffled = accounts.iloc[data.draw(st.permutations(range(len(accounts))))]
    links = find_links(shuffled)
    assert_frame_equal(links, find_links(accounts))
    assert_frame_equal(unite(then, links), unite(then, find_links(then)))


def test_a_key_that_many_share_names_nobody_from_when_it_is_known() -> None:
    rows = [
        {"account_id": f"a{n}", "name": name, "country": "DE", "domain": "portal.de",
         "known_since": pd.Timestamp("2024-01-01") + pd.Timedelta(days=n)}
        for n, name in enumerate(("Alba", "Brix", "Corda", "Dunlin", "Efra", "Fyn"))
    ]  # fmt: skip
    accounts = pd.DataFrame(rows)
    links = find_links(accounts)
    assert set(links["crowd_id"]) == {f"a{SHARED_BY_AT_MOST}"}
    assert set(unite(accounts.head(SHARED_BY_AT_MOST), links)["entity_id"]) == {"a0"}
    assert unite(accounts, links)["entity_id"].nunique() == len(accounts)


def test_evidence_adds_up() -> None:
    accounts = frame(
        [
            {"name": "Hansen", "country": "DE", "domain": "hansen.de"},
            {"name": "Hansen AG", "country": "DE", "domain": "hansen.de"},
        ]
    )
    links = find_links(accounts)
    assert links["evidence"].tolist() == ["domain", "name"]
    assert unite(accounts, links)["probability"].min() > links["probability"].max()


def test_none_gives_none() -> None:
    accounts = pd.DataFrame({"account_id": [], "name": [], "country": []}, dtype="object")
    assert find_links(accounts).empty
