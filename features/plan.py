"""Plans: the steps that compute snapshots, made once for tables of a kind and a group, and run on any cutoffs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Annotated

import pyarrow as pa
from annotated_types import Len
from pydantic import TypeAdapter, ValidationError

from features.given import THERE, UNITED, Given
from features.group import Group
from features.keeper import Keeper, Step
from features.sessions import Session

PREFIX = "glocal_plan_"
"""What the names of tables begin with in a plan; each run puts its own in place."""

_PLANNERS = ("duckdb", "ibis-framework", "sqlglot")
_STEPS = TypeAdapter(Annotated[tuple[Step, ...], Len(1)])
_PLANS: dict[str, Plan] = {}

Progress = Callable[[str], None]
Write = Callable[[Keeper], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps that compute something, in their order."""

    steps: tuple[Step, ...]

    def run(self, session: Session, progress: Progress) -> Iterator[pa.Table]:
        """Do all steps and yield each table that is fetched.

        Parameters
        ----------
        session : of an engine that holds tables of the kind that the plan was made for.
        progress : told what is being done.
        """
        for planned in self.steps:
            step = replace(planned, sql=planned.sql.replace(PREFIX, session.prefix))
            if step.does == "tell":
                progress(step.name)
            elif step.does == "fetch":
                yield session.fetch(step.sql)
            else:
                session.do(step)


def plan_for(given: Given, group: Group, write: Write) -> Plan:
    """Return the plan for tables of this kind, the group, and the cutoffs' time of day.

    Making one takes a second or more, whatever the size of the tables. On DuckDB it holds for all tables with the same
    columns, and is kept: in memory, and in the tables' folder of plans, where plans of other versions are removed.

    Parameters
    ----------
    given : what the plan is to be run on.
    group : regions and business units.
    write : tells a keeper all steps.
    """
    if given.tables.connection.name != "duckdb":  # the cutoffs stand in Spark's queries
        return _made(given, write)
    key = _key(given, group)
    if key not in _PLANS:
        _PLANS[key] = _read(given.tables.plans, key) or _kept(given.tables.plans, key, _made(given, write))
    return _PLANS[key]


def _made(given: Given, write: Write) -> Plan:
    steps: list[Step] = []
    write(Keeper(given, PREFIX, steps.append))
    return Plan(tuple(_with_drops(steps)))


def _with_drops(steps: Sequence[Step]) -> Iterator[Step]:
    """Let go of each table that is kept right after its last reader, which halves the memory that is needed."""
    last_read = {name: at for at, step in enumerate(steps) for name in (step.name, *_read_by(step))}
    kept = [step.name for step in steps if step.does == "keep"]
    for at, step in enumerate(steps):
        yield step
        yield from (Step("drop", name) for name in kept if last_read[name] == at)


def _read_by(step: Step) -> list[str]:
    """Return the tables that a step reads; accounts are united in Python, from those that were there."""
    return [THERE] if step.name == UNITED else re.findall(rf"{PREFIX}(\w+)", step.sql)


def _key(given: Given, group: Group) -> str:
    """Return a digest of all that a plan depends on."""
    tables = given.tables
    columns = {
        name: [(column, str(dtype)) for column, dtype in rows.schema().items()] for name, rows in tables.own.items()
    }
    static, offset = sorted(tables.static), given.calendar.offset.total_seconds()
    about = json.dumps([columns, static, offset, group.model_dump(mode="json")], sort_keys=True)
    return sha256(about.encode()).hexdigest()


@cache
def _planner() -> str:
    """Return a digest of the code that makes plans, ours and that of the libraries."""
    digest = sha256("".join(f"{name} {version(name)} " for name in _PLANNERS).encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _read(folder: Path | None, key: str) -> Plan | None:
    """Return a plan that was kept in a folder; None where it is not there, or cannot be read."""
    if folder is None:
        return None
    try:
        return Plan(_STEPS.validate_json((folder / _planner() / f"{key}.json").read_bytes()))
    except (OSError, ValidationError):
        return None


def _kept(folder: Path | None, key: str, plan: Plan) -> Plan:
    """Keep a plan in a folder, if there is one that can be written to, and remove those of other versions."""
    if folder is None:
        return plan
    here = folder / _planner()
    try:
        for other in folder.glob("*"):
            if other != here:
                rmtree(other, ignore_errors=True)
        here.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=here) as drafts:
            draft = Path(drafts, key)
            draft.write_bytes(_STEPS.dump_json(plan.steps))
            draft.replace(here / f"{key}.json")
    except OSError:
        pass
    return plan
