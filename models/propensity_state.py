"""What a fitted propensity model knows, in types that JSON has."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

Label = bool | int | float | str


class PropensityState(BaseModel):
    """All that a fitted `models.propensity.PropensityModel` knows.

    Parameters
    ----------
    params : what the model was made with, but for `n_jobs`.
    names : the columns it reads, in order.
    named : whether it was fitted on a DataFrame.
    levels : the known names of each category column.
    classes : the negative and the positive label.
    n_trees : how many trees.
    intercept, slope : of the calibration.
    booster : the trees, as LightGBM's text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    params: dict[str, Any]
    names: tuple[str, ...]
    named: bool
    levels: dict[str, tuple[str, ...]]
    classes: tuple[Label, Label]
    n_trees: int
    intercept: float
    slope: float
    booster: str
