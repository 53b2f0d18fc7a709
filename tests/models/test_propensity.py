"""The propensity model: scikit-learn's contract, worlds whose answer is known, and invariants to the bit."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from models.predictor import LINES
from models.propensity import PropensityModel
from models.propensity_state import PropensityState
from training.evaluate import expected_calibration_error

World = tuple[pd.DataFrame, np.ndarray, np.ndarray]
INDUSTRIES = np.array(["banque", "Ökostrom", "医薬", "retail", "логистика"])


def logistic_world(n: int, base: float, strength: float, seed: int) -> World:
    """Accounts, what came of them, and the true probabilities; half of the columns are noise."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "visits": random.poisson(2, n).astype(float),
            "silence": np.where(random.random(n) < 0.3, np.nan, random.exponential(60, n)),
            "industry": pd.Series(INDUSTRIES[random.integers(0, 5, n)], dtype="str"),
            "partner": random.random(n) < 0.3,
            "empty": np.nan,
            "constant": 1.0,
        }
        | {f"noise_{k}": random.normal(size=n) for k in range(6)}
    )
    effect = 0.8 * np.log1p(frame["visits"]) + 0.8 * (frame["industry"] == "医薬") + 0.7 * frame["partner"]
    truth = expit(base + strength * (effect - 0.01 * frame["silence"].fillna(120)).to_numpy(float))
    return frame, random.random(n) < truth, truth


@pytest.fixture(scope="module")
def rare() -> World:
    return logistic_world(20_000, base=-4.6, strength=1.5, seed=0)


@pytest.fixture(scope="module")
def small() -> World:
    return logistic_world(1500, base=-2.5, strength=1.5, seed=1)


@pytest.fixture(scope="module")
def model(small: World) -> PropensityModel:
    return PropensityModel().fit(small[0], small[1])


def market_world(n: int, seed: int) -> World:
    """A world in which one market, of 30 accounts, and one of two units, succeed far more often than signals tell."""
    frame, _, truth = logistic_world(n, base=-2.5, strength=1.0, seed=seed)
    random = np.random.default_rng(seed + 1)
    market = np.where(np.arange(n) < 30, "small", np.array(["large", "dull"])[random.integers(0, 2, n)])
    unit = np.array(["cloud", "工業"])[random.integers(0, 2, n)]
    shifted = expit(logit(truth) + 1.5 * (market == "large") * (unit == "cloud") + 1.5 * (market == "small"))
    frame = frame.assign(market=pd.Series(market, dtype="str"), unit=pd.Series(unit, dtype="str"))
    frame["segment"] = frame["market"] + " × " + frame["unit"]
    return frame, random.random(n) < shifted, shifted


@parametrize_with_checks([PropensityModel()])
def test_keeps_scikit_learns_contract(estimator: Any, check: Any) -> None:
    check(estimator)


