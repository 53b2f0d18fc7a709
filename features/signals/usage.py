"""Signals of usage: what the account does with the products that it has."""

from __future__ import annotations

from functools import partial

from features.group import Group
from features.known import ACCOUNT, days_since, total, within
from features.known_before import Known
from features.signals.signal import Parts, Signal

_signal = partial(Signal, source=("usage",))

SIGNALS = (
    _signal("usage_products_90d", "products used in the last 90 days", "products", (0, None)),
    _signal("usage_dropped", "products used in the year before, but not in the last 90 days", "products", (0, None)),
    _signal("usage_readings_90d", "usage readings in the last 90 days", "readings", (0, None)),
    _signal(
        "usage_mean_30d",
        "mean usage in the last 30 days",
        "product's own unit",
        missing="no usage in the last 30 days",
    ),
    _signal(
        "usage_trend",
        "mean usage in the last 30 days as a multiple of the 150 days before",
        "ratio",
        missing="no usage in one of the two, or only zeros before",
    ),
    _signal("usage_days_since_last", "days since the last usage", "days", (0, None), "not used in the last year"),
)


def account_signals(known: Known, _group: Group) -> Parts:
    """Compute the signals of the account."""
    rows = known.usage
    month, quarter = within(rows, 30), within(rows, 90)
    before = within(rows, 180) & ~month
    sums = rows.group_by(*ACCOUNT).agg(
        usage_readings_90d=total(rows.n, quarter),
        usage_mean_30d=rows.value.sum(where=month).cast("float64") / total(rows.n, month).nullif(0),
        mean_before=rows.value.sum(where=before).cast("float64") / total(rows.n, before).nullif(0),
        usage_days_since_last=days_since(rows, rows.last_second).min(),
    )
    sums = sums.mutate(usage_trend=sums.usage_mean_30d / sums.mean_before.nullif(0)).drop("mean_before")
    used = rows.filter(rows.last_second.notnull())
    products = used.group_by(*ACCOUNT, "product").agg(lately=within(used, 90).any())
    counts = products.group_by(*ACCOUNT).agg(
        usage_products_90d=products.count(where=products.lately),
        usage_dropped=products.count(where=~products.lately),
    )
    return sums, counts
