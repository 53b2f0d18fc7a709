"""What changed between releases: the moves that matter most are read first."""

from __future__ import annotations

import pandas as pd

from glocal.commands.tiers import _weightiest


def test_tiers_of_most_effort_come_first_and_there_the_largest_change():
    changes = pd.DataFrame(
        [
            ("none", "programmatic", 900.0),
            ("scale", "programmatic", -5.0),
            ("scale", "strategic", 1.0),
            ("strategic", "none", -7.0),
            ("programmatic", "none", None),
            ("none", "scale", 6.0),
        ],
        columns=["from_tier", "to_tier", "priority_value_change"],
    )
    order = _weightiest(changes, ["strategic", "scale", "programmatic"]).index
    assert order.tolist() == [3, 2, 5, 1, 0, 4]
