"""The truth of whole worlds: calibrated, as difficult as declared, and the same that the exports tell."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from simulation.accounts import build_population
from simulation.calendar import AS_OF
from simulation.chain import build_tables
from simulation.parameters import CHAINS
from simulation.records import build_records
from simulation.streams import stream
from simulation.truth import truth_table
from simulation.walk import walk

MONTH = pd.Timedelta(days=30)


def true_world(accounts: int, seed: int) -> pd.DataFrame:
    population = build_population(accounts, seed)
    tables = {name: build_tables(chain) for name, chain in CHAINS.items()}
    walks = [
        walk(population, unit, CHAINS[name], tables[name], stream(seed, f"walk {name}"))
        for unit, name in enumerate(CHAINS)
    ]
    truth = truth_table(population, walks, tables, build_records(population, seed).entity_id)
    truth = truth[truth["label"].notna()]
    return truth.assign(label=truth["label"].astype(int), expansion=truth["kind"] != "new_logo")


@pytest.fixture(scope="module", params=[1, 2])
def truth(request: pytest.FixtureRequest) -> pd.DataFrame:
    return true_world(5_000, request.param)


def apart(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep cutoffs whose horizons do not overlap."""
    unit = rows["business_unit"].iloc[0]
    months = (pd.Timestamp(AS_OF) - rows["cutoff"]) / MONTH
    return rows[months % (CHAINS[unit].horizon_days // 30) == 0]


def z_score(rows: pd.DataFrame) -> float:
    p = rows["probability"].astype(float)
    return float((rows["label"].sum() - p.sum()) / np.sqrt((p * (1 - p)).sum()))


def test_labels_come_as_often_as_the_truth_says(truth: pd.DataFrame) -> None:
    """Over horizons apart, labels less their chances are a martingale: the sum over its spread is standard normal."""
    groups = truth.groupby(["business_unit", "kind"], observed=True)
    z = groups[truth.columns].apply(lambda rows: z_score(apart(rows)))
    assert z.abs().max() < 3.6
    assert np.square(z).mean() < 2.5


def test_every_level_of_probability_is_right(truth: pd.DataFrame) -> None:
    rows = pd.concat([apart(part) for _, part in truth.groupby("business_unit", observed=True)])
    decile = pd.qcut(rows["probability"], 10, labels=False, duplicates="drop")
    z = rows.groupby(decile)[rows.columns].apply(z_score)
    assert z.abs().max() < 3.6


def test_base_rates_are_low_but_learnable(truth: pd.DataFrame) -> None:
    rates = truth.groupby(["business_unit", "expansion"], observed=True)["label"].mean()
    assert rates.between(0.02, 0.06).all(), rates


def test_the_truth_is_good_but_not_certain(truth: pd.DataFrame) -> None:
    for expansion, rows in truth.groupby("expansion"):
        assert 0.76 < roc_auc_score(rows["label"], rows["probability"]) < 0.85, expansion
        for unit, part in rows.groupby("business_unit", observed=True):
            assert 0.73 < roc_auc_score(part["label"], part["probability"]) < 0.87, (expansion, unit)


def test_no_hidden_column_alone_tells_the_truth(truth: pd.DataFrame) -> None:
    for _, rows in truth.groupby("expansion"):
        whole = roc_auc_score(rows["label"], rows["probability"])
        open_ = rows["stage"].isin(["evaluation", "decision"])
        assert roc_auc_score(rows["label"], open_) < whole - 0.05
        assert roc_auc_score(rows["label"], rows["size"]) < whole - 0.05


def test_cutoffs_are_months_before_the_end(exports: Path) -> None:
    cutoffs = pd.read_parquet(exports / "truth" / "probabilities.parquet", columns=["cutoff"])["cutoff"]
    months = (pd.Timestamp(AS_OF) - cutoffs) / MONTH
    assert (months % 1 == 0).all()
    assert months.min() == 0
    assert all((pd.Timestamp(AS_OF) - MONTH * (c.horizon_days // 30)) in set(cutoffs) for c in CHAINS.values())


def test_labels_and_kinds_are_those_of_the_exports(exports: Path) -> None:
    """Wins and orders as exported, under the united ids, give every label and every kind again."""
    truth = exports / "truth"
    days = ", ".join(f"('{name}', {chain.horizon_days})" for name, chain in CHAINS.items())
    wrong = duckdb.sql(f"""
        WITH entity AS (FROM '{truth}/aliases.parquet'),
        cells AS (FROM read_csv('{exports}/opportunities.csv', all_varchar = true)
                  WHERE opportunity_id NOT LIKE 'X%'),
        wins AS (SELECT DISTINCT coalesce(entity_id, account) AS account_id, division AS unit, type,
                        closed::TIMESTAMP AS t
                 FROM cells LEFT JOIN entity ON account = entity.account_id WHERE status = 'Closed Won'),
        bought AS (SELECT account_id, unit, t FROM wins WHERE type <> 'renewal' UNION ALL
                   SELECT coalesce(entity_id, customer), division, order_date::TIMESTAMP
                   FROM read_csv('{exports}/orders.csv', delim = ';', all_varchar = true)
                   LEFT JOIN entity ON customer = entity.account_id WHERE order_no NOT LIKE 'X%'),
        first AS (SELECT account_id, unit, min(t) AS t FROM bought GROUP BY ALL),
        ever AS (SELECT account_id, min(t) AS t FROM bought GROUP BY ALL),
        horizon (unit, days) AS (VALUES {days}),
        told AS (SELECT p.label, p.kind, EXISTS (FROM wins w WHERE w.account_id = p.account_id AND type <> 'renewal'
                    AND w.unit = p.business_unit AND w.t >= cutoff AND w.t < cutoff + to_days(h.days)) AS won,
                    CASE WHEN f.t < cutoff THEN 'upsell' WHEN e.t < cutoff THEN 'cross_sell' ELSE 'new_logo' END
                      AS found
                 FROM '{truth}/probabilities.parquet' p JOIN horizon h ON h.unit = p.business_unit
                 LEFT JOIN first f ON f.account_id = p.account_id AND f.unit = p.business_unit
                 LEFT JOIN ever e ON e.account_id = p.account_id WHERE p.label IS NOT NULL)
        SELECT count(*), count(*) FILTER (label <> won), count(*) FILTER (kind <> found), sum(label::INT) FROM told
    """).fetchone()
    assert wrong is not None
    assert wrong[0] > 100_000
    assert wrong[1:3] == (0, 0)
    assert wrong[3] > 1_000


def test_aliases_name_the_smaller_id(exports: Path) -> None:
    aliases = pd.read_parquet(exports / "truth" / "aliases.parquet")
    assert len(aliases) > 20
    assert (aliases["entity_id"] < aliases["account_id"]).all()
    known = pd.read_parquet(exports / "truth" / "probabilities.parquet", columns=["account_id"])["account_id"]
    assert not set(aliases["account_id"]) & set(known)
