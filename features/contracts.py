"""The canonical tables: every column declared once, with its type, its rule and what it refers to."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

DType = Literal["string", "timestamp", "float64", "int64", "array<string>"]

ATTRIBUTE_PREFIX = "attribute_"
"""What the column of a user's own attribute is called: this, then the attribute's name."""

DATED_BY_HISTORY = ("industry", "employees", "annual_revenue")
"""What an account is, apart from the user's own attributes: used where history dates it or it is declared static."""

DEFAULT_BUSINESS_UNIT = "default"
"""The business unit of data that names none."""

SENIORITIES = ("c_level", "vp", "director", "manager", "contributor")
OUTCOMES = ("open", "won", "lost")
OPPORTUNITY_KINDS = ("new", "expansion", "renewal")
LAYERS = ("global", "regional", "local")
PLAYBOOK_KINDS = ("play", "asset")
AUDIENCES = ("internal", "customer")
PLAYBOOK_STATUSES = ("draft", "approved", "withdrawn")
IMPRESSION_OUTCOMES = ("opened", "used", "shared", "meeting")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a canonical table.

    Parameters
    ----------
    dtype : the type in the warehouse; times are UTC without an offset, lists are arrays where NULL means all.
    required : a row without it is rejected.
    allowed : the only values there may be, if they are few.
    range : the smallest and the largest value there may be, either open.
    refers_to : the table whose key it holds.
    country : holds an ISO 3166-1 alpha-2 code.
    """

    dtype: DType = "string"
    required: bool = False
    allowed: tuple[str, ...] | None = None
    range: tuple[float | None, float | None] = (None, None)
    refers_to: str | None = None
    country: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One canonical table.

    Parameters
    ----------
    name : its name in the sources file and in the warehouse.
    columns : by name, in the order in which they are stored.
    key : the column whose values are unique, where the table has one.
    time : when what a row tells of happened; None where the table is not dated.
    attributes : whether a user may add attributes of their own.
    """

    name: str
    columns: Mapping[str, Column]
    key: str | None = None
    time: str | None = None
    attributes: bool = False

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that a row must have."""
        return tuple(name for name, column in self.columns.items() if column.required)


def _id(refers_to: str | None = None) -> Column:
    return Column(required=True, refers_to=refers_to)


_ACCOUNT = _id("accounts")
_TEXT = Column()
_TIME = Column("timestamp")
_TIME_REQUIRED = Column("timestamp", required=True)
_MOST, _MOST_RATE = 1e18, 1e9
"""Larger figures and rates are typing errors in any currency; converted, they would not add up within 38 digits."""
_MONEY = Column("float64", range=(-_MOST, _MOST))
_COUNTRY = Column(country=True)
_LIST = Column("array<string>")


def _table(
    name: str,
    columns: dict[str, Column],
    *,
    key: str | None = None,
    time: str | None = None,
    money: bool = False,
    attributes: bool = False,
) -> Table:
    """Declare a table; a dated one gets ``loaded_at``, one with money gets ``currency``."""
    extra = ({"currency": _TEXT} if money else {}) | ({"loaded_at": _TIME} if time else {})
    return Table(name, MappingProxyType(columns | extra), key, time, attributes)


_TABLES = (
    _table(
        "accounts",
        {
            "account_id": _id(),
            "name": Column(required=True),
            "country": Column(required=True, country=True),
            "domain": _TEXT,
            "lei": _TEXT,
            "duns": _TEXT,
            "registration_id": _TEXT,
            "industry": _TEXT,
            "employees": Column("float64", range=(0, None)),
            "annual_revenue": Column("float64", range=(0, _MOST)),
            "parent_id": Column(refers_to="accounts"),
            "parent_since": _TIME,
            "created_at": _TIME,
            "customer_since": _TIME,
            "source": _TEXT,
            "source_id": _TEXT,
        },
        key="account_id",
        time="created_at",
        money=True,
        attributes=True,
    ),
    _table(
        "account_history",
        {
            "account_id": _ACCOUNT,
            "changed_at": _TIME_REQUIRED,
            "column": Column(required=True),
            "value": Column(required=True),
        },
        time="changed_at",
    ),
    _table(
        "contacts",
        {
            "contact_id": _id(),
            "account_id": _ACCOUNT,
            "person_id": _TEXT,
            "created_at": _TIME,
            "left_at": _TIME,
            "function": _TEXT,
            "seniority": Column(allowed=SENIORITIES),
            "buying_role": _TEXT,
            "country": _COUNTRY,
            "language": _TEXT,
            "consent": _TEXT,
        },
        key="contact_id",
        time="created_at",
    ),
    _table(
        "events",
        {
            "event_id": _id(),
            "account_id": _ACCOUNT,
            "occurred_at": _TIME_REQUIRED,
            "channel": Column(required=True),
            "action": _TEXT,
            "contact_id": Column(refers_to="contacts"),
            "asset_id": Column(refers_to="playbooks"),
            "campaign_id": _TEXT,
            "business_unit": _TEXT,
            "country": _COUNTRY,
        },
        key="event_id",
        time="occurred_at",
    ),
    _table(
        "intent",
        {
            "account_id": _ACCOUNT,
            "observed_at": _TIME_REQUIRED,
            "topic": Column(required=True),
            "strength": Column("float64", required=True, range=(0, _MOST)),
            "source": _TEXT,
        },
        time="observed_at",
    ),
    _table(
        "opportunities",
        {
            "opportunity_id": _id(),
            "account_id": _ACCOUNT,
            "created_at": _TIME_REQUIRED,
            "outcome": Column(required=True, allowed=OUTCOMES),
            "closed_at": _TIME,
            "stage": _TEXT,
            "kind": Column(allowed=OPPORTUNITY_KINDS),
            "business_unit": _TEXT,
            "region": _TEXT,
            "amount": _MONEY,
            "gross_profit": _MONEY,
        },
        key="opportunity_id",
        time="created_at",
        money=True,
        attributes=True,
    ),
    _table(
        "opportunity_history",
        {
            "opportunity_id": _id("opportunities"),
            "changed_at": _TIME_REQUIRED,
            "stage": _TEXT,
            "amount": _MONEY,
        },
        time="changed_at",
        money=True,
    ),
    _table(
        "opportunity_contacts",
        {
            "opportunity_id": _id("opportunities"),
            "contact_id": _id("contacts"),
            "role": _TEXT,
            "added_at": _TIME,
        },
        time="added_at",
    ),
    _table(
        "usage",
        {
            "account_id": _ACCOUNT,
            "observed_at": _TIME_REQUIRED,
            "product": Column(required=True),
            "metric": Column(required=True),
            "value": Column("float64", required=True, range=(-_MOST, _MOST)),
        },
        time="observed_at",
    ),
    _table(
        "orders",
        {
            "order_id": _id(),
            "account_id": _ACCOUNT,
            "ordered_at": _TIME_REQUIRED,
            "amount": Column("float64", required=True, range=(-_MOST, _MOST)),
            "gross_profit": _MONEY,
            "business_unit": _TEXT,
            "product": _TEXT,
        },
        key="order_id",
        time="ordered_at",
        money=True,
    ),
    _table(
        "playbooks",
        {
            "asset_id": _id(),
            "family_id": _id(),
            "layer": Column(required=True, allowed=LAYERS),
            "language": Column(required=True),
            "title": Column(required=True),
            "body": Column(required=True),
            "markets": _LIST,
            "business_units": _LIST,
            "industries": _LIST,
            "stages": _LIST,
            "personas": _LIST,
            "kind": Column(allowed=PLAYBOOK_KINDS),
            "channel": _TEXT,
            "format": _TEXT,
            "audience": Column(allowed=AUDIENCES),
            "valid_from": _TIME,
            "expires_at": _TIME,
            "status": Column(allowed=PLAYBOOK_STATUSES),
            "external_id": _TEXT,
        },
        key="asset_id",
    ),
    _table(
        "impressions",
        {
            "impression_id": _id(),
            "account_id": _ACCOUNT,
            "asset_id": _id("playbooks"),
            "shown_at": _TIME_REQUIRED,
            "request_id": _TEXT,
            "policy_version": _TEXT,
            "probability": Column("float64", range=(0, 1)),
            "position": Column("int64", range=(1, None)),
            "viewed_at": _TIME,
            "market": _COUNTRY,
            "language": _TEXT,
            "persona": _TEXT,
            "stage": _TEXT,
            "business_unit": _TEXT,
            "contact_id": Column(refers_to="contacts"),
            "team": _TEXT,
            "outcome": Column(allowed=IMPRESSION_OUTCOMES),
            "outcome_at": _TIME,
        },
        key="impression_id",
        time="shown_at",
    ),
    _table(
        "rates",
        {
            "currency": _id(),
            "valid_from": _TIME_REQUIRED,
            "rate": Column("float64", required=True, range=(0, _MOST_RATE)),
        },
    ),
)

TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in _TABLES})
"""Every canonical table by name, in an order in which each stands after the tables it requires."""
