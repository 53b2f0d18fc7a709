"""What can be seen of the truth: each natural signal tells something, and none tells nearly all."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

SIGNALS = ("events_30", "events_90", "events_365", "unit_90", "people_90", "intent_90", "freshness", "revenue", "wins")


@pytest.fixture(scope="module")
def seen(exports: Path) -> pd.DataFrame:
    """Natural signals just before every third cutoff beside the truth."""
    duckdb.sql(f"""
        CREATE OR REPLACE TEMP TABLE truth AS FROM '{exports}/truth/probabilities.parquet'
          WHERE label IS NOT NULL AND date_diff('day', cutoff, TIMESTAMP '2026-07-02') % 90 = 0;
        CREATE OR REPLACE TEMP TABLE entity AS FROM '{exports}/truth/aliases.parquet';
        CREATE OR REPLACE TEMP TABLE events AS SELECT coalesce(entity_id, e.account_id) AS account_id, occurred_at AS t,
          contact_id, business_unit FROM '{exports}/events.parquet' e LEFT JOIN entity USING (account_id)
          WHERE action NOT IN ('sent', 'made');
        CREATE OR REPLACE TEMP TABLE intent AS SELECT coalesce(entity_id, i.account_id) AS account_id, observed_at AS t
          FROM '{exports}/intent.parquet' i LEFT JOIN entity USING (account_id);
        CREATE OR REPLACE TEMP TABLE revenue AS SELECT account_id, changed_at::TIMESTAMP AS t, "value"::DOUBLE AS v
          FROM read_csv('{exports}/account_history.csv', all_varchar = true)
          WHERE "column" = 'annual_revenue' AND try_cast(changed_at AS TIMESTAMP) IS NOT NULL;
        CREATE OR REPLACE TEMP TABLE wins AS SELECT coalesce(entity_id, account) AS account_id, closed::TIMESTAMP AS t
          FROM read_csv('{exports}/opportunities.csv', all_varchar = true)
          LEFT JOIN entity ON account = entity.account_id WHERE status = 'Closed Won'
    """)
    return duckdb.sql("""
        WITH cutoffs AS (SELECT DISTINCT cutoff FROM truth),
        by_account AS (SELECT cutoff, account_id, max(t) AS freshness,
            count(*) FILTER (t >= cutoff - INTERVAL 30 DAY) AS events_30,
            count(*) FILTER (t >= cutoff - INTERVAL 90 DAY) AS events_90,
            count(*) AS events_365,
            count(DISTINCT contact_id) FILTER (t >= cutoff - INTERVAL 90 DAY) AS people_90
          FROM cutoffs JOIN events ON t < cutoff AND t >= cutoff - INTERVAL 365 DAY GROUP BY ALL),
        by_unit AS (SELECT cutoff, account_id, business_unit, count(*) AS unit_90
          FROM cutoffs JOIN events ON t < cutoff AND t >= cutoff - INTERVAL 90 DAY GROUP BY ALL),
        topics AS (SELECT cutoff, account_id, count(*) AS intent_90
          FROM cutoffs JOIN intent ON t < cutoff AND t >= cutoff - INTERVAL 90 DAY GROUP BY ALL),
        worth AS (SELECT cutoff, account_id, max_by(v, t) AS revenue
          FROM cutoffs JOIN revenue ON t < cutoff GROUP BY ALL),
        past AS (SELECT cutoff, account_id, count(*) AS wins FROM cutoffs JOIN wins ON t < cutoff GROUP BY ALL)
        SELECT truth.kind <> 'new_logo' AS expansion, probability, label::INT AS label,
          coalesce(epoch(freshness), 0) AS freshness, coalesce(events_30, 0) AS events_30,
          coalesce(events_90, 0) AS events_90, coalesce(events_365, 0) AS events_365, coalesce(unit_90, 0) AS unit_90,
          coalesce(people_90, 0) AS people_90, coalesce(intent_90, 0) AS intent_90, coalesce(revenue, 0) AS revenue,
          coalesce(wins, 0) AS wins, truth.cutoff
        FROM truth LEFT JOIN by_account USING (cutoff, account_id)
        LEFT JOIN by_unit USING (cutoff, account_id, business_unit)
        LEFT JOIN topics USING (cutoff, account_id) LEFT JOIN worth USING (cutoff, account_id)
        LEFT JOIN past USING (cutoff, account_id)
    """).df()


def ranked(rows: pd.DataFrame, signal: str) -> float:
    """Return how well a signal ranks the accounts of one cutoff, over all cutoffs."""
    return float(roc_auc_score(rows["label"], rows.groupby("cutoff")[signal].rank(pct=True)))


@pytest.mark.parametrize("expansion", [False, True])
@pytest.mark.parametrize("signal", SIGNALS)
def test_no_signal_alone_comes_near_the_truth(seen: pd.DataFrame, signal: str, expansion: bool) -> None:
    rows = seen[seen["expansion"] == expansion]
    assert ranked(rows, signal) < roc_auc_score(rows["label"], rows["probability"]) - 0.05


@pytest.mark.parametrize("signal", ["events_90", "unit_90", "intent_90", "freshness", "revenue"])
def test_signals_tell_something(seen: pd.DataFrame, signal: str) -> None:
    assert ranked(seen, signal) > 0.53


def test_ranking_by_revenue_is_poor(seen: pd.DataFrame) -> None:
    assert 0.53 < ranked(seen, "revenue") < 0.64
