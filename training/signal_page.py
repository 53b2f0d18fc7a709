"""The page that a training leaves behind: every signal, by family, as a person looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

import numpy as np
from jinja2 import Environment, PackageLoader

from training.signal_profile import Floats, Profile

WIDTH, HEIGHT = 96, 20
"""Of a line drawn in a cell, in pixels."""

NOTICEABLE, MOVED = 0.1, 0.25
"""Population stability indices from which a drift is marked."""


def write_signal_page(profiles: Sequence[Profile], cutoffs: Sequence[datetime], path: Path) -> None:
    """Write the profiles as one HTML file that needs no other.

    Parameters
    ----------
    profiles : in the order of the catalogue, so that families stand together.
    cutoffs : those that were looked at, ascending.
    path : of the file; its folder is made.
    """
    pages = Environment(loader=PackageLoader("training", "pages"), autoescape=True)
    pages.filters |= {"number": _number, "line": _line, "share": lambda value: f"{value:.0%}"}
    text = pages.get_template("signals.html").render(
        families=[(name, list(group)) for name, group in groupby(profiles, lambda profile: profile.signal.family)],
        regions=sorted({region for profile in profiles for region in profile.regions}),
        cutoffs=[f"{cutoff:%Y-%m-%d}" for cutoff in cutoffs],
        noticeable=NOTICEABLE,
        moved=MOVED,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _number(value: float | None) -> str:
    if value is None or np.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2f}"


def _line(values: Floats) -> str:
    """Return the points of a line through the values, left to right, as SVG has them; empty where there are none."""
    known = np.isfinite(values)
    if not known.any():
        return ""
    low, high = values[known].min(), values[known].max()
    across = np.linspace(1, WIDTH - 1, len(values)) if len(values) > 1 else np.array([WIDTH / 2])
    up = (values - low) / (high - low) if high > low else np.full(len(values), 0.5)
    down = HEIGHT - 2 - up * (HEIGHT - 4)
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across[known], down[known], strict=True))
