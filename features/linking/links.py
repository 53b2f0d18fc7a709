"""All that speaks for two accounts being one company, found once and kept."""

from __future__ import annotations

import pandas as pd

from features.linking.candidates import candidate_pairs, ranks
from features.linking.comparable import comparable
from features.linking.evidence import KEYS, NAME, SHARED_BY_AT_MOST
from features.names.probability import SAME_AT, name_probabilities, without_home
from features.names.words import CompanyName, take_apart

COLUMNS = ("left_id", "right_id", "evidence", "probability", "crowd_id")
_AT_A_TIME = 50_000
_SUREST_NAME = 0.97
"""Two companies of one country may have the same name."""


def find_links(accounts: pd.DataFrame) -> pd.DataFrame:
    """Find the pairs of accounts that may be one company.

    Parameters
    ----------
    accounts : one row per account: ``account_id``, ``name``, ``country`` and, where known, ``lei``, ``duns``,
        ``registration_id``, ``domain`` and ``known_since``, the time from which on the account was known.

    Returns
    -------
    DataFrame with one row per pair and piece of evidence, in the order of all columns: ``left_id`` < ``right_id``;
    ``evidence``, a key's name or 'name'; ``probability`` that the two are one, nothing else being known, in (0, 1);
    ``crowd_id``, the account with which the key became too common to name anybody: the evidence counts only as long
    as that account is not known; missing where there is none.

    Notes
    -----
    What is found of two accounts depends on these two and on accounts that were known before either, so it can be
    found once and used for every time from which the two were known.
    """
    rows = comparable(accounts)
    pairs = candidate_pairs(rows)
    pieces = [_by_key(rows, pairs, key.name, key.columns, key.probability) for key in KEYS]
    found = pd.concat([*pieces, _by_name(rows, pairs)], ignore_index=True)
    ids = rows["account_id"].to_numpy()
    one, other = ids[found["left"]], ids[found["right"]]
    swap = one > other
    left, right = pd.Series(one).mask(swap, pd.Series(other)), pd.Series(other).mask(swap, pd.Series(one))
    links = found.assign(left_id=left, right_id=right)[list(COLUMNS)].astype(
        {"left_id": "str", "right_id": "str", "evidence": "str", "crowd_id": "str"}
    )
    return pd.DataFrame(links.sort_values(["left_id", "right_id", "evidence"], ignore_index=True))


def _by_key(
    rows: pd.DataFrame, pairs: pd.DataFrame, name: str, columns: tuple[str, ...], probability: float
) -> pd.DataFrame:
    """Return the pairs that share an identifier."""
    agree = pairs[pairs[name]]
    crowd = _crowds(rows, columns).to_numpy(object)
    return pd.DataFrame(
        {
            "left": agree["left"],
            "right": agree["right"],
            "evidence": name,
            "probability": probability,
            "crowd_id": crowd[agree["left"]],
        }
    )


def _by_name(rows: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of one country whose names are probably one company's."""
    country = rows["country"].to_numpy(object)
    here = pairs[country[pairs["left"]] == country[pairs["right"]]]
    names = rows["name"].to_numpy(object)
    probability: list[float] = []
    for start in range(0, len(here), _AT_A_TIME):
        part = here.iloc[start : start + _AT_A_TIME]
        both = zip(names[part["left"]], names[part["right"]], country[part["left"]], strict=True)
        probability.extend(name_probabilities([_apart(one, other, home) for one, other, home in both]))
    crowd = _crowds(rows, ("core", "country"))
    order = pd.Series(range(len(rows)), index=rows["account_id"])
    left, right = (crowd.to_numpy(object)[here[side]] for side in ("left", "right"))
    first = [_known_first(one, other, order) for one, other in zip(left, right, strict=True)]
    found = here[["left", "right"]].assign(evidence=NAME, probability=probability, crowd_id=first)
    likely = found[found["probability"] >= SAME_AT]
    return pd.DataFrame(likely.assign(probability=likely["probability"].clip(upper=_SUREST_NAME)))


def _apart(one: str, other: str, country: str) -> tuple[CompanyName, CompanyName]:
    return without_home(take_apart(one), country), without_home(take_apart(other), country)


def _crowds(rows: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    """Return for each account the one with which its values of a key became too common; None where they are not."""
    place = ranks(rows, columns)
    last = rows.loc[place == SHARED_BY_AT_MOST + 1, [*columns, "account_id"]]
    held = rows[list(columns)].merge(last.rename(columns={"account_id": "crowd"}), on=list(columns), how="left")
    complete = rows[list(columns)].notna().all(axis=1).to_numpy()
    return held["crowd"].astype("object").where(complete & held["crowd"].notna().to_numpy(), None)


def _known_first(one: str | None, other: str | None, order: pd.Series) -> str | None:
    """Return which of two accounts was known first."""
    return min((each for each in (one, other) if each is not None), key=lambda each: order[each], default=None)
