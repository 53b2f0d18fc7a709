"""Rankings from elsewhere: both forms hold the same, and what is wrong with a file is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import InputError
from measurement.other_ranking import read_ranking, read_rankings

IDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
SCORES = st.dictionaries(IDS, st.floats(-1e12, 1e12), min_size=1, max_size=20)


@given(scores=SCORES)
def test_comes_back_as_it_was_written_in_either_form(scores, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rankings")
    rows = pd.DataFrame({"score": list(scores.values()), "account_id": list(scores), "tier": "x"})
    rows.to_csv(folder / "a.csv", index=False)
    rows.to_parquet(folder / "b.parquet", index=False)
    for path in (folder / "a.csv", folder / "b.parquet"):
        found = read_ranking(path)
        assert found.to_dict() == pytest.approx(scores)
        assert found.dtype == np.float64


def test_ids_that_look_like_numbers_stay_what_they_are(tmp_path):
    path = tmp_path / "vendor.csv"
    path.write_text("account_id,score\n007,1\n7,2\n1e3,3\n", encoding="utf-8")
    assert list(read_ranking(path).index) == ["007", "7", "1e3"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("account,score\na,1\n", "there is no column 'account_id', the columns are 'account', 'score'; rename one"),
        ("account_id,points\na,1\n", "there is no column 'score'"),
        ("account_id,score\na,1\na,2\n", "account 'a' stands there twice; keep one of its rows"),
        ("account_id,score\na,1\n,2\n", "row 2 has no account_id; leave it out"),
        ("account_id,score\na,high\n", "the score of account 'a' is 'high'; give a number, or leave the row out"),
        ("account_id,score\na,inf\n", "the score of account 'a' is 'inf'"),
        ("account_id,score\na,\n", "the score of account 'a' is "),
    ],
)
def test_what_is_wrong_is_said_with_the_remedy(text, told, tmp_path):
    path = tmp_path / "vendor.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_ranking(path)
    assert f"{path}: {told}" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "told"),
    [("vendor.xlsx", "a ranking is a .csv or .parquet file, not '.xlsx'"), ("gone.csv", "there is no such file")],
)
def test_what_is_no_ranking_is_refused(name, told, tmp_path):
    with pytest.raises(InputError, match=told):
        read_ranking(tmp_path / name)


@pytest.mark.parametrize("name", ["broken.parquet", "empty.csv"])
def test_a_file_that_cannot_be_read_is_refused(name, tmp_path):
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(InputError, match=name):
        read_ranking(tmp_path / name)


def test_two_of_the_same_name_are_refused(tmp_path):
    paths: list[Path] = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        paths.append(tmp_path / folder / "vendor.csv")
        paths[-1].write_text("account_id,score\na,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="another ranking is called 'vendor', too; rename one of the files"):
        read_rankings(paths)
