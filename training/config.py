"""The configuration of a training: all that a data scientist may choose, as one YAML file or one Python object."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from features.errors import InputError
from features.yaml_file import read_yaml
from models.inputs import SEGMENT, ModelKind
from models.propensity import PropensityModel

CONFIG_FILE = "training.yaml"
"""What a configuration is called beside the bundle of a training, and beside the trials of a tuning."""

Tuned = Literal["learning_rate", "num_leaves", "min_child_samples", "colsample", "colsample_bynode", "l2"]
"""What `glocal tune` may search."""

WHOLE = frozenset({"num_leaves", "min_child_samples"})
"""What of it is a whole number."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class EstimatorConfig(_Strict):
    """How one kind of model is learnt; see `models.propensity.PropensityModel` for what each means.

    A success is told again at every cutoff and in every interval that it ends, so that rows tell less than they seem
    to: leaves are drawn to 0 much harder than is usual.
    """

    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.1
    n_estimators: Annotated[int, Field(ge=1)] = 1000
    num_leaves: Annotated[int, Field(ge=2)] = 12
    min_child_samples: Annotated[int, Field(ge=1)] = 100
    colsample: Annotated[float, Field(gt=0, le=1)] = 0.5
    colsample_bynode: Annotated[float, Field(gt=0, le=1)] = 1.0
    l2: Annotated[float, Field(ge=0)] = 500.0
    n_folds: Annotated[int, Field(ge=2)] = 3
    monotone: dict[str, Literal[-1, 1]] = Field(default_factory=dict)

    def estimator(self, seed: int = 0) -> PropensityModel:
        """Return what learns, not yet fitted, on all cores."""
        return PropensityModel(**self.model_dump(), segment=SEGMENT, random_state=seed, n_jobs=-1)


class Range(_Strict):
    """Between which values to search.

    Parameters
    ----------
    low, high : both may be tried; `low` < `high`.
    log : whether twice as much is the same step everywhere; `low` > 0 then.
    """

    low: float
    high: float
    log: bool = False

    @model_validator(mode="after")
    def _is_a_range(self) -> Range:
        if not self.low < self.high:
            raise ValueError(f"low is {self.low:g} and high {self.high:g}; give a low below the high")
        if self.log and self.low <= 0:
            raise ValueError(f"low is {self.low:g}, which has no logarithm; give one above 0, or leave log out")
        return self


def _space() -> dict[Tuned, Range]:
    return {
        "learning_rate": Range(low=0.03, high=0.2, log=True),
        "num_leaves": Range(low=4, high=63, log=True),
        "min_child_samples": Range(low=20, high=2000, log=True),
        "colsample": Range(low=0.1, high=1.0),
        "colsample_bynode": Range(low=0.1, high=1.0),
        "l2": Range(low=10, high=5000, log=True),
    }


class TrainingConfig(_Strict):
    """All that may be chosen of a training.

    Parameters
    ----------
    seed : of all that is drawn, >= 0.
    trusted : signals that are used even where they seem to know the outcome.
    conversion, expansion : how each kind of model is learnt.
    space : what `glocal tune` searches, by name.
    """

    seed: Annotated[int, Field(ge=0)] = 0
    trusted: tuple[str, ...] = ()
    conversion: EstimatorConfig = EstimatorConfig()
    expansion: EstimatorConfig = EstimatorConfig()
    space: Annotated[dict[Tuned, Range], Field(min_length=1)] = Field(default_factory=_space)

    @model_validator(mode="after")
    def _space_is_of_what_can_be(self) -> TrainingConfig:
        for name, span in self.space.items():
            for value in (span.low, span.high):
                try:
                    EstimatorConfig.model_validate({name: value})
                except ValidationError as error:
                    told = error.errors()[0]["msg"].removeprefix("Input should be ")
                    raise ValueError(f"space.{name} reaches to {value:g}; it should be {told}") from error
        return self

    def of(self, kind: ModelKind) -> EstimatorConfig:
        """Return how a kind of model is learnt."""
        return self.conversion if kind == "conversion" else self.expansion


def require_numbers(config: TrainingConfig, rows: pd.DataFrame, signals: Collection[str]) -> None:
    """Check that what is to be monotone can be: a signal of numbers or flags that the models see.

    Parameters
    ----------
    rows : to learn from.
    signals : that the models see.

    Raises
    ------
    InputError
        If one holds names, or is in quarantine.
    """
    for name in (*config.conversion.monotone, *config.expansion.monotone):
        if name not in signals:
            raise InputError(f"monotone {name!r}: the signal is in quarantine; leave it out, or trust it by name")
        if name in rows and not pd.api.types.is_numeric_dtype(rows[name]):
            raise InputError(f"monotone {name!r}: the signal holds names, which neither rise nor fall; leave it out")


def read_config(path: Path) -> TrainingConfig:
    """Read and check a training configuration.

    Raises
    ------
    InputError
        If the file is missing or no YAML, or has keys or values that cannot be.
    """
    try:
        return TrainingConfig.model_validate(read_yaml(path, "training configuration"))
    except ValidationError as error:
        raise InputError(f"{path}: {_first_problem(error)}") from error


def as_yaml(config: TrainingConfig) -> str:
    """Return the text of a file that `read_config` reads back as the same configuration."""
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def _first_problem(error: ValidationError) -> str:
    """Say the first thing that is wrong, with its place, value and remedy."""
    problem = error.errors()[0]
    place, told = ".".join(map(str, problem["loc"])), problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        model = EstimatorConfig if problem["loc"][0] in ("conversion", "expansion") else TrainingConfig
        fields = Range.model_fields if problem["loc"][0] == "space" else model.model_fields
        return f"{place}: there is no such key; the keys there are {', '.join(fields)}"
    if problem["type"] == "missing":
        return f"{place} is missing; give it"
    if problem["type"] == "value_error":
        return f"{place}: {told}" if place else told
    return f"{place} is {problem['input']!r}; it should be {told.removeprefix('Input should be ')}"
