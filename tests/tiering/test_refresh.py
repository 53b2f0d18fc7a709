"""Refresh: from data and promoted models to a draft, all of it or nothing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.exc import IntegrityError

from features.errors import InputError
from features.group import NO_TIER, Group
from features.signals.catalogue import catalogue
from features.snapshots import build_snapshot
from features.tables import Tables
from features.workspace import Workspace
from models.bundle import Bundle, BundleManifest, KindModels, load_bundle, save
from models.explain import reasons_from_json
from models.hazards import HazardModel
from models.inputs import BETWEEN, MODEL_KINDS, SEGMENTS, model_inputs, model_kinds
from models.landmarks import Followed, timeline_keys
from models.propensity import PropensityModel
from models.timeline import Timeline
from models.value import ValueModel
from tiering import refresh as recipe
from tiering.export import export
from tiering.plan import _notes
from tiering.refresh import refresh, snapshot_path
from tiering.release import Note, Origin, Plan, Release, Status
from tiering.store import Store

AS_OF = datetime.fromisoformat("2026-07-01")
COUNTRIES = ("FR", "US", "JP", "ZA")


def rows() -> dict[str, list[dict[str, object]]]:
    """120 companies, one of them under two ids; every third has won before."""
    accounts = [
        {
            "account_id": f"a{i:03d}",
            "name": f"会社 {i}",
            "country": COUNTRIES[i % 4],
            "domain": f"Firm{i}.example",
            "created_at": AS_OF - timedelta(days=1000 - i),
            "source": "crm",
            "source_id": f"00Q{i}",
        }
        for i in range(120)
    ]
    twin = accounts[5] | {"account_id": "z005", "source_id": "00Z5"}
    opportunities = [
        {
            "opportunity_id": f"o{i}",
            "account_id": f"a{i:03d}",
            "created_at": AS_OF - timedelta(days=300 + i),
            "closed_at": AS_OF - timedelta(days=250),
            "outcome": "won",
            "amount": 1000.0 * (i + 1),
            "business_unit": "cloud",
        }
        for i in range(0, 120, 3)
    ]
    return {"accounts": [*accounts, twin], "opportunities": opportunities}


def trained(tables: Tables, group: Group) -> Bundle:
    """Learn that old accounts succeed."""
    signals = tuple(signal.name for signal in catalogue(tables))
    snapshot = build_snapshot(tables, group, AS_OF)
    success = snapshot["attributes_age_days"] > 940
    models, units = {}, group.business_units
    for kind in MODEL_KINDS:
        of = snapshot[model_kinds(snapshot) == kind]
        estimator = PropensityModel(n_estimators=20, n_folds=2, n_jobs=1)
        inputs, horizons = model_inputs(of, signals), {name: unit.horizon_days for name, unit in units.items()}
        lines = {key: Timeline.over(horizons[key.split(BETWEEN)[0]], 365) for key in timeline_keys(inputs).unique()}
        days = np.where(success[of.index], np.resize([9.0, 99.0, 199.0], len(of)), np.nan)
        followed = Followed(days, np.full(len(of), 365.0))
        model = HazardModel.learn(estimator, inputs, followed, lines, of["account_id"], of["cutoff"])
        models[kind] = KindModels(model, None, ValueModel().fit(of, of["attributes_age_days"] * 1000))
    manifest = BundleManifest(
        version="b0001",
        data_version=tables.data_version,
        code_version="test",
        group_digest=group.digest(),
        trained_as_of=AS_OF,
        learnt_until=AS_OF,
        cutoffs=(AS_OF,),
        signals=signals,
    )
    return Bundle(manifest, models)


@pytest.fixture(scope="module")
def tables(make_tables: Callable[..., Tables]) -> Tables:
    return make_tables(rows(), AS_OF)


@pytest.fixture(scope="module")
def bundle(tables: Tables, group: Group) -> Bundle:
    return trained(tables, group)


@pytest.fixture(scope="module")
def make_workspace(
    tables: Tables, group: Group, bundle: Bundle, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Workspace]:
    """Return a maker of workspaces whose champion lacks the models of some kinds."""

    def make(left_out: Mapping[str, str] = MappingProxyType({}), **refused: str) -> Workspace:
        workspace = Workspace(tmp_path_factory.mktemp("workspace"))
        tables.connection.raw_sql(f"ATTACH '{workspace.warehouse}' AS copy")
        tables.connection.raw_sql("COPY FROM DATABASE memory TO copy")
        tables.connection.raw_sql("DETACH copy")
        workspace.group_file.write_text(group.model_dump_json())
        manifest = bundle.manifest.model_copy(update={"refused": refused, "left_out": dict(left_out)})
        models = {kind: one for kind, one in bundle.models.items() if kind not in refused}
        save(Bundle(manifest, models), workspace.bundles / "b0001")
        (workspace.bundles / "champion").write_text("b0001\n")
        return workspace

    return make


@pytest.fixture(scope="module")
def workspace(make_workspace: Callable[..., Workspace]) -> Workspace:
    return make_workspace()


@pytest.fixture(scope="module")
def release(workspace: Workspace) -> Release:
    """The first release of the workspace."""
    return refresh(workspace)


def stored(workspace: Workspace, release: Release) -> tuple[pd.DataFrame, pd.DataFrame]:
    with Store(workspace.state_url) as store:
        return store.accounts(release.id), store.scores(release.id)


def test_a_draft_of_every_account(workspace: Workspace, release: Release) -> None:
    assert (release.id, release.status, release.origin.as_of) == ("r0001", Status.DRAFT, AS_OF)
    assert release.models == {"conversion": "b0001", "expansion": "b0001"}
    accounts, scores = stored(workspace, release)
    assert len(accounts) == sum(release.counts.values()) == 120
    assert len(scores) == 240
    assert scores["probability"].between(0, 1, inclusive="neither").all()
    assert set(release.counts) == {"strategic", "scale", "programmatic", NO_TIER}
    assert release.counts["strategic"] > 0
    assert "accounts_in_no_region" in {note.code for note in release.notes}
    assert all(1 <= len(reasons_from_json(text)) <= 4 for text in scores["reasons"])
    named = {reason.signal for text in scores["reasons"] for reason in reasons_from_json(text)}
    assert named.isdisjoint(SEGMENTS)


def test_an_account_is_found_under_all_its_names(workspace: Workspace, release: Release) -> None:
    with Store(workspace.state_url) as store:
        assert store.account(release.id, "z005").account_id == "a005"
        assert store.find(release.id, "source_id", "00Z5") == ("a005",)
        assert store.find(release.id, "domain", "firm7.example") == ("a007",)


def test_live_scores_are_those_of_the_release(workspace: Workspace, release: Release) -> None:
    snapshot = pd.read_parquet(snapshot_path(workspace, release.id))
    live = load_bundle(workspace.bundles / "b0001").score(snapshot)
    _, scores = stored(workspace, release)
    assert live["probability"].tolist() == scores["probability"].tolist()


def test_refreshing_again_gives_the_same_bytes(workspace: Workspace, release: Release, tmp_path: Path) -> None:
    steps: list[str] = []
    again = refresh(workspace, progress=steps.append)
    assert again.id > release.id
    assert len(set(steps)) == len(steps) > 4
    assert steps[0] == "computing signals"
    with Store(workspace.state_url) as store:
        for one in (release, again):
            export(store, one.id, tmp_path / f"{one.id}.csv")
    exported = [(tmp_path / f"{one.id}.csv").read_bytes() for one in (release, again)]
    assert exported[0] == exported[1]
    snapshots = [snapshot_path(workspace, one.id).read_bytes() for one in (release, again)]
    assert snapshots[0] == snapshots[1]


def test_accounts_of_a_refused_model_are_listed_without_a_probability(make_workspace: Callable[..., Workspace]) -> None:
    workspace = make_workspace(expansion="7 successes")
    release = refresh(workspace)
    accounts, scores = stored(workspace, release)
    assert scores["probability"].isna().equals(scores["kind"] != "new_logo")
    assert release.models == {"conversion": "b0001"}
    assert release.notes[0] == Note("model_refused", {"kind": "expansion", "reason": "7 successes"})
    assert accounts.loc[accounts["why_none"] == "no_probability", "probability"].isna().all()


def test_a_unit_that_was_left_out_leads_nobody(make_workspace: Callable[..., Workspace], group: Group) -> None:
    unit, *others = group.business_units
    workspace = make_workspace(left_out={unit: "the data reach back 200 days"})
    release = refresh(workspace)
    accounts, scores = stored(workspace, release)
    assert scores["probability"].isna().equals(scores["business_unit"] == unit)
    assert release.notes[0] == Note("model_refused", {"kind": unit, "reason": "the data reach back 200 days"})
    assert set(accounts["lead_business_unit"].dropna()) == set(others)
    assert accounts["probability"].notna().all()


def test_a_unit_that_no_model_saw_is_told(make_workspace: Callable[..., Workspace], group: Group) -> None:
    workspace = make_workspace()
    unit, *_ = group.business_units
    changed = group.model_copy(update={"business_units": {**group.business_units, "new": group.business_units[unit]}})
    workspace.group_file.write_text(changed.model_dump_json())
    release = refresh(workspace)
    _, scores = stored(workspace, release)
    assert scores["probability"].isna().equals(scores["business_unit"] == "new")
    assert Note("units_not_learnt", {"business_units": "new"}) in release.notes


def test_a_unit_of_a_refused_kind_only_is_not_said_to_be_unseen(group: Group, bundle: Bundle) -> None:
    scores = pd.DataFrame({"kind": ["new_logo", "upsell"], "business_unit": ["cloud", "new"], "probability": np.nan})
    scores = scores.assign(expected_gross_profit=np.nan, expected_amount=np.nan)
    accounts = pd.DataFrame({"why_none": ["no_probability"], "region": ["EMEA"]})
    manifest = bundle.manifest.model_copy(update={"refused": {"conversion": "too few"}})
    origin = Origin(AS_OF, "b0001", "d1", "c1", group.digest())
    told = [note for note in _notes(accounts, scores, manifest, origin) if note.code == "units_not_learnt"]
    assert told == [Note("units_not_learnt", {"business_units": "new"})]


def test_with_no_model_at_all_everybody_is_in_no_tier(make_workspace: Callable[..., Workspace]) -> None:
    workspace = make_workspace(conversion="no successes", expansion="7 successes")
    release = refresh(workspace)
    assert release.counts == {"strategic": 0, "scale": 0, "programmatic": 0, NO_TIER: 120}
    assert [note.code for note in release.notes[:2]] == ["model_refused", "model_refused"]
    accounts, _ = stored(workspace, release)
    assert set(accounts["why_none"]) == {"no_probability"}


def test_as_of_the_past(workspace: Workspace) -> None:
    release = refresh(workspace, as_of=AS_OF - timedelta(days=950))
    assert release.origin.as_of == AS_OF - timedelta(days=950)
    assert sum(release.counts.values()) == 50
    assert release.notes[0].code == "trained_on_later_data"


def test_the_future_is_refused(workspace: Workspace) -> None:
    with pytest.raises(InputError, match="2026-07-02"):
        refresh(workspace, as_of=AS_OF + timedelta(days=1))


def test_without_promoted_models_there_is_nothing_to_refresh(make_workspace: Callable[..., Workspace]) -> None:
    workspace = make_workspace()
    (workspace.bundles / "champion").unlink()
    with pytest.raises(InputError, match="glocal promote"):
        refresh(workspace)


def test_a_failure_leaves_nothing(make_workspace: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = make_workspace()

    def duplicated(*arguments: object) -> Plan:
        plan = make_plan(*arguments)
        return replace(plan, scores=pd.concat([plan.scores] * 2))

    make_plan = recipe.make_plan
    monkeypatch.setattr(recipe, "make_plan", duplicated)
    with pytest.raises(IntegrityError):
        refresh(workspace)
    assert list(workspace.snapshots.iterdir()) == []
    with Store(workspace.state_url) as store:
        assert store.releases() == []
