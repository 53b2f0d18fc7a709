"""The store: what goes in comes out, only legal transitions happen, and nothing is ever half there."""

import multiprocessing
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from features.errors import InputError, NotFoundError
from tiering.queries import LEAD_COLUMNS
from tiering.release import ACCOUNT_COLUMNS, SCORE_COLUMNS, Note, Plan, Release, Status
from tiering.store import Store


def test_a_draft_keeps_all_that_was_planned(store: Store, plan: Plan) -> None:
    release = store.add_draft(plan)
    assert (release.id, release.status) == ("r0001", Status.DRAFT)
    assert release == store.get("r0001")
    assert (release.origin, release.models, release.counts) == (plan.origin, plan.models, plan.counts)
    assert release.notes == plan.notes
    expected = plan.scores.sort_values(["account_id", "business_unit"], ignore_index=True)
    pd.testing.assert_frame_equal(store.scores("r0001"), expected, check_exact=True)
    accounts = plan.accounts.sort_values("account_id", ignore_index=True)
    pd.testing.assert_frame_equal(store.accounts("r0001")[list(ACCOUNT_COLUMNS)], accounts, check_exact=True)


def test_an_account_shows_what_its_lead_sees(store: Store, plan: Plan) -> None:
    store.add_draft(plan)
    accounts = store.accounts("r0001").dropna(subset=["lead_business_unit"])
    scores = store.scores("r0001").set_index(["account_id", "business_unit"])
    led = scores.loc[list(zip(accounts["account_id"], accounts["lead_business_unit"], strict=True))]
    for name in LEAD_COLUMNS:
        assert (led[name].to_numpy() == accounts[name].to_numpy())[led[name].notna()].all()


def test_accounts_by_filter_and_page(store: Store, plan: Plan) -> None:
    store.add_draft(plan)
    everything = store.accounts("r0001")
    scale = store.accounts("r0001", tier="scale", region="EMEA", country="FR")
    assert 0 < len(scale) <= 12
    assert set(scale["tier"]) == {"scale"}
    led = store.accounts("r0001", business_unit="cloud")
    assert len(led) == (everything["lead_business_unit"] == "cloud").sum()
    pages = [store.accounts("r0001", limit=70, offset=offset) for offset in (0, 70, 140, 210)]
    pd.testing.assert_frame_equal(pd.concat(pages, ignore_index=True), everything)
    assert store.accounts("r0001", region="nowhere").dtypes.equals(everything.dtypes)


def test_an_account_is_found_by_any_name(store: Store, plan: Plan) -> None:
    store.add_draft(plan)
    account = store.account("r0001", "za000010")
    assert account == store.account("r0001", "a000010")
    assert account.aliases == ("a000010", "za000010")
    assert [unit.business_unit for unit in account.scores] == ["cloud", "industrial"]
    assert account.name == plan.accounts["name"][10]
    assert store.find("r0001", "source_id", "00Za000010") == ("a000010",)
    assert store.find("r0001", "domain", "A000010.Example") == ("a000010",)
    assert store.find("r0001", "domain", "nobody.example") == ()
    with pytest.raises(NotFoundError, match="'nobody'"):
        store.account("r0001", "nobody")


def test_publish_and_roll_back(store: Store, plan: Plan) -> None:
    for _ in range(3):
        store.add_draft(plan)
    assert store.published() is None
    store.publish("r0001")
    second = store.publish("r0002")
    assert second.supersedes == "r0001"
    assert [one.status for one in store.releases()] == [Status.DRAFT, Status.PUBLISHED, Status.SUPERSEDED]
    back = store.rollback()
    assert (back.id, back.status) == ("r0001", Status.PUBLISHED)
    assert store.get("r0002").status is Status.ROLLED_BACK
    assert store.publish("r0003").supersedes == "r0001"
    assert store.rollback().id == "r0001"


@pytest.mark.parametrize("before", [["r0001"], ["r0001", "r0002"]])
def test_only_drafts_can_be_published(store: Store, plan: Plan, before: list[str]) -> None:
    for release_id in before:
        store.add_draft(plan)
        store.publish(release_id)
    with pytest.raises(InputError, match=r"'r0001'.*status is '(published|superseded)'.*glocal refresh"):
        store.publish("r0001")


def test_what_cannot_be_rolled_back(store: Store, plan: Plan) -> None:
    with pytest.raises(InputError, match="nothing to roll back"):
        store.rollback()
    store.add_draft(plan)
    store.publish("r0001")
    with pytest.raises(InputError, match=r"'r0001'.*nothing to go back to"):
        store.rollback()
    assert store.get("r0001").status is Status.PUBLISHED


def test_an_unknown_release_is_said_to_be(store: Store, plan: Plan) -> None:
    store.add_draft(plan)
    for ask in (store.get, store.accounts, store.scores, store.publish):
        with pytest.raises(NotFoundError, match=r"'r0009'.*r0001"):
            ask("r0009")


def test_a_failure_leaves_nothing_and_wastes_no_id(store: Store, plan: Plan) -> None:
    with pytest.raises(ZeroDivisionError), store.drafting(plan):
        1 / 0  # noqa: B018
    assert store.releases() == []
    broken = plan.accounts.assign(name=plan.accounts["name"].where(plan.accounts.index != 150))
    with pytest.raises(IntegrityError):
        store.add_draft(Plan(plan.origin, broken, plan.scores, plan.aliases, plan.models, plan.counts))
    assert store.releases() == []
    assert store.add_draft(plan).id == "r0001"
    assert len(store.scores("r0001")) == len(plan.scores)


