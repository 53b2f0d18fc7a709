"""The group file: what it declares, and one sentence for each way in which it can be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from features.errors import InputError
from features.group import BusinessUnit, Group, Languages, default_group, read_group

DESIGNED = """
currency: EUR
planning_days: 365
regions: {EMEA: [FR, DE, GB, NO], AMER: [US, BR], APAC: [JP, SG]}
languages: {fallback: {de-CH: [de, en], fr-CA: [fr, en]}, default: [en]}
business_units:
  cloud: {horizon_days: 90, margin: 0.7, target: win, committee: [economic_buyer, champion]}
  industrial: {horizon_days: 540}
tiers:
  strategic: {capacity: {EMEA: 40, AMER: 30, APAC: 20}, cost: 20000, effect: 0.7}
  programmatic: {cost: 50, effect: 0.05}
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "group.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def changed(**changes: Any) -> str:
    """Return the designed file with some keys changed, given by path such as ``tiers__strategic__cost``."""
    declared = yaml.safe_load(DESIGNED.replace("NO]", "'NO']"))
    for path, value in changes.items():
        *above, key = path.split("__")
        place = declared
        for part in above:
            place = place[part]
        place[key] = value
    return yaml.safe_dump(declared, allow_unicode=True, sort_keys=False)


def test_the_designed_file(tmp_path: Path) -> None:
    group = read_group(written(tmp_path, DESIGNED))
    assert group.region_of("NO") == "EMEA"
    assert group.region_of("CN") == "other"
    assert group.business_units["industrial"] == BusinessUnit(horizon_days=540)
    assert group.tiers["strategic"].capacity == {"EMEA": 40, "AMER": 30, "APAC": 20}
    assert group.tiers["programmatic"].capacity is None
    assert list(group.tiers) == ["strategic", "programmatic"]


