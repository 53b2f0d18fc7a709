"""The demo: one command that shows everything, in process on a very small group."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.xdist_group("demonstration")


@pytest.fixture(scope="module")
def out(glocal, encoder_dir, tmp_path_factory) -> str:
    """What the demo printed."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "workspace").mkdir()
    encoder_dir.mkdir(exist_ok=True)
    (folder / "workspace" / "encoders").symlink_to(encoder_dir, target_is_directory=True)
    ran = glocal("demo", "--out", folder / "exports", "--accounts", "500", workspace=folder / "workspace")
    assert ran.code == 0, ran.err
    return ran.out


def test_prints_what_it_took_in_and_how_good_the_models_are(out):
    for words in ("Ingested", "events", "Backtest", "LightGBM", "revenue", "engagement points", "lift at 10 %"):
        assert words in out


def test_prints_a_tier_list_with_reasons(out):
    for words in ("Tiers", "strategic", "scale", "programmatic", "priority value", "↑ "):
        assert words in out


def test_prints_playbooks_in_four_languages_for_accounts_in_different_markets(out):
    tables = out.split("Playbooks for ")[1:]
    markets = {table.split("(")[1].split(",")[0] for table in tables}
    assert len(markets) >= 4
    languages = {
        cells[1].strip()
        for table in tables
        for line in table.splitlines()
        if len(cells := line.strip("│┃ ").split("│")) == 6 and cells[0].strip()
    }
    assert len({language for language in languages if language}) >= 4
