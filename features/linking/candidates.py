"""Which pairs of accounts are worth a look, and which identifiers they share: Splink on DuckDB.

Splink blocks and compares; its weights are declared, not fitted to the accounts at hand, so what it says of two rows
depends on these two only, and later rows change nothing.
"""

from __future__ import annotations

import duckdb
import pandas as pd
from splink import DuckDBAPI, Linker, SettingsCreator
from splink.blocking_rule_library import CustomRule
from splink.comparison_library import CustomComparison

from features.linking.evidence import KEYS, SHARED_BY_AT_MOST, Key

COMPARED_WITH = 10
"""An account is compared with so many accounts of like name at most: those of its country that were known first."""

_ROUGHLY_ALIKE = 0.7
"""Share of letters that two names have in common from which on it is worth comparing them word by word."""

_EXACT = (*(key.name for key in KEYS), "core")
_LIKE = ("first", "longest", "beginning", "initials")
_BLOCKS = {key.name: key.columns for key in KEYS} | {name: (name, "country") for name in ("core", *_LIKE)}


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
    with duckdb.connect() as connection:
        table = DuckDBAPI(connection=connection).register(_with_keys(rows))
        linker = Linker(table, _settings(), log_level=None)  # else it writes to stderr what it is at
        found: pd.DataFrame = linker.inference.predict().as_pandas_dataframe()  # type: ignore[no-untyped-call]
    pairs = pd.DataFrame(
        {"left": found["row_l"], "right": found["row_r"]} | {key.name: found[f"mw_{key.name}"] > 0 for key in KEYS}
    )
    return pairs.sort_values(["left", "right"], ignore_index=True)


def ranks(rows: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    """Say as which of those with the same values an account became known, from 1; missing where it lacks one."""
    present = rows[list(columns)].dropna()
    return (present.groupby(list(columns), sort=False).cumcount() + 1).reindex(rows.index)


def _with_keys(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what Splink reads: each row's position, identifiers, and its keys as numbers.

    ``key_x`` numbers the values of a key, and ``head_x`` is the same for the accounts that others are compared with:
    pairing heads with all is linear in the accounts, however many share a value.
    """
    columns: dict[str, pd.Series] = {}
    for name, of in _BLOCKS.items():
        number = rows.groupby(list(of), sort=False).ngroup().astype("Int32")
        number = number.where(number >= 0)
        most = SHARED_BY_AT_MOST if name in _EXACT else COMPARED_WITH
        columns |= {f"key_{name}": number, f"head_{name}": number.where((ranks(rows, of) <= most).fillna(False))}
    read = sorted({column for key in KEYS for column in key.columns})
    return rows[[*read, "spelled", "initials"]].assign(row=range(len(rows)), **columns)


def _settings() -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="row",
        probability_two_random_records_match=0.5,
        comparisons=[_comparison(key) for key in KEYS],
        blocking_rules_to_generate_predictions=[
            *(CustomRule(_same(name)) for name in _EXACT),
            *(CustomRule(_alike(name)) for name in _LIKE),
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


def _same(name: str) -> str:
    """Write the rule that pairs the first accounts with the same values; what more share names nobody."""
    return f"l.head_{name} = r.head_{name}"


def _alike(name: str) -> str:
    """Write the rule that pairs accounts of like names with the first ones known of them.

    Splink pairs each row with later ones only, and the first ones known are the heads.
    """
    if name == "initials":
        acronym = "(length({0}.spelled) = length({0}.initials))"
        return f"l.head_initials = r.key_initials AND {acronym.format('l')} <> {acronym.format('r')}"
    longest = "greatest(length(l.spelled), length(r.spelled))"
    near = f"levenshtein(l.spelled, r.spelled) <= {1 - _ROUGHLY_ALIKE:.1f} * {longest}"
    within = "starts_with(l.spelled, r.spelled) OR starts_with(r.spelled, l.spelled)"
    return f"l.head_{name} = r.key_{name} AND ({near} OR {within})"
