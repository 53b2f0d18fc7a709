"""The known truth: for each account, business unit and cutoff, the exact chance of success and what came of it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.accounts import BUSINESS_UNITS, Population
from simulation.arrays import IntArray, ObjectArray
from simulation.calendar import STEPS, cutoff_steps, instant
from simulation.chain import PROGRESS, ChainTables
from simulation.formats import named, write_parquet
from simulation.parameters import Stage
from simulation.process import unpack
from simulation.records import Records
from simulation.recursion import win_probabilities
from simulation.walk import Walk

FIRST_CUTOFF_STEP = 73
KINDS = ("new_logo", "cross_sell", "upsell")
STAGES = tuple(stage.name.lower() for stage in Stage)
EXCITATION_NAMES = ("quiet", "warm", "hot")
NEVER = STEPS + 1


def export_truth(
    population: Population,
    walks: list[Walk],
    tables: Mapping[str, ChainTables],
    records: Records,
    parameters: Mapping[str, object],
    out: Path,
) -> int:
    """Write probabilities, aliases and parameters into ``out`` and return the number of probabilities.

    Parameters
    ----------
    population, walks, records : the world.
    tables : of each business unit.
    parameters : what else is to be written down, as JSON holds it.
    out : folder, made if it is not there.
    """
    out.mkdir(parents=True, exist_ok=True)
    truth = truth_table(population, walks, tables, records.entity_id)
    write_parquet(truth, out / "probabilities.parquet")
    rows = np.flatnonzero(records.second_code >= 0)
    pairs = np.concatenate([records.account_id[rows], records.second_id[rows]])
    aliases = pd.DataFrame({"account_id": pairs, "entity_id": np.tile(records.entity_id[rows], 2)})
    aliases = aliases[aliases["account_id"] != aliases["entity_id"]]
    write_parquet(aliases.sort_values("account_id", ignore_index=True), out / "aliases.parquet")
    text = pd.Series(parameters).to_json(indent=1, force_ascii=False)
    (out / "parameters.json").write_text(text + "\n", encoding="utf-8")
    return len(truth)


def truth_table(
    population: Population, walks: list[Walk], tables: Mapping[str, ChainTables], entity_id: ObjectArray
) -> pd.DataFrame:
    """Return the truth at each cutoff.

    Parameters
    ----------
    population, walks : the world.
    tables : of each business unit.
    entity_id : of each account.

    Returns
    -------
    DataFrame with ``account_id``, ``business_unit``, ``cutoff``, ``kind``, ``probability``, the hidden state
    (``stage``, ``age`` in steps, ``excitation``, ``attention``, ``fit`` and ``size`` classes), and ``label``: whether
    there was a win within the horizon, missing where the horizon ends after the last day.
    """
    customer_from = np.min([first_wins(walk, population.n) for walk in walks], axis=0)
    parts = [
        _unit(population, walk, tables[name], unit, customer_from)
        for unit, (name, walk) in enumerate(zip(BUSINESS_UNITS, walks, strict=True))
    ]
    rows = pd.concat(parts, ignore_index=True)
    cutoff = instant(rows.pop("step").to_numpy())
    rows.insert(0, "account_id", named(rows.pop("account"), entity_id))
    rows.insert(1, "business_unit", named(rows.pop("unit"), BUSINESS_UNITS))
    rows.insert(2, "cutoff", cutoff)
    rows["kind"] = named(rows["kind"], KINDS)
    rows["stage"] = named(rows["stage"], STAGES)
    rows["excitation"] = named(rows["excitation"], EXCITATION_NAMES)
    return rows


def first_wins(walk: Walk, n: int) -> IntArray:
    """Return the step of each account's first win, -1 for owners on the first day, ``NEVER`` for none, shape (n,)."""
    won = (walk.stage == Stage.DECISION) & (walk.exit == PROGRESS)
    first = np.full(n, NEVER, dtype=np.int64)
    np.minimum.at(first, walk.account[won], walk.step[won])
    return np.where(walk.owned_at_start, -1, first)


def win_counts(walk: Walk, n: int) -> NDArray[np.int16]:
    """Return how many wins each account had before each instant of the grid, shape (STEPS + 1, n)."""
    won = (walk.stage == Stage.DECISION) & (walk.exit == PROGRESS)
    counts = np.zeros((STEPS + 1, n), dtype=np.int16)
    np.add.at(counts, (walk.step[won] + 1, walk.account[won]), 1)
    return np.asarray(np.cumsum(counts, axis=0, dtype=np.int16))


def _unit(population: Population, walk: Walk, tables: ChainTables, unit: int, customer_from: IntArray) -> pd.DataFrame:
    chances = win_probabilities(tables, tables.horizon_steps).astype(np.float32)
    wins = win_counts(walk, population.n)
    parts = [
        _cutoff(population, walk, chances, wins, unit, int(step), tables.horizon_steps, customer_from)
        for step in cutoff_steps(FIRST_CUTOFF_STEP)
    ]
    return pd.concat(parts, ignore_index=True)


def _cutoff(
    population: Population,
    walk: Walk,
    chances: NDArray[np.float32],
    wins: NDArray[np.int16],
    unit: int,
    step: int,
    horizon: int,
    customer_from: IntArray,
) -> pd.DataFrame:
    account = np.arange(population.active(step))
    state = unpack(walk.packed[step, : account.size])
    age = walk.age[step, : account.size]
    fit, size = population.fit[unit, : account.size], population.size[: account.size]
    owned = state.owned.astype(np.int64)
    label = pd.array(np.zeros(account.size, dtype=bool), dtype="boolean")
    if step + horizon <= STEPS:
        label = pd.array(wins[step + horizon, : account.size] > wins[step, : account.size], dtype="boolean")
    else:
        label[:] = pd.NA
    return pd.DataFrame(
        {
            "step": step,
            "account": account.astype(np.int32),
            "unit": np.int8(unit),
            "kind": np.where(owned == 1, 2, (customer_from[: account.size] < step).astype(np.int8)).astype(np.int8),
            "probability": chances[fit, size, owned, state.stage, age, state.excitation, state.attention],
            "stage": state.stage,
            "age": age,
            "excitation": state.excitation,
            "attention": state.attention,
            "fit": fit.astype(np.uint8),
            "size": size.astype(np.uint8),
            "label": label,
        }
    )
