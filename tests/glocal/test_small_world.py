"""The whole path on one small simulated group, whose true probabilities are known."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from benchmarks.worth import expected_auc

KEYS = ["account_id", "business_unit", "cutoff"]


@pytest.fixture(scope="module")
def truth(world: Any) -> pd.DataFrame:
    table = pd.read_parquet(world.exports / "truth" / "probabilities.parquet", columns=[*KEYS, "probability"])
    return table.astype({"account_id": "str", "business_unit": "str"}).rename(columns={"probability": "truth"})


@pytest.mark.parametrize("kind", ["conversion", "expansion"])
class TestEveryModel:
    def test_comes_near_the_truth(self, kind: str, world: Any, truth: pd.DataFrame) -> None:
        judged = world.judged[world.judged["model_kind"] == kind].merge(truth, on=KEYS)
        true = judged["truth"].to_numpy(float)
        ours, best = (expected_auc(judged[name].to_numpy(float), true) for name in ("probability", "truth"))
        assert ours - 0.5 >= 0.7 * (best - 0.5)

    def test_beats_what_people_use_today(self, kind: str, world: Any) -> None:
        model = next(model for model in world.training["models"] if model["kind"] == kind)
        assert set(model["baselines"]) == {"revenue", "engagement_points"}
        for baseline in model["baselines"].values():
            assert model["metrics"]["lift_at_10"] > baseline["lift_at_10"]
            assert model["metrics"]["auc"] > baseline["auc"]
