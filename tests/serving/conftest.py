"""A small workspace whose playbooks and accounts are made for the tests, and the service on it."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from starlette.testclient import TestClient

from features.group import Group
from features.tables import Tables
from features.workspace import Workspace
from models.bundle import Bundle, BundleManifest, KindModels, save
from models.hazards import HazardModel
from models.inputs import MODEL_KINDS, model_inputs, model_kinds
from models.landmarks import Followed, timeline_keys
from models.propensity import PropensityModel
from models.text_encoder import Role
from models.timeline import Timeline
from models.value import ValueModel
from serving.live import Live
from tiering.refresh import refresh
from tiering.store import Store

AS_OF = datetime.fromisoformat("2026-07-01")
COUNTRIES = ("DE", "CH", "FR", "US", "JP")
UNITS = ("cloud", "energy")
ACCOUNTS = 60
TOPICS = ("migration", "turbines", "security", "batteries")
SIGNALS = ("engagement_points", "intent_strength_90d", "portfolio_mean_win", "attributes_employees")
LANGUAGES = ("en", "de", "fr", "ja")
MARKETS = {"en": None, "de": ["DE", "CH"], "fr": ["FR", "CH"], "ja": ["JP"]}


class BagOfWords:
    """Texts that share words lie near each other; nothing else does."""

    dimensions = 256

    def embed(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split() or [""]:
                place = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % self.dimensions
                vectors[row, place] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@dataclass(frozen=True)
class Served:
    """A client of a running service, and the workspace that it serves."""

    client: TestClient
    workspace: Workspace

    def recommend(self, **query: Any) -> dict[str, Any]:
        answer = self.client.post("/v1/recommendations", json={"market": "DE", "language": "de", **query})
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]


GROUP = Group(
    regions={"EMEA": ("DE", "CH", "FR"), "AMER": ("US",)},
    business_units={
        "cloud": {"horizon_days": 90, "margin": 0.7, "committee": ("economic_buyer", "user")},
        "energy": {"horizon_days": 120},
    },
    tiers={
        "strategic": {"capacity": {"EMEA": 3, "AMER": 1}, "cost": 100, "effect": 0.7},
        "programmatic": {"cost": 1, "effect": 0.05},
    },
    stages=("awareness", "decision"),
    personas=("economic_buyer", "user"),
)


def _accounts() -> list[dict[str, Any]]:
    rows = [
        {
            "account_id": f"A{number:03d}",
            "name": f"Firma Nr {number} 株式会社",
            "country": COUNTRIES[number % len(COUNTRIES)],
            "domain": f"firma{number}.example",
            "industry": ("retail", "logistics")[number % 2],
            "employees": 10.0 * (number + 1),
            "annual_revenue": 1e5 * (number + 1),
            "created_at": datetime.fromisoformat("2024-01-01") + timedelta(days=number),
            "source": "crm",
            "source_id": f"CRM/{number}",
        }
        for number in range(ACCOUNTS)
    ]
    twin = {**rows[0], "account_id": "Z000", "domain": "www.firma0.example", "source_id": "OTHER-0"}
    shared = [
        {
            **rows[1],
            "account_id": f"S{country}",
            "name": f"Shared {country}",
            "country": country,
            "domain": "shared.example",
            "source_id": None,
        }
        for country in ("FR", "US")
    ]
    return [*rows, twin, *shared]


def _opportunities(rng: np.random.Generator) -> list[dict[str, Any]]:
    rows = []
    for number in range(240):
        created = datetime.fromisoformat("2024-06-01") + timedelta(days=int(rng.integers(0, 700)))
        closed = created + timedelta(days=int(rng.integers(10, 120)))
        won = bool(rng.random() < 0.5)
        is_open = closed >= AS_OF
        rows.append(
            {
                "opportunity_id": f"O{number}",
                "account_id": f"A{int(rng.integers(0, ACCOUNTS - 10)):03d}",
                "created_at": created,
                "outcome": "open" if is_open else "won" if won else "lost",
                "closed_at": None if is_open else closed,
                "kind": "new",
                "business_unit": UNITS[int(rng.integers(0, 2))],
                "amount": float(rng.lognormal(9, 1)),
                "gross_profit": None,
            }
        )
    return rows


def _playbooks() -> list[dict[str, Any]]:
    return [
        {
            "asset_id": f"{topic}-{language}",
            "family_id": topic,
            "layer": "global" if language == "en" else "regional",
            "language": language,
            "title": f"{topic} {language}",
            "body": f"all about {topic}",
            "markets": MARKETS[language],
            "stages": ["awareness"] if topic == "migration" else None,
            "personas": ["user"] if topic == "security" else None,
            "kind": "asset",
            "channel": "email",
            "audience": "customer",
            "status": "approved",
        }
        for topic in TOPICS
        for language in LANGUAGES
    ]


def _rows() -> dict[str, list[dict[str, Any]]]:
    rng = np.random.default_rng(0)
    return {
        "accounts": _accounts(),
        "opportunities": _opportunities(rng),
        "playbooks": _playbooks(),
        "intent": [
            {
                "account_id": f"A{number:03d}",
                "observed_at": AS_OF - timedelta(days=10 + number % 50),
                "topic": TOPICS[number % len(TOPICS)],
                "strength": float(1 + number % 7),
            }
            for number in range(ACCOUNTS)
        ],
        "contacts": [
            {
                "contact_id": "C1",
                "account_id": "A000",
                "created_at": datetime.fromisoformat("2025-01-01"),
                "buying_role": "user",
            }
        ],
        "impressions": [
            {
                "impression_id": "I1",
                "account_id": "A004",
                "asset_id": "migration-en",
                "shown_at": datetime.fromisoformat("2026-06-01"),
                "outcome": "used",
                "outcome_at": datetime.fromisoformat("2026-06-02"),
            }
        ],
    }


def _train(workspace: Workspace) -> None:
    """Promote models that learnt from noise: what they say matters to nobody here, only that it stays the same."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        {
            "account_id": [f"A{number:03d}" for number in range(200)],
            "business_unit": rng.choice(UNITS, 200),
            "region": rng.choice(list(GROUP.regions), 200),
            "kind": rng.choice(["new_logo", "cross_sell", "upsell"], 200),
            **{signal: rng.exponential(100, 200) for signal in SIGNALS},
        }
    )
    models = {}
    for kind in MODEL_KINDS:
        own = rows[model_kinds(rows) == kind]
        estimator = PropensityModel(n_estimators=20, min_child_samples=5, n_folds=2, n_jobs=1)
        inputs = model_inputs(own, SIGNALS)
        lines = {key: Timeline.over(180, 365) for key in timeline_keys(inputs).unique()}
        days = np.where(rng.random(len(own)) < 0.5, rng.uniform(0, 365, len(own)), np.nan)
        followed = Followed(days, np.full(len(own), 365.0))
        propensity = HazardModel.learn(estimator, inputs, followed, lines, own["account_id"], own["account_id"])
        models[kind] = KindModels(propensity, None, ValueModel().fit(own, rng.lognormal(9, 1, len(own))))
    manifest = BundleManifest(
        version="b1",
        data_version="test",
        code_version="test",
        group_digest=GROUP.digest(),
        trained_as_of=AS_OF,
        learnt_until=AS_OF,
        cutoffs=(AS_OF - timedelta(days=365),),
        signals=SIGNALS,
    )
    save(Bundle(manifest, models), workspace.bundles / "b1")
    (workspace.bundles / "champion").write_text("b1", encoding="utf-8")


