"""Playbooks shown with their true chances, and what came of them."""

from pathlib import Path

import duckdb
import numpy as np

from simulation.geography import language_chain
from simulation.library import load_library


def one(query: str) -> tuple[object, ...]:
    row = duckdb.sql(query).fetchone()
    assert row is not None
    return tuple(row)


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
