"""Export: a release as a CSV or Parquet file, the same bytes for the same release."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from features.errors import InputError
from features.messages import reason_sentence, speaker
from models.explain import reasons_from_json
from models.scoring import by_day
from tiering.release import Release
from tiering.scores import CURVE_DAYS, probabilities_by_day
from tiering.store import Store

_BY_DAY = [by_day(days) for days in CURVE_DAYS]
_SCORE = [
    "probability",
    *_BY_DAY,
    "expected_gross_profit",
    "expected_amount",
    "priority_value",
    "in_pipeline",
    "reasons",
]
_ORIGIN = ["model_version", "as_of", "data_version", "code_version"]

COLUMNS = [
    *("account_id", "name", "country", "region", "tier", "lead_business_unit", "kind"),
    *_SCORE,
    *("why_none", "source", "source_id"),
    *_ORIGIN,
]
"""One row per account: what the leading business unit sees in it, the probability over that BU's own horizon."""

DETAIL_COLUMNS = ["account_id", "business_unit", "kind", *_SCORE, *_ORIGIN]
"""One row per account × business unit, the probability over that BU's own horizon."""


def export(store: Store, release_id: str, path: Path, *, detail: bool = False, language: str = "en") -> int:
    """Write a release to a file; the file is there whole or, should anything fail, as it was before.

    Parameters
    ----------
    store : with the release.
    release_id : which one.
    path : a name ending in .csv (RFC 4180 in UTF-8, missing values empty) or .parquet.
    detail : one row per account × business unit (DETAIL_COLUMNS), not per account (COLUMNS).
    language : BCP-47, in which the reasons are told.

    Returns
    -------
    The number of rows; accounts in no tier are among them. They are sorted by account, then business unit.

    Raises
    ------
    NotFoundError
        If there is no such release.
    InputError
        If the file is to be of another format, its folder does not exist, or Glocal does not speak the language.
    """
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"{path}: a release is written as .csv or .parquet, not as {path.suffix!r}; name such a file")
    if not path.absolute().parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.absolute().parent}; create it, or give another one")
    speaker(language)
    release = store.get(release_id)
    rows = store.scores(release_id) if detail else store.accounts(release_id)
    table = _with_origin(_with_days(rows), release)[DETAIL_COLUMNS if detail else COLUMNS]
    table["reasons"] = _spoken(table["reasons"], language)
    _write(table, path)
    return len(table)


def reasons_in(reasons: str, language: str) -> tuple[str, ...]:
    """Return a score's reasons as sentences, the strongest first.

    Parameters
    ----------
    reasons : JSON as `models.explain` writes it.
    language : BCP-47, of the reader.

    Raises
    ------
    InputError
        If Glocal does not speak the language.
    """
    return tuple(
        _sentence(reason.signal, reason.value, 1.0 if reason.contribution > 0 else -1.0, language)
        for reason in reasons_from_json(reasons)
    )


def _with_days(rows: pd.DataFrame) -> pd.DataFrame:
    """Put the probability by each day in a column of its own."""
    told = [probabilities_by_day(text) for text in rows["probability_by_day"]]
    values = [[one[str(days)] for days in CURVE_DAYS] if one else [math.nan] * len(CURVE_DAYS) for one in told]
    return rows.join(pd.DataFrame(values, columns=_BY_DAY, index=rows.index, dtype="float64"))


def _with_origin(rows: pd.DataFrame, release: Release) -> pd.DataFrame:
    """Add what each row was made from; no model version where no model scored it."""
    origin = release.origin
    return rows.assign(
        model_version=pd.Series(origin.bundle_version, index=rows.index, dtype="str").where(
            rows["probability"].notna()
        ),
        as_of=pd.Timestamp(origin.as_of).as_unit("us"),
        data_version=origin.data_version,
        code_version=origin.code_version,
    )


def _spoken(reasons: pd.Series, language: str) -> pd.Series:
    """Turn reasons into sentences, nothing where there are none."""
    return reasons.map(lambda text: "; ".join(reasons_in(text, language)) or None, na_action="ignore").astype("str")


@lru_cache(maxsize=50_000)
def _sentence(signal: str, value: float | str | None, sign: float, language: str) -> str:
    return reason_sentence(signal, value, sign, language)


def _write(table: pd.DataFrame, path: Path) -> None:
    with TemporaryDirectory(dir=path.absolute().parent, prefix=".glocal-") as folder:
        draft = Path(folder) / "export"
        if path.suffix.lower() == ".csv":
            table.to_csv(draft, index=False, encoding="utf-8", lineterminator="\r\n", date_format="%Y-%m-%dT%H:%M:%S")
        else:
            table.to_parquet(draft, index=False)
        draft.replace(path)
