"""What the exported tables hold: people who move, deals that add up, playbooks shown with true chances."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from simulation.geography import FALLBACKS, MARKETS, language_chain
from simulation.library import load_library


def one(query: str) -> tuple[object, ...]:
    row = duckdb.sql(query).fetchone()
    assert row is not None
    return tuple(row)


@pytest.fixture(scope="module")
def deals(exports: Path) -> pd.DataFrame:
    rows = pd.read_csv(exports / "opportunities.csv", parse_dates=["closed"], dtype={"opportunity_id": "str"})
    rows = rows[~rows["opportunity_id"].str.startswith("X", na=True)].drop_duplicates()
    return rows.assign(opened=pd.to_datetime(rows["opened"]))


def test_people_change_employer(exports: Path) -> None:
    contacts = pd.read_csv(exports / "contacts.csv", dtype="str").drop_duplicates()
    contacts = contacts[~contacts["contact_id"].str.startswith("X")]
    jobs = contacts.groupby("person_id")["contact_id"].nunique()
    assert (jobs > 1).sum() > 20
    assert contacts["buying_role"].isna().mean() > 0.3
    assert contacts["language"].str.split("-").str[0].nunique() >= 10


def test_deals_close_after_they_open(deals: pd.DataFrame) -> None:
    closed = deals["status"] != "Open"
    assert (deals.loc[closed, "closed"] > deals.loc[closed, "opened"]).all()
    assert deals.loc[~closed, "closed"].isna().all()
    assert deals.loc[deals["status"] == "Closed Won", "gross_profit"].notna().all()
    assert deals.loc[deals["status"] != "Closed Won", "gross_profit"].isna().all()


def test_renewals_are_mostly_won(deals: pd.DataFrame) -> None:
    renewals = deals[(deals["type"] == "renewal") & (deals["status"] != "Open")]
    assert len(renewals) > 300
    assert 0.88 < (renewals["status"] == "Closed Won").mean() < 0.96


def test_amounts_are_heavy_tailed_and_in_many_currencies(deals: pd.DataFrame) -> None:
    assert deals["currency"].nunique() > 10
    amount = deals.loc[deals["currency"] == "EUR", "amount"]
    assert amount.mean() > 1.5 * amount.median()


def test_history_begins_with_the_opportunity_and_ends_as_it_stands(exports: Path, deals: pd.DataFrame) -> None:
    history = pd.read_csv(exports / "opportunity_history.csv", dtype={"changed_at": "str"})
    history = history[history["opportunity_id"].isin(deals["opportunity_id"])]
    history = history.assign(changed_at=pd.to_datetime(history["changed_at"], errors="coerce")).dropna()
    history = history.sort_values("changed_at", kind="stable").groupby("opportunity_id")
    known = deals.set_index("opportunity_id")
    first, last = history.first(), history.last()
    assert (first["changed_at"] == known["opened"].reindex(first.index)).all()
    assert (last["stage"] == known["stage"].reindex(last.index)).all()
    assert (last["amount"] - known["amount"].reindex(last.index)).abs().max() < 0.02


def test_orders_have_decimal_commas_and_returns(exports: Path) -> None:
    orders = pd.read_csv(exports / "orders.csv", sep=";", decimal=",")
    assert orders["net_value"].dtype == np.float64
    assert 0.005 < (orders["net_value"] < 0).mean() < 0.06


def test_chances_of_the_logging_policy_are_true(exports: Path) -> None:
    """What was drawn with chance p, weighted 1/p, counts the variants that could be drawn."""
    shown = duckdb.sql(f"""
        SELECT request_id, position, probability, market, language, business_unit
        FROM '{exports}/impressions.parquet' WHERE impression_id NOT LIKE 'X%' AND position = 1
    """).df()
    shown = shown.drop_duplicates("request_id")
    table = load_library().table
    approved = table[(table["status"] == "approved") & table["valid_from"].isna() & table["expires_at"].isna()]
    cells = shown.drop_duplicates(["market", "language", "business_unit"])
    sizes = {
        (cell.market, cell.language, cell.business_unit): sum(
            (markets is None or cell.market in markets)
            and (units is None or cell.business_unit in units)
            and language in language_chain(cell.language)
            for markets, units, language in zip(
                approved["markets"], approved["business_units"], approved["language"], strict=True
            )
        )
        for cell in cells.itertuples()
    }
    least = [sizes[key] for key in zip(shown["market"], shown["language"], shown["business_unit"], strict=True)]
    assert shown["probability"].between(0, 1, inclusive="right").all()
    assert 0.95 < (1 / shown["probability"]).mean() / np.mean(least) < 1.15


def test_a_request_shows_three_different_variants(exports: Path) -> None:
    assert one(f"""
        SELECT min(n), max(n), min(variants) FROM (SELECT count(DISTINCT position) AS n,
          count(DISTINCT asset_id) AS variants FROM '{exports}/impressions.parquet'
          WHERE impression_id NOT LIKE 'X%' GROUP BY request_id)
    """) == (3, 3, 3)


def test_outcomes_follow_looking(exports: Path) -> None:
    good, unseen, early = one(f"""
        SELECT avg((outcome IS NOT NULL)::INT), count(*) FILTER (outcome IS NOT NULL AND viewed_at IS NULL),
          count(*) FILTER (outcome_at <= viewed_at)
        FROM '{exports}/impressions.parquet' WHERE impression_id NOT LIKE 'X%'
    """)
    assert isinstance(good, float)
    assert 0.05 < good < 0.35
    assert (unseen, early) == (0, 0)


def test_library_is_whole() -> None:
    library = load_library()
    assert len(library.table) >= 300
    assert library.table["asset_id"].is_unique
    assert library.table["external_id"].is_unique
    cores = library.table[library.table["layer"] == "global"].groupby("family_id").size()
    assert set(cores.index) == set(library.families)
    assert (cores == 1).all()


def test_every_language_falls_back_to_english() -> None:
    spoken = {language for market in MARKETS for language, _ in market.languages}
    assert all(language_chain(language)[-1] == "en" for language in spoken | set(FALLBACKS))
    assert sum(share for _, share in MARKETS[2].languages) == pytest.approx(1)
