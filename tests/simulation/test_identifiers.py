"""Identifiers of companies: valid, different, and in their country's form."""

import numpy as np
import pandas as pd
import pytest

from simulation.accounts import Population, build_population
from simulation.identifiers import domains, duns_numbers, leis, registrations
from simulation.names import company_names
from simulation.streams import stream


@pytest.fixture(scope="module")
def population() -> Population:
    return build_population(6_000, 2)


def test_lei_check_digits() -> None:
    """ISO 17442: letters read as 10 to 35, the whole is 1 modulo 97."""
    for lei in leis(stream(1, "leis"), 300):
        assert len(lei) == 20
        assert int("".join(str(int(character, 36)) for character in lei)) % 97 == 1


def test_register_numbers_have_their_countrys_form(population: Population) -> None:
    numbers = registrations(stream(1, "registrations"), population.market)
    assert not pd.DataFrame({"number": numbers, "market": population.market}).duplicated().any()
    german = numbers[population.market == 0]
    assert all(number.startswith("HRB ") and number[4:].isdigit() for number in german)


def test_domains_are_shared_only_within_groups(population: Population) -> None:
    names = company_names(stream(2, "names"), population.market, population.industry, population.parent)
    domain = domains(stream(1, "domains"), names, population.market, population.parent)
    group = np.where(population.parent >= 0, population.parent, np.arange(population.n))
    owners = pd.DataFrame({"domain": domain, "group": group}).dropna().groupby("domain")["group"].nunique()
    assert (owners == 1).all()


def test_duns_numbers_differ() -> None:
    numbers = duns_numbers(stream(1, "duns"), 5_000)
    assert pd.Series(numbers).is_unique
    assert all(len(number) == 9 and number.isdigit() for number in numbers)
