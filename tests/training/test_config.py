"""The configuration of a training: read back as written, with one sentence for each mistake."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import InputError
from training.config import EstimatorConfig, Range, TrainingConfig, as_yaml, read_config, require_numbers

ESTIMATORS = st.builds(
    EstimatorConfig,
    learning_rate=st.floats(0.01, 1),
    num_leaves=st.integers(2, 200),
    l2=st.floats(0, 1e4),
    colsample=st.floats(0.1, 1),
    colsample_bynode=st.floats(0.1, 1),
    monotone=st.dictionaries(st.sampled_from(["a", "NO", "1"]), st.sampled_from([-1, 1])),
)


@given(
    config=st.builds(
        TrainingConfig,
        seed=st.integers(0, 10**6),
        trusted=st.lists(st.text("abcé_", min_size=1)).map(tuple),
        conversion=ESTIMATORS,
        expansion=ESTIMATORS,
        space=st.just({"l2": Range(low=1, high=10)}),
    )
)
def test_is_read_back_as_it_was_written(tmp_path_factory, config):
    path = tmp_path_factory.mktemp("config") / "training.yaml"
    path.write_text(as_yaml(config), encoding="utf-8")
    assert read_config(path) == config


def test_what_is_not_named_is_as_by_default(tmp_path):
    path = tmp_path / "training.yaml"
    path.write_text("conversion: {num_leaves: 30}\n", encoding="utf-8")
    read = read_config(path)
    assert read.conversion == EstimatorConfig(num_leaves=30)
    assert read.expansion == EstimatorConfig()
    assert read.seed == 0


def test_the_estimator_has_every_setting():
    config = EstimatorConfig(learning_rate=0.3, num_leaves=5, l2=7, n_folds=4, monotone={"a": 1})
    params = config.estimator(seed=3).get_params()
    assert {name: params[name] for name in config.model_dump()} == config.model_dump()
    assert params["random_state"] == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("conversion: {leaves: 3}", "conversion.leaves: there is no such key; the keys there are learning_rate"),
        ("sed: 1", "sed: there is no such key; the keys there are seed, trusted, conversion"),
        ("conversion: {num_leaves: 1}", "conversion.num_leaves is 1; it should be greater than or equal to 2"),
        ("seed: -1", "seed is -1; it should be greater than or equal to 0"),
        ("conversion: {monotone: {a: 2}}", "conversion.monotone.a is 2; it should be -1 or 1"),
        ("space: {l2: {low: 5, high: 1}}", "low is 5 and high 1; give a low below the high"),
        ("space: {l2: {low: 0, high: 1, log: true}}", "low is 0, which has no logarithm"),
        ("space: {l2: {low: 1}}", "space.l2.high is missing"),
        ("space: {num_leaves: {low: 1, high: 9}}", "space.num_leaves reaches to 1; it should be greater than or equal"),
        ("space: {num_leaves: {low: 2.5, high: 9}}", "space.num_leaves reaches to 2.5; it should be a valid integer"),
        ("space: {}", "space is {}"),
        ("- 1", "a training configuration is a mapping"),
    ],
)
def test_says_what_is_wrong_where_and_what_to_do(tmp_path, text, told):
    path = tmp_path / "training.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_config(path)
    assert str(error.value).startswith(f"{path}: ")
    assert told in str(error.value)


def test_a_file_that_is_not_there():
    with pytest.raises(InputError, match="there is no such training configuration"):
        read_config(Path("nowhere.yaml"))


@pytest.mark.parametrize(
    ("name", "told"), [("tier", "holds names, which neither rise nor fall"), ("hidden", "in quarantine"), ("flag", "")]
)
def test_only_numbers_that_the_models_see_can_be_monotone(name, told):
    rows = pd.DataFrame({"points": [1.5, None], "flag": [True, False], "tier": ["a", None], "hidden": [1, 2]})
    config = TrainingConfig(expansion=EstimatorConfig(monotone={"points": 1, name: -1}))
    if not told:
        require_numbers(config, rows, ["points", "flag", "tier"])
        return
    with pytest.raises(InputError, match=f"monotone '{name}': the signal (is|holds)") as error:
        require_numbers(config, rows, ["points", "flag", "tier"])
    assert told in str(error.value)