@pytest.fixture(scope="session")
def drafted(make_tables: Callable[..., Tables], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with data, promoted models and the draft release r0001; nobody may change it."""
    workspace = Workspace(tmp_path_factory.mktemp("drafted"))
    tables = make_tables(_rows(), AS_OF)
    tables.connection.raw_sql(f"ATTACH '{workspace.warehouse}' AS kept; COPY FROM DATABASE memory TO kept; DETACH kept")
    workspace.group_file.write_text(GROUP.model_dump_json(), encoding="utf-8")
    _train(workspace)
    refresh(workspace)
    return workspace


@pytest.fixture(scope="module")
def workspace(drafted: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace of the module's own, r0001 published."""
    own = Workspace(tmp_path_factory.mktemp("published") / "workspace")
    shutil.copytree(drafted.root, own.root)
    with Store(own.state_url) as store:
        store.publish("r0001")
    return own


@contextmanager
def serving(workspace: Workspace) -> Iterator[TestClient]:
    """Run the service of BentoML in this process; texts are encoded as bags of words."""
    from serving import service

    live = partial(Live, load_encoder=lambda _workspace: BagOfWords())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "Live", live)
        patch.setenv("GLOCAL_WORKSPACE", str(workspace.root))
        with TestClient(service.GlocalService.to_asgi(), raise_server_exceptions=False) as client:
            yield client


@pytest.fixture(scope="session")
def serve() -> Callable[[Workspace], AbstractContextManager[TestClient]]:
    """Return what serves a workspace within a with block; one at a time."""
    return serving


@pytest.fixture(scope="module")
def served(workspace: Workspace) -> Iterator[Served]:
    """A service that is ready."""
    with serving(workspace) as client:
        wait_until_ready(client)
        yield Served(client, workspace)


def wait_until_ready(client: TestClient, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while (answer := client.get("/readyz")).status_code != 200:
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.02)


@pytest.fixture(scope="session")
def bag_of_words() -> BagOfWords:
    """The encoder that the service here uses."""
    return BagOfWords()
