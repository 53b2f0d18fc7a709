"""Exports of what happens in masses, as Parquet: events, intent, usage, impressions; and the playbook library."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.accounts import BUSINESS_UNITS
from simulation.arrays import IntArray, Times
from simulation.contacts import LANGUAGES, ROLES
from simulation.dirt import NO_SUCH_ACCOUNT, NO_SUCH_COUNTRY, dirtied, loaded_late
from simulation.engagement import KINDS
from simulation.export_sales import COUNTRIES, Ids
from simulation.formats import named, numbered, write_parquet
from simulation.impressions import POLICY, TEAMS
from simulation.intent import SOURCES, TOPIC_NAMES
from simulation.library import LISTS, Library
from simulation.records import Records
from simulation.requests import STAGES
from simulation.usage import METRIC_NAMES, PRODUCT_NAMES


def export_events(
    rng: np.random.Generator, events: pd.DataFrame, records: Records, library: Library, ids: Ids, out: Path
) -> int:
    """Write ``events.parquet`` and return its number of rows."""
    kind = events["kind"].to_numpy()
    channels = tuple(dict.fromkeys(channel for channel, _ in KINDS))
    actions = tuple(dict.fromkeys(action for _, action in KINDS))
    channel = np.array([channels.index(channel) for channel, _ in KINDS])[kind]
    action = np.array([actions.index(action) for _, action in KINDS])[kind]
    when = events["occurred_at"].to_numpy().astype("datetime64[s]")
    rows = pd.DataFrame(
        {
            "event_id": numbered("E", len(events)),
            "account_id": _accounts(rng, records, events, when),
            "occurred_at": when,
            "channel": named(channel, channels),
            "action": named(action, actions),
            "contact_id": named(events["contact"], ids.contacts),
            "asset_id": named(events["asset"], library.table["asset_id"].to_numpy(object)),
            "campaign_id": named(events["campaign"], numbered("K", int(events["campaign"].max()) + 1, 4)),
            "business_unit": named(events["unit"], BUSINESS_UNITS),
            "country": named(_blanked(rng, events["market"], 0.15), COUNTRIES),
            "loaded_at": loaded_late(rng, when),
        }
    )
    spoils = {
        "account_id": NO_SUCH_ACCOUNT, "occurred_at": None, "channel": None, "country": NO_SUCH_COUNTRY,
    }  # fmt: skip
    rows = dirtied(rng, rows, spoils, key="event_id")
    write_parquet(rows, out / "events.parquet")
    return len(rows)


def export_intent(rng: np.random.Generator, intent: pd.DataFrame, records: Records, out: Path) -> int:
    """Write ``intent.parquet`` and return its number of rows."""
    when = intent["observed_at"].to_numpy().astype("datetime64[s]")
    rows = pd.DataFrame(
        {
            "account_id": _accounts(rng, records, intent, when),
            "observed_at": when,
            "topic": named(intent["topic"], TOPIC_NAMES),
            "strength": intent["strength"],
            "source": named(intent["source"], SOURCES),
            "loaded_at": loaded_late(rng, when),
        }
    )
    rows = dirtied(rng, rows, {"account_id": NO_SUCH_ACCOUNT, "observed_at": None, "topic": None})
    write_parquet(rows, out / "intent.parquet")
    return len(rows)


def export_usage(rng: np.random.Generator, usage: pd.DataFrame, records: Records, out: Path) -> int:
    """Write ``usage.parquet`` and return its number of rows."""
    when = usage["observed_at"].to_numpy().astype("datetime64[s]")
    rows = pd.DataFrame(
        {
            "account_id": _accounts(rng, records, usage, when),
            "observed_at": when,
            "product": named(usage["unit"], PRODUCT_NAMES),
            "metric": named(usage["unit"], METRIC_NAMES),
            "value": usage["value"],
            "loaded_at": loaded_late(rng, when),
        }
    )
    rows = dirtied(rng, rows, {"account_id": NO_SUCH_ACCOUNT, "observed_at": None, "metric": None})
    write_parquet(rows, out / "usage.parquet")
    return len(rows)


def export_impressions(
    rng: np.random.Generator, shown: pd.DataFrame, records: Records, library: Library, ids: Ids, out: Path
) -> int:
    """Write ``impressions.parquet`` and return its number of rows."""
    when = shown["shown_at"].to_numpy().astype("datetime64[s]")
    request = numbered("Q", int(shown["request"].max()) + 1)
    rows = pd.DataFrame(
        {
            "impression_id": numbered("I", len(shown)),
            "account_id": _accounts(rng, records, shown, when),
            "asset_id": named(shown["asset"], library.table["asset_id"].to_numpy(object)),
            "shown_at": when,
            "request_id": request[shown["request"]],
            "policy_version": POLICY,
            "probability": shown["probability"],
            "position": shown["position"],
            "viewed_at": shown["viewed_at"],
            "market": named(shown["market"], COUNTRIES),
            "language": named(shown["language"], LANGUAGES),
            "persona": named(shown["persona"], ROLES),
            "stage": named(shown["stage"], STAGES),
            "business_unit": named(shown["unit"], BUSINESS_UNITS),
            "contact_id": named(shown["contact"], ids.contacts),
            "team": named(shown["team"], TEAMS),
            "outcome": shown["outcome"],
            "outcome_at": shown["outcome_at"],
        }
    )
    spoils = {"account_id": NO_SUCH_ACCOUNT, "asset_id": "no-such-asset", "shown_at": None, "outcome": "applause"}
    rows = dirtied(rng, rows, spoils, key="impression_id")
    write_parquet(rows, out / "impressions.parquet")
    return len(rows)


def export_playbooks(library: Library, out: Path) -> int:
    """Write ``playbooks.parquet`` and return its number of rows."""
    types = {name: pa.list_(pa.string()) for name in LISTS}
    types |= {"valid_from": pa.timestamp("us"), "expires_at": pa.timestamp("us")}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in library.table.columns])
    write_parquet(library.table, out / "playbooks.parquet", schema)
    return len(library.table)


def _accounts(rng: np.random.Generator, records: Records, rows: pd.DataFrame, when: Times) -> pd.Series:
    """Return account ids as categories; of a company kept twice, either one once both exist."""
    return named(records.code_at(rng, rows["account"].to_numpy(), when), records.all_ids)


def _blanked(rng: np.random.Generator, codes: pd.Series, share: float) -> IntArray:
    return np.where(rng.random(len(codes)) < share, -1, codes.to_numpy())
