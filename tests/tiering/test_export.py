"""Export: complete, readable by others, and the same bytes for the same release."""

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.errors import InputError, NotFoundError
from features.group import NO_TIER
from features.messages import languages
from tiering.export import COLUMNS, DETAIL_COLUMNS, export
from tiering.release import Plan
from tiering.store import Store

FORMATS = pytest.mark.parametrize("suffix", [".csv", ".parquet"])
DETAIL = pytest.mark.parametrize("detail", [False, True])


def read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


@FORMATS
def test_every_account_is_there_once(store: Store, plan: Plan, tmp_path: Path, suffix: str) -> None:
    store.add_draft(plan)
    path = tmp_path / f"tiers{suffix}"
    assert export(store, "r0001", path) == len(plan.accounts)
    rows = read(path)
    assert list(rows.columns) == COLUMNS
    assert rows["account_id"].tolist() == sorted(plan.accounts["account_id"])
    assert NO_TIER in set(rows["tier"])
    expected = plan.accounts.sort_values("account_id", ignore_index=True)
    for name in ("name", "country", "region", "tier", "lead_business_unit", "priority_value", "why_none", "source_id"):
        assert rows[name].equals(expected[name].astype(rows[name].dtype)), name
    assert rows["model_version"].isna().equals(rows["probability"].isna())


@FORMATS
def test_detail_has_every_score(store: Store, plan: Plan, tmp_path: Path, suffix: str) -> None:
    store.add_draft(plan)
    path = tmp_path / f"scores{suffix}"
    assert export(store, "r0001", path, detail=True) == len(plan.scores)
    rows = read(path)
    assert list(rows.columns) == DETAIL_COLUMNS
    expected = plan.scores.sort_values(["account_id", "business_unit"], ignore_index=True)
    for name in ("account_id", "business_unit", "kind", "probability", "expected_gross_profit", "in_pipeline"):
        assert rows[name].equals(expected[name].astype(rows[name].dtype)), name


@FORMATS
@DETAIL
def test_the_same_release_gives_the_same_bytes(
    store: Store, plan: Plan, tmp_path: Path, suffix: str, detail: bool
) -> None:
    shuffled = plan.scores.sample(frac=1, random_state=1)
    accounts = plan.accounts.sample(frac=1, random_state=1)
    store.add_draft(plan)
    store.add_draft(Plan(plan.origin, accounts, shuffled, plan.aliases, plan.models, plan.counts, plan.notes))
    store.publish("r0002")
    for release_id in ("r0001", "r0002"):
        export(store, release_id, tmp_path / f"{release_id}{suffix}", detail=detail)
    assert (tmp_path / f"r0001{suffix}").read_bytes() == (tmp_path / f"r0002{suffix}").read_bytes()


@pytest.mark.parametrize("language", languages())
def test_reasons_are_sentences_of_the_language(store: Store, plan: Plan, tmp_path: Path, language: str) -> None:
    store.add_draft(plan)
    export(store, "r0001", tmp_path / "tiers.parquet", language=language)
    rows = read(tmp_path / "tiers.parquet")
    assert rows["reasons"].notna().equals(rows["lead_business_unit"].notna())
    told = rows["reasons"].dropna()
    assert told.str.count("; ").eq(2).all()
    assert told.str.contains("化学").all()


def test_no_reasons_are_missing_not_empty(store: Store, plan: Plan, tmp_path: Path) -> None:
    silent = plan.scores.assign(reasons="[]")
    store.add_draft(Plan(plan.origin, plan.accounts, silent, plan.aliases, plan.models, plan.counts))
    export(store, "r0001", tmp_path / "tiers.parquet")
    assert read(tmp_path / "tiers.parquet")["reasons"].isna().all()


def test_numbers_and_times_are_written_plainly(store: Store, plan: Plan, tmp_path: Path) -> None:
    store.add_draft(plan)
    export(store, "r0001", tmp_path / "tiers.csv")
    content = (tmp_path / "tiers.csv").read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    rows = pd.read_csv(io.BytesIO(content), dtype="str")
    assert set(rows["as_of"]) == {"2026-07-01T00:00:00"}
    assert set(rows["in_pipeline"].dropna()) == {"True", "False"}
    known = rows["probability"].dropna()
    assert [repr(float(text)) for text in known] == known.tolist()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(str.strip))
def test_any_name_survives(store: Store, plan: Plan, tmp_path: Path, name: str) -> None:
    renamed = plan.accounts.iloc[:1].assign(name=name)
    scores = plan.scores[plan.scores["account_id"].isin(renamed["account_id"])]
    release = store.add_draft(Plan(plan.origin, renamed, scores, plan.aliases[:0], {}, {}))
    for suffix in (".csv", ".parquet"):
        export(store, release.id, tmp_path / f"one{suffix}")
    assert read(tmp_path / "one.parquet")["name"][0] == name
    with (tmp_path / "one.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file))["name"] == name


def test_what_cannot_be_written_is_refused(store: Store, plan: Plan, tmp_path: Path) -> None:
    store.add_draft(plan)
    before = set(tmp_path.iterdir())
    with pytest.raises(InputError, match=r"\.xlsx"):
        export(store, "r0001", tmp_path / "tiers.xlsx")
    with pytest.raises(InputError, match="no folder"):
        export(store, "r0001", tmp_path / "nowhere" / "tiers.csv")
    with pytest.raises(InputError, match="'tlh'"):
        export(store, "r0001", tmp_path / "tiers.csv", language="tlh")
    with pytest.raises(NotFoundError, match="'r0002'"):
        export(store, "r0002", tmp_path / "tiers.csv")
    assert set(tmp_path.iterdir()) == before


def test_a_failure_leaves_the_old_file(
    store: Store, plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add_draft(plan)
    path = tmp_path / "tiers.csv"
    path.write_text("old")

    def no_space(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", no_space)
    with pytest.raises(OSError, match="No space"):
        export(store, "r0001", path)
    assert path.read_text() == "old"
    assert not list(tmp_path.glob(".glocal-*"))
