"""The manifest of a bundle: what it was made from, so that every score can be replayed."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from models.inputs import ModelKind


class BundleManifest(BaseModel):
    """What a bundle was made from; it holds no time of its making, so the same inputs give the same bytes.

    Parameters
    ----------
    version : name of the bundle.
    data_version, code_version : of the tables and of the source.
    group_digest : of the group file.
    trained_as_of : end of the data, UTC.
    learnt_until : nothing that happened or was loaded from then on was learnt, UTC.
    cutoffs : the instants whose snapshots were learnt from, UTC.
    signals : those that the models read, in order.
    metrics : by model kind or comparison, then by name; None where undefined.
    refused : why there is no model of a kind, for each kind without one.
    left_out : business units over whose horizon nothing could be learnt, each with the reason.
    quarantined : signals that knew the outcome and are in no model, each with the evidence.
    trusted : signals that the user vouched for, and which the models read whatever they seem to know.
    forced : why it was promoted although gates were closed; None where none was.
    run_ids : by model kind, the run that made it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(min_length=1)
    data_version: str
    code_version: str
    group_digest: str
    trained_as_of: datetime
    learnt_until: datetime
    cutoffs: tuple[datetime, ...]
    signals: tuple[str, ...]
    metrics: dict[str, dict[str, FiniteFloat | None]] = Field(default_factory=dict)
    refused: dict[ModelKind, str] = Field(default_factory=dict)
    left_out: dict[str, str] = Field(default_factory=dict)
    quarantined: dict[str, str] = Field(default_factory=dict)
    trusted: tuple[str, ...] = ()
    forced: str | None = None
    run_ids: dict[str, str] = Field(default_factory=dict)
