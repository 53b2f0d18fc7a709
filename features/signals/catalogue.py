"""All families of signals, and the order in which their columns stand in a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from features.group import Group
from features.known_before import Known
from features.signals import (
    advocacy,
    attributes,
    committee,
    engagement,
    hierarchy,
    intent,
    pipeline,
    portfolio,
    quality,
    response,
    usage,
)
from features.signals.signal import Parts, Signal
from features.tables import Tables

Compute = Callable[[Known, Group], Parts]


@dataclass(frozen=True, slots=True)
class Family:
    """One file of signals.

    Parameters
    ----------
    signals : what it declares.
    by_account : computes those of the account, one row per ACCOUNT where there is anything.
    by_business_unit : computes those of account × BU, one row per UNIT where there is anything.
    """

    signals: tuple[Signal, ...]
    by_account: Compute
    by_business_unit: Compute | None = None

    @property
    def name(self) -> str:
        """The first word of its signals' names."""
        return self.signals[0].family

    @property
    def computes(self) -> tuple[Compute, ...]:
        """All that computes its signals."""
        return (self.by_account,) if self.by_business_unit is None else (self.by_account, self.by_business_unit)


FAMILIES = (
    Family(attributes.SIGNALS, attributes.account_signals, attributes.business_unit_signals),
    Family(quality.SIGNALS, quality.account_signals),
    Family(engagement.SIGNALS, engagement.account_signals, engagement.business_unit_signals),
    Family(intent.SIGNALS, intent.account_signals),
    Family(committee.SIGNALS, committee.account_signals, committee.business_unit_signals),
    Family(advocacy.SIGNALS, advocacy.account_signals),
    Family(pipeline.SIGNALS, pipeline.account_signals, pipeline.business_unit_signals),
    Family(portfolio.SIGNALS, portfolio.account_signals, portfolio.business_unit_signals),
    Family(usage.SIGNALS, usage.account_signals),
    Family(hierarchy.SIGNALS, hierarchy.account_signals, hierarchy.business_unit_signals),
    Family(response.SIGNALS, response.account_signals),
)

BUILT_IN = tuple(signal for family in FAMILIES for signal in family.signals)
"""Every signal that does not depend on the user's own attributes."""


def catalogue(tables: Tables) -> tuple[Signal, ...]:
    """Return every signal of a snapshot, in the order of its columns."""
    return (*BUILT_IN, *attributes.own_signals(tables))
