"""Tests of localisation: one variant per family, the best for market and language."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.contracts import LAYERS
from features.group import Languages
from models.language_tags import canonical_tag
from models.localise import LanguageServed, language_match, language_served, localise

LANGUAGES = Languages(fallback={"de-ch": ("de", "fr"), "zh-TW": ("zh-Hans",)}, default=("en",))
TAGS = ("de", "de-CH", "de-AT", "DE_de", "fr", "fr-CA", "en", "en-GB", "es", "es-419", "zh", "zh-Hans", "zh-Hant", "ja")

rows = st.fixed_dictionaries(
    {
        "family_id": st.sampled_from(["a", "b", "ü"]),
        "language": st.sampled_from(TAGS),
        "layer": st.sampled_from(LAYERS),
        "markets": st.sampled_from([None, ["CH"], ["CH", "AT"]]),
        "valid_from": st.sampled_from([None, "2025-01-01", "2026-01-01"]),
    }
)


def variants(given_rows: list[dict[str, Any]]) -> pd.DataFrame:
    columns = ["family_id", "language", "layer", "markets", "valid_from"]
    frame = pd.DataFrame(given_rows, columns=columns)
    names = [f"v{number:02}" for number in range(len(frame))]
    times = pd.to_datetime(frame["valid_from"]).astype("datetime64[us]")
    return frame.assign(asset_id=names, valid_from=times, family_id=frame["family_id"].astype("str"))


def served(asked: str, *available: str) -> list[str]:
    """Return the languages served one by one, each time without the one served before."""
    left, order = list(available), []
    while left:
        frame = variants([{"family_id": "a", "language": tag, "layer": "local"} for tag in left])
        chosen = localise(frame, canonical_tag(asked), LANGUAGES)
        if chosen.empty:
            break
        order.append(left.pop(frame["asset_id"].tolist().index(chosen["asset_id"].item())))
    return order


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        ("de-CH", ["de-CH", "de", "de-AT", "fr", "fr-CA", "en", "en-GB"]),
        ("de", ["de", "de-AT", "en"]),
        ("zh", ["zh", "zh-Hans", "en"]),
        ("zh-SG", ["zh", "zh-Hans", "en"]),
        ("zh-TW", ["zh-TW", "zh-Hans", "zh-Hant", "en"]),
        ("zh-HK", ["zh-HK", "zh-Hant", "en"]),
        ("es-AR", ["es-AR", "es-419", "es", "es-MX", "en"]),
        ("en-AU", ["en-AU", "en-001", "en", "en-GB"]),
        ("no", ["no", "nb", "en"]),
        ("sv", ["en", "en-GB"]),
    ],
)
def test_languages_are_tried_in_order(asked: str, order: list[str]) -> None:
    assert served(asked, *sorted(order)) == order


@pytest.mark.parametrize(("asked", "other"), [("zh-HK", "zh-Hans"), ("sr-Latn", "sr"), ("sv", "de"), ("fr-CA", "es")])
def test_a_family_without_a_language_in_the_chain_is_left_out(asked: str, other: str) -> None:
    assert served(asked, other) == []


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"language": "de", "layer": "global"}, {"language": "en", "layer": "local"}),
        ({"layer": "local", "markets": None}, {"layer": "regional", "markets": ["CH"]}),
        ({"layer": "regional", "valid_from": None}, {"layer": "global", "valid_from": "2026-01-01"}),
        ({"markets": ["CH"], "valid_from": None}, {"markets": ["CH", "AT"], "valid_from": "2026-01-01"}),
        ({"markets": ["CH", "AT"]}, {"markets": None}),
        ({"valid_from": "2026-01-01"}, {"valid_from": "2025-01-01"}),
        ({"valid_from": "2025-01-01"}, {"valid_from": None}),
        ({"asset_id": "v00"}, {"asset_id": "v01"}),
    ],
    ids=lambda row: "-".join(f"{value}" for value in row.values()),
)
@pytest.mark.parametrize("swapped", [False, True])
def test_what_decides_among_variants(better: dict[str, Any], worse: dict[str, Any], swapped: bool) -> None:
    common = {"family_id": "a", "language": "de", "layer": "local", "markets": ["CH"]}
    frame = variants([common | better, common | worse])
    chosen = localise(frame.iloc[::-1] if swapped else frame, "de-CH", LANGUAGES)
    assert chosen["asset_id"].tolist() == ["v00"]


@given(st.lists(rows, max_size=10), st.sampled_from(TAGS), st.randoms(use_true_random=False))
def test_one_variant_per_family_whatever_the_order_of_rows(
    given_rows: list[dict[str, Any]], asked: str, random: Any
) -> None:
    frame = variants(given_rows)
    order = random.sample(range(len(frame)), len(frame))
    chosen = localise(frame, canonical_tag(asked), LANGUAGES)
    pd.testing.assert_frame_equal(chosen, localise(frame.iloc[order], canonical_tag(asked), LANGUAGES))
    assert chosen["family_id"].is_monotonic_increasing
    assert chosen["family_id"].is_unique


@given(st.lists(rows, max_size=10), st.sampled_from(TAGS))
def test_no_family_with_content_in_a_default_language_is_left_out(given_rows: list[dict[str, Any]], asked: str) -> None:
    frame = variants(given_rows)
    chosen = localise(frame, canonical_tag(asked), LANGUAGES)
    assert set(frame.loc[frame["language"].isin(["en", asked]), "family_id"]) <= set(chosen["family_id"])


@pytest.mark.parametrize(
    ("given_tag", "asked", "match"),
    [
        ("de-CH", "de-CH", "asked"),
        ("de", "de-CH", "same_language"),
        ("zh-Hans", "zh", "same_language"),
        ("nb", "no", "same_language"),
        ("zh-Hans", "zh-TW", "fallback"),
        ("en", "de", "fallback"),
    ],
)
def test_how_near_a_language_is(given_tag: str, asked: str, match: str) -> None:
    assert language_match(given_tag, asked) == match


def test_what_was_served_and_why() -> None:
    assert language_served("de-CH", ["de", "de-CH", "de"], {"de"}, {"de", "en"}) == LanguageServed(
        "de-CH", ("de", "de-CH"), fell_back=False
    )
    assert language_served("sv", ["en"], {"en"}, {"en", "de"}).reason == "not_in_library"
    assert language_served("de", ["en"], {"en"}, {"en", "de-AT"}).reason == "not_permitted"
    assert language_served("de", ["de", "en"], {"en", "de"}, {"en", "de"}).reason == "not_in_every_family"
    assert language_served("de", [], set(), set()) == LanguageServed("de", (), fell_back=False)
