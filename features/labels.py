"""Labels: which accounts succeeded in the BU within its horizon. With `outcomes`, all that looks after a cutoff."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import pandas as pd

from features.group import Group
from features.outcomes import DAY, Outcomes, outcomes_after
from features.tables import Tables

_LABELLED = (
    "account_id",
    "business_unit",
    "label",
    "gross_profit",
    "amount",
    "succeeded_at",
    "followed_days",
    "whole_window",
)
COLUMNS = (*_LABELLED, "opened_at", "opened_followed_days")


def build_labels(tables: Tables, group: Group, snapshot: pd.DataFrame, cutoff: datetime) -> pd.DataFrame:
    """Label the rows of a snapshot; see `Labels.of`.

    Parameters
    ----------
    tables : the canonical tables; their end is the instant from which one looks back.
    group : business units with their horizons and targets.
    snapshot : rows with ``account_id``, ``business_unit`` and ``kind``, as `build_snapshot` gave them at the cutoff.
    cutoff : the start of the window.
    """
    return Labels.after(tables, group, [cutoff]).of(snapshot, cutoff)


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of any snapshot at some cutoffs; what came after all of them is read once.

    Parameters
    ----------
    group : the business units.
    seen : the end of the tables.
    outcomes : what came after the cutoffs.
    """

    group: Group
    seen: datetime
    outcomes: Outcomes

    @classmethod
    def after(cls, tables: Tables, group: Group, cutoffs: Iterable[datetime]) -> Self:
        """Read what came after cutoffs.

        Parameters
        ----------
        tables : the canonical tables; their end is the instant from which one looks back.
        group : business units with their horizons and targets.
        cutoffs : UTC, without offsets.
        """
        before_the_end = [cutoff for cutoff in cutoffs if cutoff < tables.as_of]
        return cls(group, tables.as_of, outcomes_after(tables, group, before_the_end))

    def of(self, snapshot: pd.DataFrame, cutoff: datetime) -> pd.DataFrame:
        """Label the rows of a snapshot.

        Parameters
        ----------
        snapshot : rows with ``account_id``, ``business_unit`` and ``kind``, as `build_snapshot` gave them at it.
        cutoff : one of those that outcomes were read after.

        Returns
        -------
        DataFrame with COLUMNS, one row per row of the snapshot, under its index; no row where the tables end at
        the cutoff.

        - ``label``: whether there was a success in [cutoff, cutoff + horizon), as far as the tables go.
        - ``gross_profit``, ``amount``: of all successes in there, in group currency; NaN where there was none or they
          are not known (a gross profit that is not is amount × margin where the BU declares one).
        - ``succeeded_at``: the first success from the cutoff to the end of the tables, after the horizon as well.
        - ``followed_days``: from the cutoff to the end of the tables.
        - ``whole_window``: whether the success is of the window as a whole, so that there is no telling before its end.
        - ``opened_at``: the first opportunity, no renewal, opened from the cutoff to the end of the tables.
        - ``opened_followed_days``: over which opportunities were followed; 0 where they do not lead to successes, in a
          BU that is judged by orders, or are the successes.
        """
        days = (self.seen - cutoff) / DAY
        parts = [
            self._of_unit(name, snapshot[snapshot["business_unit"] == name], cutoff, days)
            for name in self.group.business_units
            if days > 0
        ]
        filled = [part for part in parts if len(part)]
        if not filled:
            return _opened(_labelled(snapshot.iloc[:0], _NOTHING, 0.0, whole_window=False), None)
        return pd.concat(filled).sort_index()

    def _of_unit(self, name: str, rows: pd.DataFrame, cutoff: datetime, days: float) -> pd.DataFrame:
        """Label the rows of a BU that were followed over some days."""
        key = (cutoff, name)
        by_orders = key in self.outcomes.by_orders
        successes = self.outcomes.successes.get(key, _NOTHING)
        labelled = _labelled(rows, successes, days, whole_window=by_orders)
        leads = self.group.business_units[name].target == "win" and not by_orders
        return _opened(labelled, self.outcomes.openings.get(key, _NO_OPENINGS) if leads else None)


def _opened(labelled: pd.DataFrame, openings: pd.Series | None) -> pd.DataFrame:
    """Put openings beside labels; None: they lead to nothing."""
    if openings is None:
        return labelled.assign(opened_at=pd.Series(pd.NaT, labelled.index, "datetime64[us]"), opened_followed_days=0.0)
    opened_at = openings.astype("datetime64[us]").reindex(labelled["account_id"]).to_numpy()
    return labelled.assign(opened_at=opened_at, opened_followed_days=labelled["followed_days"])


_NOTHING = pd.DataFrame(
    {
        "account_id": pd.Series(dtype="str"),
        "gross_profit": pd.Series(dtype="float64"),
        "amount": pd.Series(dtype="float64"),
        "new_at": pd.Series(dtype="datetime64[us]"),
        "grown_at": pd.Series(dtype="datetime64[us]"),
        "new": pd.Series(dtype="bool"),
        "grown": pd.Series(dtype="bool"),
    }
)
"""What there is where nobody succeeded."""

_NO_OPENINGS = pd.Series(index=pd.Index([], dtype="str"), dtype="datetime64[us]")


def _labelled(rows: pd.DataFrame, successes: pd.DataFrame, followed_days: float, *, whole_window: bool) -> pd.DataFrame:
    """Join successes to rows: growth for who had bought from the BU, a first success for the others.

    Parameters
    ----------
    whole_window : whether growth is of the window as a whole.
    """
    joined = rows[["account_id", "business_unit", "kind"]].join(successes.set_index("account_id"), on="account_id")
    grows = joined["kind"] == "upsell"
    label = joined["grown"].where(grows, joined["new"]).eq(other=True)
    whole = grows & whole_window
    succeeded_at = joined["grown_at"].where(grows, joined["new_at"])
    money = joined[["gross_profit", "amount"]].astype("float64").where(label)
    labelled = joined.assign(
        label=label,
        **money,
        succeeded_at=succeeded_at.where(label | ~whole),
        followed_days=followed_days,
        whole_window=whole,
    )
    return labelled[list(_LABELLED)]
