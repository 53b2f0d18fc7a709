"""Companies' names: unique, and in their own scripts."""

import numpy as np
import pandas as pd
import pytest

from simulation.accounts import Population, build_population
from simulation.geography import MARKETS
from simulation.names import Names, company_names, respelled, slugs
from simulation.streams import stream
from simulation.words import INDUSTRIES, load_words


@pytest.fixture(scope="module")
def population() -> Population:
    return build_population(6_000, 2)


@pytest.fixture(scope="module")
def names(population: Population) -> Names:
    return company_names(stream(2, "names"), population.market, population.industry, population.parent)


def test_names_are_unique(names: Names) -> None:
    assert pd.Series(names.full).is_unique
    assert pd.Series(slugs(names.latin)).is_unique


def test_names_stay_unique_when_words_run_out() -> None:
    one_kind = np.full(30_000, 7)
    crowded = company_names(stream(1, "crowd"), one_kind, np.zeros_like(one_kind), np.full_like(one_kind, -1))
    assert pd.Series(crowded.base).is_unique


def test_own_scripts_and_legal_forms(population: Population, names: Names) -> None:
    country = np.array([m.country for m in MARKETS])[population.market]
    alone = population.parent < 0
    japanese = names.full[(country == "JP") & alone]
    assert len(japanese) > 100
    assert all(any("\u3040" <= c <= "\u9fff" for c in name) for name in japanese)
    assert all("公司" in name for name in names.full[(country == "CN") & alone])
    assert all(name.endswith(("GmbH", "AG", "GmbH & Co. KG", "SE")) for name in names.full[country == "DE"])


def test_sites_are_called_after_their_head_and_country(population: Population, names: Names) -> None:
    sites = np.flatnonzero(population.parent >= 0)
    assert sites.size > 300
    heads = names.latin[population.parent[sites]]
    assert all(base.startswith(head) for base, head in zip(names.base[sites], heads, strict=True))


def test_a_group_has_one_site_in_a_country(population: Population) -> None:
    sites = np.flatnonzero(population.parent >= 0)
    places = pd.DataFrame({"head": population.parent[sites], "market": population.market[sites]})
    assert not places.duplicated().any()
    assert (places["market"].to_numpy() != population.market[places["head"]]).all()


def test_respelling_changes_most_names(names: Names) -> None:
    rows = np.arange(2_000)
    spelled = respelled(stream(1, "spelling"), names, rows)
    assert (spelled != names.full[rows]).mean() > 0.75


def test_every_language_has_words_for_every_industry() -> None:
    for words in load_words().values():
        assert len(words.trades) == len(INDUSTRIES)
        assert all(len(set(trades)) == len(trades) >= 3 for trades in words.trades)
        assert len(set(words.heads)) == len(words.heads)
        assert len(set(words.tails)) == len(words.tails)
