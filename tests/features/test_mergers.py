"""Mergers: companies grow step by step and never contradict themselves."""

from __future__ import annotations

from features.mergers import Companies


def test_the_first_row_stands_for_the_company() -> None:
    companies = Companies([()] * 4, [-1] * 4)
    assert companies.unite(3, 1)
    assert companies.unite(2, 3)
    assert [companies.first(row) for row in range(4)] == [0, 1, 1, 1]
    assert companies.unite(1, 2)


def test_a_company_keeps_the_identifiers_of_all_it_united() -> None:
    """0 and 1 agree, 1 and 2 agree, but 2 would bring a second LEI to 0."""
    companies = Companies([{"lei 1"}, ()], [-1, -1])
    assert companies.unite(0, 1)
    companies = Companies([{"lei 1"}, (), {"lei 2"}], [-1, -1, -1])
    assert companies.unite(0, 1)
    assert not companies.unite(1, 2)
    assert companies.first(2) == 2


def test_who_stands_above_by_way_of_another_company_is_above() -> None:
    """Row 1 is a child of 0; 2 joins 1; 3 is a child of 2: 3 stands two levels below 0."""
    companies = Companies([()] * 4, [-1, 0, -1, 2])
    assert companies.unite(1, 2)
    assert not companies.unite(0, 3)
    assert not companies.unite(3, 0)
    assert not companies.unite(3, 1)
