"""Signals of usage: what the account does with the products that it has."""

from __future__ import annotations

import ibis.expr.types as ir

from features.customers import exact
from features.group import Group
from features.known import Known
from features.signals.signal import Signal

SIGNALS = (
    Signal("usage_products_90d", "products used in the last 90 days", "products", (0, None)),
    Signal("usage_readings_90d", "usage readings in the last 90 days", "readings", (0, None)),
    Signal(
        "usage_mean_30d",
        "mean usage in the last 30 days",
        "product's own unit",
        missing="no usage in the last 30 days",
    ),
    Signal(
        "usage_trend",
        "mean usage in the last 30 days as a multiple of the 150 days before",
        "ratio",
        missing="no usage in one of the two, or only zeros before",
    ),
    Signal("usage_days_since_last", "days since the last usage", "days", (0, None), "never used"),
)


def account_signals(known: Known, _group: Group) -> ir.Table:
    """Compute the signals of the account."""
    usage = known.usage
    value = exact(usage.value)
    month, quarter = known.within(usage.observed_at, 30), known.within(usage.observed_at, 90)
    before = known.within(usage.observed_at, 180) & ~month
    rows = usage.group_by("account_id").agg(
        usage_products_90d=usage["product"].nunique(where=quarter),
        usage_readings_90d=quarter.sum(),
        usage_mean_30d=value.sum(where=month).cast("float64") / month.sum().nullif(0),
        mean_before=value.sum(where=before).cast("float64") / before.sum().nullif(0),
        usage_days_since_last=known.days_since(usage.observed_at.max()),
    )
    return rows.mutate(usage_trend=rows.usage_mean_30d / rows.mean_before.nullif(0)).drop("mean_before")
