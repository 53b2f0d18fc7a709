"""Explanations: steps that add up to the probability, and what changed since the release before."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import logit

from features.errors import NotFoundError
from features.messages import languages
from features.workspace import Workspace
from models.hazards import ALL_LINES
from tiering import explanation
from tiering.account_page import write_account_page
from tiering.account_story import tell
from tiering.explanation import BASELINE, MARKET, AccountExplanation, explain_account
from tiering.refresh import refresh, snapshot_path
from tiering.store import Store


@pytest.fixture(scope="module")
def workspace(world: Any, copy_workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small world with a second release, as of half a year before its first one."""
    copied: Workspace = copy_workspace(world.workspace, tmp_path_factory.mktemp("explained") / "workspace")
    with Store(copied.state_url) as store:
        as_of = store.get("r0001").origin.as_of
    refresh(copied, as_of - timedelta(days=180))
    return copied


@pytest.fixture(scope="module")
def accounts(workspace: Workspace) -> list[str]:
    with Store(workspace.state_url) as store:
        listed = store.accounts("r0001")
    return listed.sort_values("priority_value", ascending=False)["account_id"].head(8).tolist()


@pytest.fixture(scope="module")
def explained(workspace: Workspace, accounts: list[str]) -> list[AccountExplanation]:
    with Store(workspace.state_url) as store:
        return [explain_account(workspace, store, "r0001", account) for account in accounts]


def test_the_steps_lead_from_the_start_to_the_probability_of_the_release(explained: list[AccountExplanation]) -> None:
    for account in explained:
        listed = {one.business_unit: one for one in account.account.scores}
        assert account.units[0].business_unit == account.account.lead_business_unit
        for unit in account.units:
            assert unit.probability == listed[unit.business_unit].probability
            total = logit(unit.start) + sum(step.contribution for step in unit.steps)
            assert total == pytest.approx(logit(unit.probability), abs=1e-6)
            assert unit.steps[-1].probability == pytest.approx(unit.probability, abs=1e-6)
            names = [step.name for step in unit.steps]
            assert names[: len(ALL_LINES)] == [*(line for line in ALL_LINES if line != BASELINE), MARKET]
            for step in unit.steps[len(ALL_LINES) :]:
                parts = [one.contribution for one in step.signals]
                assert sum(parts) == pytest.approx(step.contribution, abs=1e-9)
                assert parts == sorted(parts, key=lambda part: -abs(part))


def test_the_interval_is_around_and_the_days_rise(explained: list[AccountExplanation]) -> None:
    for unit in (unit for account in explained for unit in account.units):
        assert 0 < unit.low < unit.high < 1
        assert list(unit.by_day.values()) == sorted(unit.by_day.values())


def test_what_changed_adds_up(workspace: Workspace, accounts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explanation, "NOTICEABLE", 0.0)
    monkeypatch.setattr(explanation, "MOST_CHANGES", 10_000)
    seen = 0
    with Store(workspace.state_url) as store:
        before = {one.business_unit: one for one in store.account("r0002", accounts[0]).scores}
        for unit in explain_account(workspace, store, "r0001", accounts[0]).units:
            if unit.since is None:
                continue
            seen += 1
            assert (unit.since.release, unit.since.probability) == ("r0002", before[unit.business_unit].probability)
            assert unit.since.by_model == pytest.approx(0, abs=1e-9)
            moved = sum(one.contribution for one in unit.since.signals) + unit.since.by_market + unit.since.by_model
            assert logit(unit.since.probability) + moved == pytest.approx(logit(unit.probability), abs=1e-6)
    assert seen


def test_the_first_release_has_nothing_before_it(workspace: Workspace, accounts: list[str]) -> None:
    with Store(workspace.state_url) as store:
        known = [one for one in accounts if one in set(store.accounts("r0002")["account_id"])]
        units = explain_account(workspace, store, "r0002", known[0]).units
    assert [unit.since for unit in units] == [None] * len(units)


def test_a_snapshot_that_is_gone_is_named(workspace: Workspace, accounts: list[str], tmp_path: Path) -> None:
    path = snapshot_path(workspace, "r0001")
    path.rename(tmp_path / "moved")
    try:
        with (
            Store(workspace.state_url) as store,
            pytest.raises(NotFoundError, match="the snapshot of release r0001"),
        ):
            explain_account(workspace, store, "r0001", accounts[0])
    finally:
        (tmp_path / "moved").rename(path)


@pytest.mark.parametrize("language", languages())
def test_the_story_is_told_in_every_language(explained: list[AccountExplanation], language: str) -> None:
    for unit in (unit for account in explained for unit in account.units):
        story = tell(unit, language)
        texts = [story.title, story.certainty, story.missing, *story.since]
        texts += [text for step in story.steps for text in (step.name, step.odds, step.probability, *step.because)]
        assert not [text for text in texts if re.search(r"[{}]|\bnan\b|\binf\b", text)]
        assert story.steps[-1].share == pytest.approx(unit.probability, abs=1e-6)
        assert len(story.by_day) == len(unit.by_day)


def test_the_page_holds_the_story_and_escapes_the_data(explained: list[AccountExplanation], tmp_path: Path) -> None:
    page = tmp_path / "accounts" / "a.html"
    write_account_page(explained[0], "<b>Müller & Söhne</b>, DE", "de", page)
    text = page.read_text(encoding="utf-8")
    assert "&lt;b&gt;Müller &amp; Söhne&lt;/b&gt;, DE" in text
    assert "<b>Müller" not in text
    for unit in explained[0].units:
        story = tell(unit, "de")
        assert story.title in text
        assert text.count(story.steps[0].name) >= 1
    widths = [float(width) for width in re.findall(r"width: ([\d.]+)%", text)]
    assert np.isfinite(widths).all()
    assert max(widths) <= 100
