"""YAML that people write: Norway is a country, a key stands once, and a mistake is told by its place."""

from __future__ import annotations

import pytest

from features.errors import InputError
from features.yaml_file import read_yaml


def test_norway_is_no_falsehood(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("countries: [NO, no, yes, On, true, False, 1, x]\n")
    assert read_yaml(path, "file")["countries"] == ["NO", "no", "yes", "On", True, False, 1, "x"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: 1\nb: {c: 1, c: 2}\n", "the key 'c' stands twice.*line 2"),
        (b"a: [1\n", "this is no YAML.*line"),
        (b"a: \xe9\n", "this is no YAML"),
        (b"", "a group file is a mapping of keys to values"),
        (b"? [a]\n: 1\n", "this is no YAML"),
    ],
)
def test_says_what_is_wrong(tmp_path, content, message):
    path = tmp_path / "group.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_yaml(path, "group file")


def test_takes_a_byte_order_mark_and_anchors(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: &one {b: 1}\nc: {<<: *one, d: 2}\n")
    assert read_yaml(path, "file") == {"a": {"b": 1}, "c": {"b": 1, "d": 2}}


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputError, match="this is a folder; name the group file in it"):
        read_yaml(tmp_path, "group file")
