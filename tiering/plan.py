"""Planning: from scores to the tier list that a release will keep."""

from __future__ import annotations

import pandas as pd

from features.group import NO_TIER, OTHER_REGION, Group
from models.bundle import BundleManifest
from models.inputs import MODEL_KINDS, model_kinds
from tiering.assign import NO_PROBABILITY, assign_tiers, values_if_leading
from tiering.companies import Companies
from tiering.priority import expected_gross_profit
from tiering.release import ACCOUNT_COLUMNS, ALIAS_COLUMNS, SCORE_COLUMNS, Note, Origin, Plan


def make_plan(
    scores: pd.DataFrame,
    companies: Companies,
    group: Group,
    manifest: BundleManifest,
    origin: Origin,
    alarms: tuple[Note, ...] = (),
) -> Plan:
    """Assign tiers and put together all that a release keeps.

    Parameters
    ----------
    scores : as `tiering.scores.score_rows` gives them.
    companies : the same accounts.
    group : business units and tiers.
    manifest : of the bundle that scored.
    origin : what the release is made from.
    alarms : what seems to be wrong with data or models.
    """
    assigned = assign_tiers(scores, group)
    accounts = companies.rows.merge(assigned, on="account_id", how="left", validate="one_to_one")
    kept = scores.assign(
        expected_gross_profit=expected_gross_profit(scores, group),
        expected_amount=scores["amount"],
        priority_value=values_if_leading(scores, assigned, group),
    )
    counted = accounts["tier"].value_counts()
    return Plan(
        origin=origin,
        accounts=accounts[list(ACCOUNT_COLUMNS)],
        scores=kept[list(SCORE_COLUMNS)],
        aliases=companies.aliases[list(ALIAS_COLUMNS)],
        models={kind: manifest.version for kind in MODEL_KINDS if kind not in manifest.refused},
        counts={tier: int(counted.get(tier, 0)) for tier in (*group.tiers, NO_TIER)},
        notes=(*alarms, *_notes(accounts, kept, manifest, origin)),
    )


def _notes(accounts: pd.DataFrame, scores: pd.DataFrame, manifest: BundleManifest, origin: Origin) -> tuple[Note, ...]:
    """Say what the reader of the release must know."""
    without = [*sorted(manifest.refused.items()), *sorted(manifest.left_out.items())]
    notes = [Note("model_refused", {"kind": kind, "reason": why}) for kind, why in without]
    if manifest.trained_as_of.replace(tzinfo=None) > origin.as_of:
        trained, as_of = manifest.trained_as_of.date().isoformat(), origin.as_of.date().isoformat()
        notes.append(Note("trained_on_later_data", {"trained_as_of": trained, "as_of": as_of}))
    modelled = scores[~model_kinds(scores).isin(list(manifest.refused))]
    scored = modelled.groupby("business_unit")["probability"].count()
    new = sorted(set(scored[scored == 0].index) - set(manifest.left_out))
    if new:
        notes.append(Note("units_not_learnt", {"business_units": ", ".join(new)}))
    stands_in = scores["expected_gross_profit"].isna() & scores["expected_amount"].notna()
    units = sorted(scores.loc[stands_in & scores["probability"].notna(), "business_unit"].unique())
    if units:
        notes.append(Note("amount_stands_in", {"business_units": ", ".join(units)}))
    for code, rows in (
        ("accounts_not_scored", accounts["why_none"] == NO_PROBABILITY),
        ("accounts_in_no_region", accounts["region"] == OTHER_REGION),
    ):
        if rows.any():
            notes.append(Note(code, {"accounts": int(rows.sum())}))
    return tuple(notes)