def test_notes_come_back(store: Store, plan: Plan) -> None:
    note = Note("model_refused", {"kind": "expansion", "reason": "12 件しかない"})
    release = store.add_draft(
        Plan(plan.origin, plan.accounts, plan.scores, plan.aliases, {}, plan.counts, notes=(note,))
    )
    assert release.notes == (note,)


def test_an_empty_release_is_one(store: Store, plan: Plan) -> None:
    store.add_draft(Plan(plan.origin, plan.accounts[:0], plan.scores[:0], plan.aliases[:0], {}, {}))
    assert store.accounts("r0001").empty
    assert list(store.scores("r0001").columns) == list(SCORE_COLUMNS)


def test_a_database_of_before_gets_the_columns_that_came_since(tmp_path: Path, plan: Plan) -> None:
    url = f"sqlite:///{tmp_path}/state.db"
    with Store(url) as store:
        store.add_draft(plan)
        before = store.accounts("r0001")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE release_scores DROP COLUMN probability_by_day"))
    engine.dispose()
    with Store(url) as store:
        again = store.accounts("r0001")
        assert again["probability_by_day"].isna().all()
        pd.testing.assert_frame_equal(
            again.drop(columns="probability_by_day"), before.drop(columns="probability_by_day"), check_exact=True
        )
        assert store.add_draft(plan).id == "r0002"
        assert store.accounts("r0002")["probability_by_day"].notna().any()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "'nonsense'.*no URL"),
        ("mysql://u:secret@host/db", "SQLite or PostgreSQL"),
        ("sqlite:////nonexistent/folder/state.db", "cannot be opened"),
    ],
)
def test_a_wrong_url_is_said_to_be_wrong(url: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        Store(url)
    assert "secret" not in str(refused.value)


def test_no_password_is_shown() -> None:
    with pytest.raises(InputError) as refused:
        Store("postgresql://glocal:secret@localhost:1/none")
    assert "secret" not in str(refused.value)


class Releases(RuleBasedStateMachine):
    """Whatever people do in whatever order, at most one release is published, and each is in one legal state."""

    folder: Path
    plan: Plan
    runs = 0

    def __init__(self) -> None:
        super().__init__()
        Releases.runs += 1
        self.store = Store(f"sqlite:///{self.folder / f'{Releases.runs}.db'}")
        self.trail: list[str] = []
        self.drafts: list[str] = []

    @rule()
    def draft(self) -> None:
        self.drafts.append(self.store.add_draft(self.plan).id)

    @precondition(lambda self: self.drafts)
    @rule(data=st.data())
    def publish(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(self.drafts))
        self.drafts.remove(chosen)
        self.store.publish(chosen)
        self.trail.append(chosen)

    @precondition(lambda self: len(self.trail) > 1)
    @rule()
    def rollback(self) -> None:
        self.trail.pop()
        assert self.store.rollback().id == self.trail[-1]

    @precondition(lambda self: len(self.trail) < 2)
    @rule()
    def rollback_in_vain(self) -> None:
        with pytest.raises(InputError):
            self.store.rollback()

    @invariant()
    def says_who_is_published(self) -> None:
        published = self.store.published()
        assert (published.id if published else None) == (self.trail[-1] if self.trail else None)
        states = {one.id: one.status for one in self.store.releases()}
        assert [id_ for id_, status in states.items() if status is Status.DRAFT] == sorted(self.drafts, reverse=True)
        assert all(states[id_] is Status.SUPERSEDED for id_ in self.trail[:-1])

    def teardown(self) -> None:
        self.store.close()


def test_any_order_of_commands(tmp_path: Path, plan: Plan) -> None:
    Releases.folder = tmp_path
    Releases.plan = Plan(plan.origin, plan.accounts[:0], plan.scores[:0], plan.aliases[:0], {}, {})
    case = Releases.TestCase
    case.settings = settings(max_examples=10, stateful_step_count=15, deadline=None)
    case().runTest()


def add_some(url: str, plan: Plan) -> list[str]:
    """Add and publish in a process of its own; tables may not exist yet."""
    with Store(url) as store:
        made = [store.add_draft(plan).id for _ in range(3)]
        store.publish(made[-1])
        return made


def opened(url: str) -> list[Release]:
    with Store(url) as store:
        return store.releases()


def test_two_processes_open_a_new_store_at_once(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for n in range(60):
            assert pool.map(opened, [f"sqlite:///{tmp_path / f'{n}.db'}"] * 2, chunksize=1) == [[], []]


def test_two_processes_share_a_store(url: str, plan: Plan) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        made = pool.starmap(add_some, [(url, plan)] * 2)
    assert sorted(made[0] + made[1]) == [f"r{n:04d}" for n in range(1, 7)]
    with Store(url) as store:
        assert all(len(store.scores(release.id)) == len(plan.scores) for release in store.releases())
        by_status = [one.status for one in store.releases() if one.status is not Status.DRAFT]
        assert sorted(by_status) == [Status.PUBLISHED, Status.SUPERSEDED]


def test_readers_neither_wait_for_a_draft_nor_see_half_of_it(store: Store, plan: Plan, url: str) -> None:
    with store.drafting(plan):
        assert store.releases() == []
        with Store(url) as other:
            assert other.releases() == []
    assert len(store.releases()) == 1