class TestKnownWorlds:
    def test_probabilities_come_true(self, rare: World) -> None:
        frame, y, truth = rare
        train, test = slice(0, 12_000), slice(12_000, None)
        probability = PropensityModel().fit(frame[train], y[train]).predict_proba(frame[test])[:, 1]
        assert 0.01 < y.mean() < 0.06
        assert expected_calibration_error(y[test], probability) < 0.008
        assert probability.mean() == pytest.approx(truth[test].mean(), rel=0.1)
        assert roc_auc_score(y[test], probability) > roc_auc_score(y[test], truth[test]) - 0.03

    @pytest.mark.parametrize("positives", [3, 10, 30, 100])
    def test_noise_is_no_worse_than_the_base_rate(self, positives: int) -> None:
        frame = logistic_world(3000, base=0, strength=0, seed=positives)[0]
        y = np.arange(3000) % (3000 // positives) == 0
        probability = PropensityModel().fit(frame[:1500], y[:1500]).predict_proba(frame[1500:])[:, 1]
        base = np.full(1500, y[:1500].mean())
        assert log_loss(y[1500:], probability) < 1.01 * log_loss(y[1500:], base)

    def test_calibration_does_not_cost(self, small: World) -> None:
        frame, y, _ = small
        there, _, truth = logistic_world(5000, base=-2.5, strength=1.5, seed=2)

        def surprise(calibrate: bool) -> float:
            p = PropensityModel(calibrate=calibrate).fit(frame, y).predict_proba(there)[:, 1]
            return float(-(truth * np.log(p) + (1 - truth) * np.log(1 - p)).mean())

        assert surprise(calibrate=True) < 1.005 * surprise(calibrate=False)

    def test_a_group_told_five_times_is_not_learnt_by_heart(self) -> None:
        """Without groups, copies of a row in the other folds would give its label away."""
        frame, y, _ = logistic_world(300, base=-1, strength=0, seed=4)
        copies = np.repeat(np.arange(300), 5)
        grouped = PropensityModel().fit(frame.iloc[copies], y[copies], groups=copies)
        loose = PropensityModel().fit(frame.iloc[copies], y[copies])
        assert np.ptp(grouped.decision_function(frame)) < np.ptp(loose.decision_function(frame)) / 3

    def test_a_monotone_column_only_raises(self) -> None:
        frame, y, _ = logistic_world(1500, base=-1, strength=-1, seed=5)
        model = PropensityModel(monotone={"visits": 1}).fit(frame, y)
        grid = pd.concat([frame.head(30).assign(visits=float(visits)) for visits in range(8)])
        scores = model.decision_function(grid).reshape(8, 30)
        assert (np.diff(scores, axis=0) >= 0).all()
        assert np.ptp(PropensityModel().fit(frame, y).decision_function(grid).reshape(8, 30), axis=0).max() > 0


class TestBlend:
    def test_few_rows_of_a_linear_world_are_left_to_the_linear_model(self) -> None:
        frame, y, _ = logistic_world(300, base=-1.5, strength=1.5, seed=11)
        model = PropensityModel().fit(frame, y)
        assert model.predictor_.share_of_trees < 0.5
        assert model.predictor_.linear is not None

    def test_what_no_line_can_tell_is_left_to_trees(self) -> None:
        random = np.random.default_rng(12)
        X = random.normal(size=(4000, 2))
        y = random.random(4000) < expit(3 * np.sign(X[:, 0] * X[:, 1]) - 1)
        model = PropensityModel().fit(X, y)
        assert model.predictor_.share_of_trees > 0.9
        assert roc_auc_score(y, model.decision_function(X)) > 0.85

    def test_a_single_row_of_the_rarer_class_gives_the_base_rate(self) -> None:
        frame, _, _ = logistic_world(500, base=0, strength=1, seed=13)
        y = np.arange(500) == 0
        np.testing.assert_allclose(PropensityModel().fit(frame, y).predict_proba(frame)[:, 1], 1 / 500, rtol=0.05)

    def test_segments_that_differ_are_told_apart(self) -> None:
        frame, y, _ = market_world(6000, seed=24)
        there, _, truth = market_world(6000, seed=25)
        model = PropensityModel(segment="segment").fit(frame, y)
        scored = there.assign(p=model.predict_proba(there)[:, 1], truth=truth)
        levels = scored.groupby(["market", "unit"])[["p", "truth"]].mean()
        large = levels.loc[["large", "dull"]]
        np.testing.assert_allclose(large["p"], large["truth"], rtol=0.2)

    def test_a_market_of_30_is_neither_refused_nor_the_mean_of_all(self) -> None:
        frame, y, _ = market_world(6000, seed=16)
        model = PropensityModel(segment="market").fit(frame, y)
        assert model.predictor_.pooling is not None
        offsets = model.predictor_.pooling.offsets
        assert offsets["small"].sd > 2 * offsets["large"].sd
        small = model.predict_proba(frame[:30])[:, 1].mean()
        assert y.mean() < small

    def test_a_block_has_its_own_level_whatever_signals_say(self) -> None:
        """More visits mean more success in each block, and the one that is visited more has less of it."""
        random = np.random.default_rng(26)
        block = random.integers(0, 2, 6000)
        visits = random.normal(2.0 * block)
        chance = expit(0.8 * visits - 1.6 * block - 2.5)
        frame = pd.DataFrame({"visits": visits, "block": pd.Series(np.array(["quiet", "busy"])[block], dtype="str")})
        y = random.random(6000) < chance
        model = PropensityModel(block="block").fit(frame, y)
        assert model.predictor_.blocks is not None
        offsets = model.predictor_.blocks.offsets
        assert offsets["busy"].mean < -0.1 < 0.1 < offsets["quiet"].mean
        scored = pd.DataFrame({"block": block, "p": model.predict_proba(frame)[:, 1], "truth": chance})
        levels = scored.groupby("block").mean()
        np.testing.assert_allclose(levels["p"], levels["truth"], rtol=0.15)
        lines = model.contributions(frame)
        np.testing.assert_allclose(lines.sum(axis="columns"), model.decision_function(frame), atol=1e-6, rtol=0)

    def test_a_segment_never_seen_is_scored_by_its_signals(self) -> None:
        frame, y, _ = market_world(1500, seed=17)
        model = PropensityModel(segment="market").fit(frame, y)
        new = frame.head(20).assign(market="new")
        assert not model.contributions(new)["pooling"].any()

    def test_a_direction_holds_in_the_blend(self) -> None:
        frame, y, _ = logistic_world(200, base=-1, strength=-1, seed=18)
        model = PropensityModel(monotone={"visits": 1}).fit(frame, y)
        grid = pd.concat([frame.head(30).assign(visits=float(visits)) for visits in range(8)])
        assert (np.diff(model.decision_function(grid).reshape(8, 30), axis=0) >= 0).all()


class TestToTheBit:
    @given(rows=st.lists(st.integers(0, 1499), min_size=1, max_size=40))
    @settings(max_examples=40, deadline=None)
    def test_alone_or_among_others(self, model: PropensityModel, small: World, rows: list[int]) -> None:
        frame = small[0]
        for method in (model.decision_function, model.predict_proba, model.contributions):
            everyone = np.asarray(method(frame))
            assert np.array_equal(np.asarray(method(frame.iloc[rows])), everyone[rows])
            assert np.array_equal(np.asarray(method(frame.iloc[rows[:1]])), everyone[rows[:1]])

    def test_any_number_of_threads(self, small: World, model: PropensityModel) -> None:
        frame, y, _ = small
        threaded = PropensityModel(n_jobs=2).fit(frame, y)
        assert threaded.to_state() == model.to_state()
        assert np.array_equal(threaded.decision_function(frame), model.decision_function(frame))

    def test_saved_and_loaded_with_segments(self) -> None:
        frame, y, _ = market_world(400, seed=8)
        model = PropensityModel(segment="segment").fit(frame, y)
        loaded = PropensityModel.from_state(PropensityState.model_validate_json(model.to_state().model_dump_json()))
        assert loaded.to_state() == model.to_state()
        assert np.array_equal(loaded.predict_proba(frame), model.predict_proba(frame))
        assert np.array_equal(model.decision_function(frame.iloc[[3]]), model.decision_function(frame)[[3]])

    def test_saved_and_loaded(self, small: World, model: PropensityModel) -> None:
        state = PropensityState.model_validate_json(model.to_state().model_dump_json())
        loaded = PropensityModel.from_state(state)
        assert loaded.to_state() == model.to_state()
        for twin in (loaded, pickle.loads(pickle.dumps(model))):  # noqa: S301
            assert np.array_equal(twin.predict_proba(small[0]), model.predict_proba(small[0]))
            assert twin.contributions(small[0]).equals(model.contributions(small[0]))
            assert list(twin.predict(small[0])) == list(model.predict(small[0]))


class TestContributions:
    @pytest.mark.parametrize("n", [60, 400, 1500])
    def test_add_up_to_the_log_odds(self, n: int) -> None:
        frame, y, _ = market_world(n, seed=n)
        for calibrate in (True, False):
            model = PropensityModel(segment="segment", calibrate=calibrate).fit(frame, y)
            parts = model.contributions(frame)
            assert list(parts.columns) == [*frame.columns.drop("segment"), *LINES]
            np.testing.assert_allclose(parts.sum(axis="columns"), model.decision_function(frame), atol=1e-6, rtol=0)
            assert np.ptp(parts[["baseline", "blending", "calibration"]].to_numpy(), axis=0).max() == 0
            assert calibrate or not parts["calibration"].any()

    def test_pooling_is_of_the_segment(self) -> None:
        frame, y, _ = market_world(1500, seed=7)
        pooling = PropensityModel(segment="market").fit(frame, y).contributions(frame)["pooling"]
        assert len(set(zip(pooling, frame["market"], strict=True))) == pooling.nunique() == 3

    def test_what_never_varies_adds_nothing(self, model: PropensityModel, small: World) -> None:
        assert not model.contributions(small[0])[["empty", "constant"]].to_numpy().any()

    def test_keep_the_index(self, model: PropensityModel, small: World) -> None:
        assert model.contributions(small[0].iloc[[7, 3]]).index.tolist() == [7, 3]


class TestInputs:
    def test_a_name_never_seen_counts_as_missing(self, model: PropensityModel, small: World) -> None:
        unseen, missing = (small[0].head(50).assign(industry=value) for value in ("never seen", None))
        assert np.array_equal(model.decision_function(unseen), model.decision_function(missing))

    def test_nothing_known_is_still_scored(self, model: PropensityModel, small: World) -> None:
        blank = small[0].head(1).astype(object).where(small[0].head(1).isna() & False, None)
        assert 0 < model.predict_proba(blank)[0, 1] < 1

    def test_the_certain_is_never_quite_certain(self) -> None:
        X = np.repeat([[0.0], [1.0]], 500, axis=0)
        probability = PropensityModel(learning_rate=1.0, calibrate=False).fit(X, X[:, 0] == 1).predict_proba(X)
        assert ((probability > 0) & (probability < 1)).all()
        np.testing.assert_allclose(probability.sum(axis=1), 1)

    def test_columns_without_a_story_give_the_base_rate(self) -> None:
        X = pd.DataFrame({"empty": np.nan, "constant": 1.0}, index=range(200))
        probability = PropensityModel().fit(X, np.arange(200) % 10 == 0).predict_proba(X)[:, 1]
        np.testing.assert_allclose(probability, 0.1, atol=1e-6)

    @pytest.mark.parametrize("value", [np.inf, -np.inf])
    def test_infinity_is_refused(self, model: PropensityModel, small: World, value: float) -> None:
        frame = small[0].head(5).assign(visits=value)
        with pytest.raises(ValueError, match="infinity"):
            model.predict_proba(frame)
        with pytest.raises(ValueError, match="infinity"):
            PropensityModel().fit(frame, [0, 1, 0, 1, 0])

    @pytest.mark.parametrize("weight", [None, [1, 1, 0]])
    def test_one_class_is_refused(self, weight: list[int] | None) -> None:
        y = [1, 1, 1] if weight is None else [1, 1, 0]
        with pytest.raises(ValueError, match="one class only"):
            PropensityModel().fit([[1.0], [2.0], [3.0]], y, sample_weight=weight)

    @pytest.mark.parametrize("name", LINES)
    def test_a_column_called_like_a_line_is_refused(self, name: str) -> None:
        with pytest.raises(ValueError, match="rename"):
            PropensityModel().fit(pd.DataFrame({name: [1.0, 2.0]}), [0, 1])

    @pytest.mark.parametrize(
        ("X", "words"),
        [
            (pd.DataFrame({"n": [1.0, 2.0]}), "'market', which is no column"),
            (pd.DataFrame({"market": ["a", "b"]}), "no column but the segment"),
            ([[1.0], [2.0]], "no DataFrame"),
        ],
    )
    def test_a_segment_that_is_not_there_is_refused(self, X: Any, words: str) -> None:
        with pytest.raises(ValueError, match=words):
            PropensityModel(segment="market").fit(X, [0, 1])

    @pytest.mark.parametrize(("monotone", "words"), [({"nil": 1}, "'nil'"), ({"n": 2}, "direction"), ({"c": 1}, "'c'")])
    def test_a_wrong_direction_is_refused(self, monotone: dict[str, int], words: str) -> None:
        with pytest.raises(ValueError, match=words):
            PropensityModel(monotone=monotone).fit(pd.DataFrame({"n": [1.0, 2.0], "c": ["a", "b"]}), [0, 1])
