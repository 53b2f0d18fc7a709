"""The page of figures keeps what was measured on this machine, and nothing of another."""

from __future__ import annotations

from pathlib import Path

from benchmarks.page import Section, machine, read_section, save_section, write_page

SECTION = Section("Speed", "How fast.", ("work", "seconds"), [["one", "1.5"]])


def test_figures_are_kept_for_this_machine_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "speed.json"
    assert read_section(path, machine()) is None
    save_section(path, SECTION)
    assert read_section(path, machine()) == Section("Speed", "How fast.", ["work", "seconds"], [["one", "1.5"]])
    assert read_section(path, "another machine") is None


def test_the_page_says_on_which_machine(tmp_path: Path) -> None:
    write_page(tmp_path / "page.md", [SECTION])
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert machine() in text
    assert "| one | 1.5 |" in text
