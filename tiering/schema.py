"""The tables of releases, impressions, feedback and playbook changes, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from tiering.release import Status

METADATA = MetaData()

_KEY = String().with_variant(String(collation="C"), "postgresql")
"""Ids sort by their code points everywhere."""

RELEASE_SEQUENCE = Table(
    "release_sequence",
    METADATA,
    Column("name", String, primary_key=True),
    Column("number", Integer, nullable=False),
)
"""One row, 'releases': the last number given. Whoever changes releases holds it until the end of the transaction."""

RELEASES = Table(
    "releases",
    METADATA,
    Column("id", String, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("status", String, nullable=False),
    Column("as_of", DateTime, nullable=False),
    Column("bundle_version", String, nullable=False),
    Column("data_version", String, nullable=False),
    Column("code_version", String, nullable=False),
    Column("group_digest", String, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("published_at", DateTime),
    Column("supersedes", ForeignKey("releases.id")),
    Column("models", JSON, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("notes", JSON, nullable=False),
)
_PUBLISHED = RELEASES.c.status == Status.PUBLISHED.value
Index("one_published_release", RELEASES.c.status, unique=True, sqlite_where=_PUBLISHED, postgresql_where=_PUBLISHED)

RELEASE_ACCOUNTS = Table(
    "release_accounts",
    METADATA,
    Column("release_id", ForeignKey("releases.id"), primary_key=True),
    Column("account_id", _KEY, primary_key=True),
    Column("name", Text, nullable=False),
    Column("country", String, nullable=False),
    Column("region", String, nullable=False),
    Column("source", String),
    Column("source_id", String),
    Column("tier", String, nullable=False),
    Column("lead_business_unit", String),
    Column("priority_value", Float),
    Column("why_none", String),
    Index("release_accounts_by_tier", "release_id", "tier", "region"),
)

RELEASE_SCORES = Table(
    "release_scores",
    METADATA,
    Column("release_id", String, primary_key=True),
    Column("account_id", _KEY, primary_key=True),
    Column("business_unit", _KEY, primary_key=True),
    Column("kind", String, nullable=False),
    Column("probability", Float),
    Column("probability_by_day", Text),
    Column("expected_gross_profit", Float),
    Column("expected_amount", Float),
    Column("priority_value", Float),
    Column("in_pipeline", Boolean, nullable=False),
    Column("reasons", Text, nullable=False),
    ForeignKeyConstraint(["release_id", "account_id"], ["release_accounts.release_id", "release_accounts.account_id"]),
)

RELEASE_ALIASES = Table(
    "release_aliases",
    METADATA,
    Column("release_id", String, primary_key=True),
    Column("alias_id", _KEY, primary_key=True),
    Column("account_id", _KEY, nullable=False),
    Column("source_id", String),
    Column("domain", String),
    ForeignKeyConstraint(["release_id", "account_id"], ["release_accounts.release_id", "release_accounts.account_id"]),
    Index("release_aliases_by_account", "release_id", "account_id"),
    Index("release_aliases_by_source_id", "release_id", "source_id"),
    Index("release_aliases_by_domain", "release_id", "domain"),
)

IMPRESSIONS = Table(
    "impressions",
    METADATA,
    Column("impression_id", _KEY, primary_key=True),
    Column("account_id", String),
    Column("asset_id", String, nullable=False),
    Column("shown_at", DateTime, nullable=False),
    Column("request_id", String),
    Column("policy_version", String),
    Column("probability", Float),
    Column("position", Integer),
    Column("market", String),
    Column("language", String),
    Column("persona", String),
    Column("stage", String),
    Column("business_unit", String),
    Column("contact_id", String),
    Column("team", String),
)

FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("event_id", _KEY, primary_key=True),
    Column("impression_id", ForeignKey("impressions.impression_id"), nullable=False, index=True),
    Column("outcome", String, nullable=False),
    Column("occurred_at", DateTime, nullable=False),
)

PLAYBOOK_CHANGES = Table(
    "playbook_changes",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("asset_id", _KEY, nullable=False),
    Column("changed_at", DateTime, nullable=False),
    Column("document", JSON(none_as_null=True)),
)
"""Append only: the last change of an asset counts, NULL as its document means that it was deleted."""
