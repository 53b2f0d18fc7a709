"""Who asked for playbooks, when, for whom: more where a purchase goes on and where sales attend."""

from dataclasses import dataclass

import numpy as np

from simulation.accounts import Population
from simulation.arrays import IntArray, Times
from simulation.calendar import working_moment
from simulation.contacts import LANGUAGES, ROLES, Contacts
from simulation.emission import emit, rate_table
from simulation.geography import MARKETS
from simulation.parameters import Stage
from simulation.process import unpack
from simulation.walk import Walk

FIRST_STEP = 219
STAGES = ("awareness", "consideration", "evaluation", "decision", "adoption")
RATES = rate_table((0.0011, 0.006, 0.010, 0.016, 0.016), (0.8, 1.2, 1.6), attention=2.5)
STAGE_RIGHT = 0.75


@dataclass(frozen=True, slots=True)
class Requests:
    """Who asked for playbooks; each array has shape (n_requests,), all but the times are codes.

    Parameters
    ----------
    stage : as sales see it; ``true_stage`` as it is.
    persona : as asked for; the contact's true role.
    """

    account: IntArray
    unit: IntArray
    asked_at: Times
    stage: IntArray
    true_stage: IntArray
    persona: IntArray
    contact: IntArray
    language: IntArray
    market: IntArray


def build_requests(rng: np.random.Generator, population: Population, walks: list[Walk], contacts: Contacts) -> Requests:
    """Draw the requests in order of time.

    Parameters
    ----------
    rng : its source of chance.
    population, walks, contacts : the world so far.
    """
    step, account, unit, true_stage = _asked(rng, population, walks)
    market = population.market[account]
    asked_at = working_moment(rng, step, np.array([m.utc_offset for m in MARKETS])[market])
    contact = contacts.pick(rng, account, step, np.full(account.size, 1.3))
    home = np.array([LANGUAGES.index(m.languages[0][0]) for m in MARKETS])[market]
    anyone = rng.integers(0, len(ROLES), account.size)
    right = rng.random(account.size) < STAGE_RIGHT
    order = np.argsort(asked_at, kind="stable")
    return Requests(
        account=account[order],
        unit=unit[order],
        asked_at=asked_at[order],
        stage=np.where(right, true_stage, rng.integers(0, len(STAGES), account.size))[order],
        true_stage=true_stage[order],
        persona=np.where(contact >= 0, contacts.role[contact], anyone)[order],
        contact=contact[order],
        language=np.where(contact >= 0, contacts.language[contact], home)[order],
        market=market[order],
    )


def _asked(
    rng: np.random.Generator, population: Population, walks: list[Walk]
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return step, account, business unit and true stage of each request."""
    parts = []
    for unit, walk in enumerate(walks):
        come = emit(rng, population, walk, RATES, np.ones(population.n), first_step=FIRST_STEP)
        state = unpack(come.code)
        adopting = (state.stage == Stage.DORMANT) & (state.owned == 1)
        stage = np.where(adopting, len(STAGES) - 1, np.maximum(state.stage.astype(np.int64) - 1, 0))
        parts.append(np.stack([come.step, come.account, np.full(stage.size, unit), stage]))
    step, account, unit_of, true_stage = np.concatenate(parts, axis=1)
    return step, account, unit_of, true_stage
