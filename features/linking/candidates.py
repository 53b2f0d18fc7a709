"""Which pairs of accounts are worth a look, and which identifiers they share: Splink on DuckDB.

Splink blocks and compares; its weights are declared, not fitted to the accounts at hand, so what it says of two rows
depends on these two only, and later rows change nothing.
"""

from __future__ import annotations

import logging

import duckdb
import pandas as pd
from splink import DuckDBAPI, Linker, SettingsCreator
from splink.comparison_library import CustomComparison

from features.linking.evidence import KEYS, SHARED_BY_AT_MOST, Key

COMPARED_WITH = 10
"""An account is compared with so many accounts of like name at most: those of its country that were known first."""

_ROUGHLY_ALIKE = 0.8
"""Jaro-Winkler similarity of two names, words written together, from which on it is worth comparing them word by word."""

_CORE = ("core", "country")
_LIKE = (("first", "country"), ("longest", "country"), ("beginning", "country"), ("initials", "country"))


def candidate_pairs(rows: pd.DataFrame) -> pd.DataFrame:
    """Pair accounts that share an identifier, or have like names in one country.

    Parameters
    ----------
    rows : from `comparable`.

    Returns
    -------
    DataFrame with ``left`` and ``right`` (positions in rows, left < right), and one truth value per key of `KEYS`;
    in the order of left and right.
    """
    logging.getLogger("splink").setLevel(logging.WARNING)
    with duckdb.connect() as connection:
        linker = Linker(DuckDBAPI(connection=connection).register(_with_ranks(rows)), _settings())
        found = linker.inference.predict().as_pandas_dataframe()
    pairs = pd.DataFrame(
        {"left": found["row_l"], "right": found["row_r"]} | {key.name: found[f"mw_{key.name}"] > 0 for key in KEYS}
    )
    return pairs.sort_values(["left", "right"], ignore_index=True)


def ranks(rows: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    """Say as which of those with the same values an account became known, from 1; missing where it lacks one."""
    present = rows[list(columns)].dropna()
    return (present.groupby(list(columns), sort=False).cumcount() + 1).reindex(rows.index)


def _with_ranks(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what Splink reads: each row's position, its keys, and its rank among those with the same key."""
    blocks = {key.name: key.columns for key in KEYS} | {columns[0]: columns for columns in (_CORE, *_LIKE)}
    ranked = {f"rank_{name}": ranks(rows, columns) for name, columns in blocks.items()}
    read = sorted({column for columns in blocks.values() for column in columns})
    return rows[[*read, "spelled"]].assign(row=range(len(rows)), **ranked)


def _settings() -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="row",
        probability_two_random_records_match=0.5,
        comparisons=[_comparison(key) for key in KEYS],
        blocking_rules_to_generate_predictions=[
            *(_same(key.columns, key.name) for key in KEYS),
            _same(_CORE, _CORE[0]),
            *(_alike(columns) for columns in _LIKE),
        ],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )


def _comparison(key: Key) -> CustomComparison:
    """Compare a key's columns; other values say nothing, for a company may have several."""
    missing = " OR ".join(f"{column}_l IS NULL OR {column}_r IS NULL" for column in key.columns)
    same = " AND ".join(f"{column}_l = {column}_r" for column in key.columns)
    return CustomComparison(
        output_column_name=key.name,
        comparison_levels=[
            {"sql_condition": missing, "label_for_charts": "missing", "is_null_level": True},
            {"sql_condition": same, "label_for_charts": "same", "m_probability": key.probability,
             "u_probability": 1 - key.probability},
            {"sql_condition": "ELSE", "label_for_charts": "another", "m_probability": 0.5, "u_probability": 0.5},
        ],
    )  # fmt: skip


def _same(columns: tuple[str, ...], name: str) -> str:
    """Write the rule that pairs the first accounts with the same values; what more share names nobody."""
    equal = " AND ".join(f"l.{column} = r.{column}" for column in columns)
    return f"{equal} AND greatest(l.rank_{name}, r.rank_{name}) <= {SHARED_BY_AT_MOST}"


def _alike(columns: tuple[str, ...]) -> str:
    """Write the rule that pairs accounts of like names with the first ones known of them."""
    equal = " AND ".join(f"l.{column} = r.{column}" for column in columns)
    few = f"least(l.rank_{columns[0]}, r.rank_{columns[0]}) <= {COMPARED_WITH}"
    rough = f"jaro_winkler_similarity(l.spelled, r.spelled) >= {_ROUGHLY_ALIKE}"
    return f"{equal} AND {few}" if columns[0] == "initials" else f"{equal} AND {few} AND {rough}"
