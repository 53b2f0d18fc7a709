"""The latent buying process of the simulated group: its model and every number of it.

Each pair of an account and a business unit is one chain on a grid of five-day steps. Its hidden state is

* a **stage**: dormant, awareness, consideration, evaluation (an opportunity opens on entry) or decision;
* the **age** in that stage, in steps, counted up to a cap: sojourns are not geometric, so age matters;
* an **excitation** level, quiet, warm or hot: engagement that excites more engagement, likelier to rise late in a
  purchase, and from warm likelier than from quiet;
* sales **attention**, on or off, which goes where things look promising (excitation, size, an open opportunity);
* whether the unit is **owned**, that is, has won here before: an owner's chain has clocks of its own;
* two traits that never change: a **fit** class and a **size** class.

In a step a chain leaves its stage through one of three competing exits, each with its own clock (a discretised Weibull
or log-logistic cumulative hazard of the age), speeded up or slowed down by traits, excitation and attention:
*progress* to the next stage (from decision: a **win**, back to dormant as an owner), *fall back* to dormant without a
decision, or *lost* to somebody else (an open opportunity closes in both). Excitation and attention move in the same
step, each given the state at the step's start only. Nothing depends on the calendar, on other chains, or on what was
observed, so the probability of a win within any number of steps follows exactly from the state by backward recursion.

Time scales of the stages are in units of the business unit's horizon.
"""

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Literal

STEP_DAYS = 5
FIT_CLASSES = 7
SIZE_CLASSES = 3
EXCITATIONS = 3


class Stage(IntEnum):
    """Where a purchase stands; evaluation and decision have an open opportunity."""

    DORMANT = 0
    AWARENESS = 1
    CONSIDERATION = 2
    EVALUATION = 3
    DECISION = 4


@dataclass(frozen=True, slots=True)
class Clock:
    """One exit's cumulative hazard of age: ``(t/scale)**shape``, or the logarithm of one plus that.

    Parameters
    ----------
    scale : in horizons, > 0.
    shape : > 0; 1 in a Weibull clock would be memoryless.
    family : ``weibull`` (the longer, the likelier) or ``loglogistic`` (likelier at first, then ever less likely).
    """

    scale: float
    shape: float
    family: Literal["weibull", "loglogistic"] = "weibull"


@dataclass(frozen=True, slots=True)
class Exits:
    """The competing exits of one stage; ``None`` where a stage has no such exit."""

    progress: Clock
    fall_back: Clock | None = None
    lost: Clock | None = None


@dataclass(frozen=True, slots=True)
class Pull:
    """How a stage's progress is speeded up, as log hazard ratios; falling back and losing get ``-resist`` times it.

    Parameters
    ----------
    fit : per standard deviation of the fit trait.
    size : per size class above the middle one.
    excitation : per excitation level above quiet.
    attention : when sales attend.
    resist : share of the pull, negated, that acts upon the other exits.
    """

    fit: float
    size: float
    excitation: float
    attention: float
    resist: float = 0.5


@dataclass(frozen=True, slots=True)
class Excitation:
    """Chances per step that excitation moves one level, before the stage's factor."""

    quiet_to_warm: float = 0.03
    warm_to_hot: float = 0.09
    warm_to_quiet: float = 0.10
    hot_to_warm: float = 0.16
    stage_factor: tuple[float, ...] = (0.5, 1.3, 2.0, 2.4, 2.4)


@dataclass(frozen=True, slots=True)
class Attention:
    """Log odds per step that sales attention goes on, and that it stays on."""

    on: float = -4.6
    stay: float = 1.5
    excitation: float = 0.7
    size: float = 0.35
    opportunity: float = 1.6


FUNNEL = (
    Exits(Clock(0.50, 1.6), Clock(0.30, 1.3)),
    Exits(Clock(0.32, 1.8), Clock(0.24, 1.4)),
    Exits(Clock(0.20, 2.0), Clock(0.30, 1.3), Clock(0.27, 1.6)),
    Exits(Clock(0.13, 2.2), Clock(0.27, 1.3), Clock(0.16, 1.8)),
)

PULLS = (
    Pull(fit=0.42, size=0.08, excitation=0.20, attention=0.20),
    Pull(fit=0.22, size=0.04, excitation=0.22, attention=0.20),
    Pull(fit=0.17, size=0.04, excitation=0.22, attention=0.20),
    Pull(fit=0.13, size=0.04, excitation=0.20, attention=0.20),
    Pull(fit=0.13, size=0.04, excitation=0.20, attention=0.20),
)


@dataclass(frozen=True, slots=True)
class ChainParameters:
    """The buying process in one business unit.

    Parameters
    ----------
    horizon_days : the unit's sales cycle, a multiple of ``STEP_DAYS``.
    prospects, owners : exits per stage before and after the first win.
    pulls : per stage.
    owned_at_start : share of the accounts known on the first day that already own the unit, at middling fit.
    age_cap : ages count up to this many horizons.
    """

    horizon_days: int
    prospects: tuple[Exits, ...]
    owners: tuple[Exits, ...]
    pulls: tuple[Pull, ...] = PULLS
    excitation: Excitation = field(default_factory=Excitation)
    attention: Attention = field(default_factory=Attention)
    owned_at_start: float = 0.05
    age_cap: float = 1.2

    @property
    def horizon_steps(self) -> int:
        """The horizon in steps of the grid."""
        return self.horizon_days // STEP_DAYS


@dataclass(frozen=True, slots=True)
class Tempo:
    """What tells one business unit's process from another's.

    Parameters
    ----------
    horizon_days : sales cycle in days.
    pace : factor on the time scales of all stages but the dormant one.
    prospect_sleep, owner_sleep : scale of the dormant stage's clock, in horizons.
    owned : share of owners on the first day.
    fit : factor on the pull of the fit trait.
    """

    horizon_days: int
    pace: float
    prospect_sleep: float
    owner_sleep: float
    owned: float
    fit: float = 1.0


def chain_parameters(tempo: Tempo) -> ChainParameters:
    """Return the common process with a business unit's own tempo."""
    funnel = tuple(_paced(exits, tempo.pace) for exits in FUNNEL)
    return ChainParameters(
        tempo.horizon_days,
        prospects=(Exits(Clock(tempo.prospect_sleep, 1.2, "loglogistic")), *funnel),
        owners=(Exits(Clock(tempo.owner_sleep, 1.5, "loglogistic")), *funnel),
        pulls=tuple(replace(pull, fit=pull.fit * tempo.fit) for pull in PULLS),
        owned_at_start=tempo.owned,
    )


def _paced(exits: Exits, pace: float) -> Exits:
    def slowed(clock: Clock) -> Clock:
        return replace(clock, scale=clock.scale * pace)

    fall_back, lost = (clock and slowed(clock) for clock in (exits.fall_back, exits.lost))
    return Exits(slowed(exits.progress), fall_back, lost)


CHAINS = {
    "cloud": chain_parameters(Tempo(90, 0.46, 0.78, 1.30, 0.10)),
    "security": chain_parameters(Tempo(180, 0.50, 0.80, 1.10, 0.10)),
    "automation": chain_parameters(Tempo(270, 0.56, 0.72, 0.95, 0.09, fit=0.9)),
    "energy": chain_parameters(Tempo(540, 0.70, 0.55, 0.75, 0.08, fit=0.75)),
}
