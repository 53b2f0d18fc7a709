"""What fitted models of propensities and hazards know, in types that JSON has."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from models.calibration import Calibration
from models.intervals import Uncertainty
from models.linear import LinearModel
from models.pooling import Pooling
from models.timeline import Timeline

Label = bool | int | float | str


class LeadState(BaseModel):
    """All that a `models.leading.Lead` knows.

    Parameters
    ----------
    intercept, slope : of its line.
    booster : the trees, as LightGBM's text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    intercept: float
    slope: float
    booster: str


class PropensityState(BaseModel):
    """All that a fitted `models.propensity.PropensityModel` knows.

    Parameters
    ----------
    params : what the model was made with, but for `n_jobs`.
    columns : those that it was fitted on, in order.
    names : those of them that are signals.
    named : whether it was fitted on a DataFrame.
    levels : the known names of each category column.
    classes : the negative and the positive label.
    n_trees : how many trees.
    base : log-odds of the share of successes.
    share_of_trees : in the blend.
    linear : the other part of the blend; None where the trees predict alone.
    calibration : of the blend.
    blocks, strata : their levels; None where there are none.
    pooling : of the segments; None where nothing is pooled.
    uncertainty : of levels; None where no row was held out.
    booster : the trees, as LightGBM's text.
    lead : what the trees are added to; None where they stand alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    params: dict[str, Any]
    columns: tuple[str, ...]
    names: tuple[str, ...]
    named: bool
    levels: dict[str, tuple[str, ...]]
    classes: tuple[Label, Label]
    n_trees: int
    base: float
    share_of_trees: float
    linear: LinearModel | None
    calibration: Calibration
    blocks: Pooling | None
    strata: Pooling | None
    pooling: Pooling | None
    uncertainty: Uncertainty | None
    booster: str
    lead: LeadState | None = None


class HazardState(BaseModel):
    """All that a `models.hazards.HazardModel` knows.

    Parameters
    ----------
    timelines : by business unit and kind.
    propensity : of the rows stacked by interval.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    timelines: dict[str, Timeline]
    propensity: PropensityState
