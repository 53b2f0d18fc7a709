"""The group file: regions, business units, tiers and languages of the multinational that uses Glocal."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

import pycountry
import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from features.contracts import DEFAULT_BUSINESS_UNIT
from features.countries import codes, country_code
from features.errors import InputError
from features.yaml_file import read_yaml

OTHER_REGION = "other"
"""The region of a country that no region names: scored and counted, never in a tier with a capacity."""

NO_TIER = "none"
"""The tier of an account for which no tier adds value."""


def _country(value: str) -> str:
    if value not in codes():
        meant = country_code(value)
        remedy = f"did you mean {meant!r}?" if meant else "give one, as 'DE'"
        raise ValueError(f"{value!r} is no ISO 3166-1 alpha-2 code; {remedy}")
    return value


def _currency(value: str) -> str:
    if pycountry.currencies.get(alpha_3=value) is None:
        raise ValueError(f"{value!r} is no ISO 4217 code; give one, as 'EUR'")
    return value


def _language(value: str) -> str:
    base, *_ = value.split("-")
    known = pycountry.languages.get(**{f"alpha_{len(base)}": base}) if len(base) in (2, 3) else None
    if known is None or not all(part.isalnum() and len(part) <= 8 for part in value.split("-")):
        raise ValueError(f"{value!r} is no BCP-47 language; give one, as 'de' or 'de-CH'")
    return value


CountryCode = Annotated[str, AfterValidator(_country)]
CurrencyCode = Annotated[str, AfterValidator(_currency)]
LanguageTag = Annotated[str, AfterValidator(_language)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Languages(_Strict):
    """Which languages may stand in for which.

    Parameters
    ----------
    fallback : for a BCP-47 language, the languages to try after it, in order.
    default : the languages to try when nothing else is left.
    """

    fallback: dict[LanguageTag, tuple[LanguageTag, ...]] = Field(default_factory=dict)
    default: tuple[LanguageTag, ...] = ("en",)

    def chain(self, language: str) -> tuple[str, ...]:
        """Return the languages to try for one asked, best first, each once.

        After the declared fallback come the language without its region or script, and the defaults.
        """
        parents = tuple("-".join(language.split("-")[:n]) for n in range(language.count("-"), 0, -1))
        return tuple(dict.fromkeys((language, *self.fallback.get(language, ()), *parents, *self.default)))


class BusinessUnit(_Strict):
    """One selling division.

    Parameters
    ----------
    horizon_days : days after a cutoff in which a success counts, > 0.
    margin : gross profit per unit of amount where the data has amounts only, in (0, 1].
    target : what is predicted: a win, or that an opportunity is opened.
    committee : the buying roles that a decision needs.
    """

    horizon_days: int = Field(gt=0, le=3650)
    margin: float | None = Field(default=None, gt=0, le=1)
    target: Literal["win", "opportunity"] = "win"
    committee: tuple[str, ...] = ()


class Tier(_Strict):
    """One level of effort.

    Parameters
    ----------
    cost : of treating one account over a planning window, in group currency, >= 0.
    effect : what treatment adds to the log-odds of success; an assumption until a holdout has measured it.
    capacity : the largest number of accounts by region; None: no limit.
    """

    cost: float = Field(ge=0)
    effect: float = Field(ge=0, le=10)
    capacity: dict[str, int] | None = None

    @field_validator("capacity")
    @classmethod
    def _not_negative(cls, capacity: dict[str, int] | None) -> dict[str, int] | None:
        for region, places in (capacity or {}).items():
            if places < 0:
                raise ValueError(f"capacity of region {region!r} is {places}; give 0 or more")
        return capacity


class Group(_Strict):
    """The multinational that uses Glocal, as its group file declares it."""

    currency: CurrencyCode = "EUR"
    planning_days: int = Field(default=365, gt=0, le=3650)
    regions: dict[str, tuple[CountryCode, ...]] = Field(default_factory=dict)
    languages: Languages = Languages()
    business_units: dict[str, BusinessUnit] = Field(min_length=1)
    tiers: dict[str, Tier] = Field(min_length=1)
    stages: tuple[str, ...] = ()
    personas: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Group:
        _check_regions(self.regions)
        for name, tier in self.tiers.items():
            if name == NO_TIER:
                raise ValueError(f"tier {NO_TIER!r} is the name for accounts in no tier; call it otherwise")
            _check_capacity(name, tier, self.regions)
        return self

    def region_of(self, country: str) -> str:
        """Return the region of an ISO 3166-1 alpha-2 country; OTHER_REGION where none names it."""
        return next((region for region, countries in self.regions.items() if country in countries), OTHER_REGION)

    def require_unit(self, name: str) -> BusinessUnit:
        """Return a business unit by its name.

        Raises
        ------
        InputError
            If none has it.
        """
        if name not in self.business_units:
            declared = ", ".join(sorted(self.business_units))
            raise InputError(f"business unit {name!r} is not declared in group.yaml; declared ones: {declared}")
        return self.business_units[name]

    def digest(self) -> str:
        """Return a short digest of all that is declared, for replaying a score."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]