WRONG = {
    "capacity of a region that is not declared": (
        changed(tiers__strategic__capacity={"EMAE": 1}),
        "tier 'strategic' gives a capacity to region 'EMAE', which is not declared; declared regions: AMER, APAC, EMEA",
    ),
    "negative capacity": (
        changed(tiers__strategic__capacity={"EMEA": -4}),
        "tiers.strategic.capacity: capacity of region 'EMEA' is -4; give 0 or more",
    ),
    "half an account": (
        changed(tiers__strategic__capacity={"EMEA": 4.5}),
        "tiers.strategic.capacity.EMEA is 4.5; it should be a whole number",
    ),
    "capacity without regions": (
        changed(tiers__strategic__capacity=40),
        "tiers.strategic.capacity is 40; it should be a mapping",
    ),
    "country in two regions": (
        changed(regions__AMER=["US", "DE"]),
        "country 'DE' is in regions 'EMEA' and 'AMER'; keep it in one",
    ),
    "a country's name": (
        changed(regions__AMER=["Brasil"]),
        "regions.AMER.0: 'Brasil' is no ISO 3166-1 alpha-2 code; did you mean 'BR'?",
    ),
    "no country": (
        changed(regions__AMER=["XX"]),
        "regions.AMER.0: 'XX' is no ISO 3166-1 alpha-2 code; give one, as 'DE'",
    ),
    "region other": (
        changed(regions__other=["CN"]),
        "region 'other' is the name for countries in no region; call it otherwise",
    ),
    "tier none": (
        changed(tiers__none={"cost": 1, "effect": 1}),
        "tier 'none' is the name for accounts in no tier; call it otherwise",
    ),
    "no tier": (changed(tiers={}), "tiers is {}; it should be a mapping with one key at least"),
    "no cost": (changed(tiers__strategic={"effect": 1}), "tiers.strategic.cost is missing; give it"),
    "negative cost": (
        changed(tiers__strategic__cost=-1),
        "tiers.strategic.cost is -1; it should be greater than or equal to 0",
    ),
    "endless cost": (
        changed(tiers__strategic__cost=float("inf")),
        "tiers.strategic.cost is inf; it should be a finite number",
    ),
    "unknown key": (
        changed(tiers__strategic__capcity={}),
        "tiers.strategic.capcity: there is no such key; the keys there are cost, effect, capacity",
    ),
    "unknown key at the top": (
        changed(budget=1),
        f"budget: there is no such key; the keys there are {', '.join(Group.model_fields)}",
    ),
    "no horizon": (
        changed(business_units__cloud={"margin": 0.5}),
        "business_units.cloud.horizon_days is missing; give it",
    ),
    "horizon in words": (
        changed(business_units__cloud__horizon_days="a quarter"),
        "business_units.cloud.horizon_days is 'a quarter'; it should be a whole number",
    ),
    "margin in percent": (
        changed(business_units__cloud__margin=70),
        "business_units.cloud.margin is 70; it should be less than or equal to 1",
    ),
    "unknown target": (
        changed(business_units__cloud__target="revenue"),
        "business_units.cloud.target is 'revenue'; it should be 'win' or 'opportunity'",
    ),
    "committee that is no list": (
        changed(business_units__cloud__committee="champion"),
        "business_units.cloud.committee is 'champion'; it should be a list",
    ),
    "no currency": (changed(currency="Euro"), "currency: 'Euro' is no ISO 4217 code; give one, as 'EUR'"),
    "no language": (
        changed(languages__default=["english"]),
        "languages.default.0: 'english' is no BCP-47 language; give one, as 'de' or 'de-CH'",
    ),
    "no planning": (changed(planning_days=0), "planning_days is 0; it should be greater than 0"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_each_mistake_has_its_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_group(path)
    assert str(caught.value) == f"{path}: {sentence}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a\n- b", "is a mapping of keys"),
        ("a: [", "is no YAML"),
        (DESIGNED + "tiers: {}", "'tiers' stands twice"),
    ],
)
def test_what_is_no_group_file(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=says):
        read_group(written(tmp_path, text))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.yaml: there is no such group file"):
        read_group(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("language", "chain"),
    [
        ("de-CH", ("de-CH", "de", "en")),
        ("fr-CA", ("fr-CA", "fr", "en")),
        ("de-AT", ("de-AT", "de", "en")),
        ("zh-Hant-TW", ("zh-Hant-TW", "zh-Hant", "zh", "en")),
        ("en", ("en",)),
        ("gsw-CH", ("gsw-CH", "de-CH", "gsw", "en")),
    ],
)
def test_the_chain_of_languages(language: str, chain: tuple[str, ...]) -> None:
    languages = Languages(fallback={"de-CH": ("de", "en"), "fr-CA": ("fr", "en"), "gsw-CH": ("de-CH",)})
    assert languages.chain(language) == chain


def test_a_default_group_has_room_for_some_of_each_country() -> None:
    group = default_group({"JP": 1, "DE": 250}, ("sec", "cloud"))
    assert group.regions == {"DE": ("DE",), "JP": ("JP",)}
    assert list(group.business_units) == ["sec", "cloud"]
    assert group.tiers["strategic"].capacity == {"DE": 2, "JP": 1}
    assert group.tiers["scale"].capacity == {"DE": 15, "JP": 1}
    assert group.tiers["programmatic"].capacity is None
    assert list(default_group({}, ()).business_units) == ["default"]


def test_the_digest_follows_what_is_declared(tmp_path: Path) -> None:
    group = read_group(written(tmp_path, DESIGNED))
    assert group.digest() == read_group(written(tmp_path, "# said\n" + DESIGNED)).digest()
    assert group.digest() != read_group(written(tmp_path, changed(planning_days=364))).digest()


def test_a_group_survives_being_written_and_read(tmp_path: Path) -> None:
    group = read_group(written(tmp_path, DESIGNED))
    text = yaml.safe_dump(group.model_dump(mode="json"), allow_unicode=True, sort_keys=False)
    assert read_group(written(tmp_path, text)) == group
    assert Group.model_validate_json(group.model_dump_json()) == group
