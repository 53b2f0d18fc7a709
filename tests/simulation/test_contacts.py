"""People at the accounts: many languages, roles often unknown, and some who change employer."""

from pathlib import Path

import pandas as pd


def test_people_change_employer(exports: Path) -> None:
    contacts = pd.read_csv(exports / "contacts.csv", dtype="str").drop_duplicates()
    contacts = contacts[~contacts["contact_id"].str.startswith("X")]
    jobs = contacts.groupby("person_id")["contact_id"].nunique()
    assert (jobs > 1).sum() > 20
    assert contacts["buying_role"].isna().mean() > 0.3
    assert contacts["language"].str.split("-").str[0].nunique() >= 10