DEFAULT_TIERS = {
    "strategic": Tier(cost=20_000, effect=0.7),
    "scale": Tier(cost=2_000, effect=0.3),
    "programmatic": Tier(cost=50, effect=0.05),
}
DEFAULT_HORIZON_DAYS = 180


def default_group(accounts_by_country: dict[str, int], business_units: tuple[str, ...]) -> Group:
    """Derive a group from the data where no group file was given.

    Every country is a region of its own; a region's strategic tier holds one account in a hundred, its scale tier
    six in a hundred, at least one each.

    Parameters
    ----------
    accounts_by_country : number of accounts per ISO 3166-1 alpha-2 country.
    business_units : those named in the data; none: one called 'default'.
    """
    shares = {"strategic": 0.01, "scale": 0.06}
    tiers = {
        name: tier.model_copy(
            update={"capacity": {c: max(1, round(n * shares[name])) for c, n in sorted(accounts_by_country.items())}}
        )
        if name in shares
        else tier
        for name, tier in DEFAULT_TIERS.items()
    }
    return Group(
        regions={country: (country,) for country in sorted(accounts_by_country)},
        business_units={
            name: BusinessUnit(horizon_days=DEFAULT_HORIZON_DAYS) for name in business_units or (DEFAULT_BUSINESS_UNIT,)
        },
        tiers=tiers,
    )


def read_group(path: Path) -> Group:
    """Read and check a group file.

    Raises
    ------
    InputError
        If the file is missing, is no YAML, has unknown or wrong keys, or contradicts itself.
    """
    try:
        return Group.model_validate(read_yaml(path, "group file"))
    except ValidationError as error:
        raise InputError(f"{path}: {_first_problem(error)}") from error


def write_group(group: Group, path: Path) -> None:
    """Write a group file that `read_group` reads back as the same group."""
    declared = group.model_dump(mode="json", exclude_none=True)
    path.write_text(yaml.safe_dump(declared, sort_keys=False, allow_unicode=True), encoding="utf-8")


_EXPECTED = {
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "tuple_type": "a list",
    "string_type": "a text; quote it",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "too_short": "a mapping with one key at least",
}
"""What pydantic's kinds of problems ask for, in the words of a group file."""


def _first_problem(error: ValidationError) -> str:
    """Say the first thing that is wrong in one sentence with its place, value and remedy."""
    problem = error.errors()[0]
    where = [str(part) for part in problem["loc"]]
    place, message = ".".join(where), problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        return f"{place}: there is no such key; the keys there are {', '.join(_model_at(where[:-1]).model_fields)}"
    if problem["type"] == "missing":
        return f"{place} is missing; give it"
    if problem["type"] == "value_error":
        return f"{place}: {message}" if place else message
    expected = _EXPECTED.get(problem["type"], message.removeprefix("Input should be "))
    return f"{place} is {problem['input']!r}; it should be {expected}"


def _model_at(place: list[str]) -> type[BaseModel]:
    """Return the model whose keys stand at a place of the group file."""
    parts: dict[str, type[BaseModel]] = {"languages": Languages, "business_units": BusinessUnit, "tiers": Tier}
    return parts[place[0]] if place else Group


def _check_regions(regions: dict[str, tuple[str, ...]]) -> None:
    home: dict[str, str] = {}
    for region, countries in regions.items():
        if region == OTHER_REGION:
            raise ValueError(f"region {OTHER_REGION!r} is the name for countries in no region; call it otherwise")
        for country in countries:
            if country in home:
                raise ValueError(f"country {country!r} is in regions {home[country]!r} and {region!r}; keep it in one")
            home[country] = region


def _check_capacity(name: str, tier: Tier, regions: dict[str, tuple[str, ...]]) -> None:
    for region in tier.capacity or {}:
        if region not in regions:
            raise ValueError(
                f"tier {name!r} gives a capacity to region {region!r}, which is not declared; "
                f"declared regions: {', '.join(sorted(regions)) or 'none'}"
            )
