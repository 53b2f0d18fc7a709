"""What MLflow runs to load a logged model: the bundle behind MLflow's interface; nothing is unpickled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from features.errors import InputError
from models.bundle import load_bundle
from models.inputs import model_inputs, model_kinds
from models.propensity import to_probability


class Propensity(PythonModel):
    """One kind of model of a bundle: the probability of a success, for a DataFrame of signals."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the bundle that was logged with the model."""
        bundle, kind = load_bundle(Path(context.artifacts["bundle"])), context.model_config["kind"]
        model = bundle.of(kind).propensity
        if model is None:
            raise InputError(f"bundle {bundle.manifest.version!r}: there is no {kind} model in it; take another one")
        self.model, self.kind, self.signals = model, kind, bundle.manifest.signals

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Score rows.

        Parameters
        ----------
        model_input : the signals, ``business_unit``, ``region`` and ``kind``, as
            `features.snapshots.build_snapshot` gives them; further columns are ignored.
        params : ``days`` by which the success is to come, > 0; 0, the default, for the business unit's horizon.

        Returns
        -------
        DataFrame of float64 under the same index: ``probability`` in (0, 1) and its ``log_odds``.

        Raises
        ------
        InputError
            If a column is missing, or a row is of a kind or a business unit that the model did not learn.
        """
        del context
        inputs = model_inputs(model_input, self.signals)
        known = (model_kinds(model_input) == self.kind).to_numpy() & self.model.knows(inputs)
        if not known.all():
            row = model_input[~known].iloc[0]
            raise InputError(
                f"{(~known).sum():,} of {len(known):,} rows are of a kind or business unit that the {self.kind} model "
                f"did not learn, such as kind {row['kind']!r} in {row['business_unit']!r}; leave them out"
            )
        days = [float(params["days"])] if params and params.get("days") else []
        log_odds = self.model.log_odds(inputs, *days)[:, 0]
        return pd.DataFrame({"probability": to_probability(log_odds), "log_odds": log_odds}, index=model_input.index)


set_model(Propensity())
