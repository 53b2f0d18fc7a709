"""The bundle: it scores each row by itself, is saved and loaded to the bit, and refuses what was changed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from features.errors import InputError, NotFoundError
from features.snapshots import KEYS
from models.bundle import Bundle, BundleManifest, KindModels, load_bundle, save
from models.hazards import ALL_LINES, HazardModel
from models.inputs import MODEL_KINDS, model_inputs, model_kinds
from models.landmarks import Followed, timeline_keys
from models.propensity import PropensityModel
from models.scoring import SCORES, by_day
from models.timeline import Timeline
from models.value import ValueModel

SIGNALS = ("attributes_annual_revenue", "engagement_events_90d", "attributes_industry")
FILES = sorted(
    [f"conversion.{name}" for name in ("propensity.json", "trees.txt", "gross_profit.json", "amount.json")]
    + [f"expansion.{name}" for name in ("propensity.json", "trees.txt", "gross_profit.json")]
    + ["conversion.leading_trees.txt", "manifest.json"]
)


def make_snapshot(n: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)

    def drawn(*names: str) -> pd.Series:
        return pd.Series(np.array(names, dtype=object)[random.integers(0, len(names), n)], dtype="str")

    return pd.DataFrame(
        {
            "account_id": [f"企業-{row:05}" for row in range(n)],
            "business_unit": drawn("cloud", "industrial"),
            "cutoff": pd.Timestamp("2026-01-01"),
            "kind": drawn("new_logo", "cross_sell", "upsell"),
            "country": drawn("FR", "JP"),
            "region": drawn("EMEA", "APAC"),
            "in_pipeline": random.random(n) < 0.1,
            "attributes_annual_revenue": np.exp(random.normal(16, 1, n)),
            "engagement_events_90d": np.where(random.random(n) < 0.5, np.nan, random.poisson(3, n)),
            "attributes_industry": drawn("métallurgie", "銀行"),
        }
    )


@pytest.fixture(scope="module")
def snapshot() -> pd.DataFrame:
    return make_snapshot(3000, seed=0)


def kind_models(rows: pd.DataFrame, *, amount: bool) -> KindModels:
    random = np.random.default_rng(1)
    won = random.random(len(rows)) < expit(-3 + 0.4 * rows["engagement_events_90d"].fillna(0).to_numpy(float))
    money = np.sqrt(rows["attributes_annual_revenue"].to_numpy(float)) * np.exp(random.normal(size=len(rows)))
    value = ValueModel().fit(rows[won], money[won])
    inputs = model_inputs(rows, SIGNALS)
    lines = {key: Timeline.over(90, 365) for key in timeline_keys(inputs).unique()}
    followed = Followed(np.where(won, random.uniform(0, 365, len(rows)), np.nan), np.full(len(rows), 365.0))
    places = np.arange(len(rows))
    opened = Followed(random.uniform(0, 600, len(rows)), followed.followed_days) if amount else None
    estimator = PropensityModel(n_jobs=1)
    propensity = HazardModel.learn(estimator, inputs, followed, lines, places, places, leading=opened)
    return KindModels(propensity, gross_profit=value, amount=value if amount else None)


def manifest(**changes: object) -> BundleManifest:
    facts: dict[str, object] = {
        "version": "conversion-7",
        "data_version": "d1",
        "code_version": "c1",
        "group_digest": "g1",
        "trained_as_of": datetime(2026, 1, 2),  # noqa: DTZ001
        "learnt_until": datetime(2025, 9, 1),  # noqa: DTZ001
        "cutoffs": (datetime(2025, 1, 1), datetime(2025, 7, 1)),  # noqa: DTZ001
        "signals": SIGNALS,
        "metrics": {"conversion": {"auc": 0.1 + 0.2, "brier": None}},
        "run_ids": {"conversion": "r1"},
    }
    return BundleManifest.model_validate(facts | changes)


@pytest.fixture(scope="module")
def bundle(snapshot: pd.DataFrame) -> Bundle:
    kinds = model_kinds(snapshot)
    return Bundle(
        manifest(),
        {kind: kind_models(snapshot[kinds == kind], amount=kind == "conversion") for kind in MODEL_KINDS},
    )


@pytest.fixture
def saved(bundle: Bundle, tmp_path: Path) -> Path:
    save(bundle, tmp_path / "bundles" / "7")
    return tmp_path / "bundles" / "7"


class TestScoring:
    def test_gives_keys_model_and_scores(self, bundle: Bundle, snapshot: pd.DataFrame) -> None:
        scores = bundle.score(snapshot)
        assert list(scores.columns) == [*KEYS, "model_kind", *SCORES]
        pd.testing.assert_frame_equal(scores[list(KEYS)], snapshot[list(KEYS)])
        assert scores["probability"].between(0, 1, inclusive="neither").all()
        np.testing.assert_allclose(expit(scores["log_odds"]), scores["probability"], rtol=1e-12)
        assert (scores["gross_profit"] > 0).all()
        assert (scores["amount"].isna() == (scores["model_kind"] == "expansion")).all()

    @given(rows=st.lists(st.integers(0, 2999), min_size=1, max_size=20))
    @settings(max_examples=25, deadline=None)
    def test_alone_or_among_others_to_the_bit(self, bundle: Bundle, snapshot: pd.DataFrame, rows: list[int]) -> None:
        everyone = bundle.score(snapshot)
        pd.testing.assert_frame_equal(bundle.score(snapshot.iloc[rows]), everyone.iloc[rows], check_exact=True)
        pd.testing.assert_frame_equal(bundle.score(snapshot.iloc[rows[:1]]), everyone.iloc[rows[:1]], check_exact=True)

    def test_probabilities_by_other_days_rise_and_leave_the_scores_what_they_are(
        self, bundle: Bundle, snapshot: pd.DataFrame
    ) -> None:
        days = (1, 30, 90, 365, 2000)
        scores = bundle.score(snapshot, days)
        pd.testing.assert_frame_equal(scores.drop(columns=list(map(by_day, days))), bundle.score(snapshot))
        assert (scores[by_day(90)] == scores["probability"]).all()
        assert (np.diff(scores[list(map(by_day, days))], axis=1) > 0).all()

    def test_further_columns_and_their_order_change_nothing(self, bundle: Bundle, snapshot: pd.DataFrame) -> None:
        other = snapshot[snapshot.columns[::-1]].assign(usage_further=1.0)
        pd.testing.assert_frame_equal(bundle.score(other), bundle.score(snapshot), check_exact=True)

    def test_reasons_add_up_to_the_log_odds(self, bundle: Bundle, snapshot: pd.DataFrame) -> None:
        parts = bundle.explain(snapshot)
        assert list(parts.columns) == [*model_inputs(snapshot, SIGNALS).columns, *ALL_LINES]
        np.testing.assert_allclose(parts.sum(axis="columns"), bundle.score(snapshot)["log_odds"], atol=1e-6, rtol=0)

    def test_a_refused_model_scores_nothing(self, bundle: Bundle, snapshot: pd.DataFrame) -> None:
        refused = manifest(refused={"expansion": "12 successes are too few"})
        half = Bundle(refused, {"conversion": bundle.of("conversion")})
        scores, parts = half.score(snapshot), half.explain(snapshot)
        expansion = scores["model_kind"] == "expansion"
        assert scores.loc[expansion, list(SCORES)].isna().all(axis=None)
        assert parts[expansion].isna().all(axis=None)
        assert scores.loc[~expansion, "probability"].notna().all()

    def test_a_unit_that_was_left_out_has_no_scores(self, bundle: Bundle, snapshot: pd.DataFrame) -> None:
        without = Bundle(manifest(left_out={"industrial": "too short a history"}), bundle.models)
        left = snapshot["business_unit"] == "industrial"
        scores, parts = without.score(snapshot), without.explain(snapshot)
        assert scores.loc[left, list(SCORES)].isna().all(axis=None)
        assert parts[left].isna().all(axis=None)
        pd.testing.assert_frame_equal(scores[~left], bundle.score(snapshot)[~left], check_exact=True)

    def test_a_unit_never_seen_has_no_scores(self, bundle: Bundle, snapshot: pd.DataFrame) -> None:
        renamed = snapshot.assign(business_unit=snapshot["business_unit"].replace("industrial", "new"))
        new = renamed["business_unit"] == "new"
        scores, parts = bundle.score(renamed), bundle.explain(renamed)
        assert new.any()
        assert scores.loc[new, list(SCORES)].isna().all(axis=None)
        assert parts[new].isna().all(axis=None)
        pd.testing.assert_frame_equal(scores[~new], bundle.score(snapshot)[~new], check_exact=True)

    @pytest.mark.parametrize(("column", "values"), [("engagement_events_90d", "n/a"), ("attributes_industry", 1.0)])
    def test_a_column_of_another_type_than_learnt_is_named(
        self, bundle: Bundle, snapshot: pd.DataFrame, column: str, values: object
    ) -> None:
        for use in (bundle.score, bundle.explain):
            with pytest.raises(InputError, match=f"column '{column}' held .* train anew"):
                use(snapshot.assign(**{column: values}))

    def test_no_rows_give_no_scores(self, bundle: Bundle, snapshot: pd.DataFrame) -> None:
        assert bundle.score(snapshot.head(0)).empty
        assert bundle.explain(snapshot.head(0)).empty

    @pytest.mark.parametrize("column", ["attributes_industry", "region", "kind", "account_id"])
    def test_a_missing_column_is_named(self, bundle: Bundle, snapshot: pd.DataFrame, column: str) -> None:
        with pytest.raises(InputError, match=f"'{column}'"):
            bundle.score(snapshot.drop(columns=column))

    @pytest.mark.parametrize("refused", [{}, {"conversion": "why", "expansion": "why"}])
    def test_a_kind_has_a_model_or_a_reason(self, bundle: Bundle, refused: dict[str, str]) -> None:
        with pytest.raises(ValueError, match="needs a model or a reason"):
            Bundle(manifest(refused=refused), {"conversion": bundle.of("conversion")})


class TestFolder:
    def test_loaded_it_is_the_same_to_the_bit(self, bundle: Bundle, saved: Path, snapshot: pd.DataFrame) -> None:
        loaded = load_bundle(saved)
        assert loaded.manifest == bundle.manifest
        pd.testing.assert_frame_equal(loaded.score(snapshot), bundle.score(snapshot), check_exact=True)
        pd.testing.assert_frame_equal(loaded.explain(snapshot), bundle.explain(snapshot), check_exact=True)

    def test_the_same_inputs_give_the_same_bytes(self, bundle: Bundle, saved: Path, tmp_path: Path) -> None:
        save(load_bundle(saved), tmp_path / "again")
        assert sorted(path.name for path in saved.iterdir()) == FILES
        for name in FILES:
            assert (saved / name).read_bytes() == (tmp_path / "again" / name).read_bytes()

    def test_nothing_is_left_beside_it(self, saved: Path) -> None:
        assert list(saved.parent.iterdir()) == [saved]

    def test_a_saved_bundle_never_changes(self, bundle: Bundle, saved: Path) -> None:
        with pytest.raises(InputError, match="exists already"):
            save(bundle, saved)

    @pytest.mark.parametrize("name", FILES)
    @pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
    def test_a_damaged_bundle_is_refused(self, saved: Path, name: str, damage: str) -> None:
        content = (saved / name).read_bytes()
        (saved / name).unlink()
        if damage == "cut":
            (saved / name).write_bytes(content[:-20])
        elif damage == "flipped":
            (saved / name).write_bytes(content.replace(b"1", b"2", 1))
        with pytest.raises(InputError, match=f"(?s){name}.*(restore|train one)"):
            load_bundle(saved)

    def test_a_bundle_of_another_version_is_refused(
        self, bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        model = bundle.of("conversion").propensity
        assert model is not None
        state = model.to_state()
        params = state.propensity.model_copy(update={"params": {"depth": 3}})
        foreign = HazardModel.from_state(state)
        monkeypatch.setattr(HazardModel, "to_state", lambda _: state.model_copy(update={"propensity": params}))
        models = {"conversion": KindModels(foreign), "expansion": bundle.of("expansion")}
        save(Bundle(bundle.manifest, models), tmp_path / "foreign")
        with pytest.raises(InputError, match="another version of Glocal"):
            load_bundle(tmp_path / "foreign")

    def test_no_bundle_is_not_found(self, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match="no bundle"):
            load_bundle(tmp_path / "nowhere")
