"""The playbook library of the simulated group, from the authored texts beside this file."""

import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

FOLDER = Path(__file__).with_name("library")
LISTS = ("markets", "business_units", "industries", "stages", "personas")
FAMILY_COLUMNS = ("kind", "channel", "format", "audience", "business_units", "industries", "stages", "personas")
COLUMNS = (
    "asset_id", "family_id", "layer", "language", "title", "body", *LISTS, "kind", "channel", "format", "audience",
    "valid_from", "expires_at", "status", "external_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Library:
    """All variants.

    Parameters
    ----------
    table : one row per variant with the columns of the contract's playbooks; lists or None.
    family : code of each variant's family, shape (n_variants,).
    families : ids by code.
    """

    table: pd.DataFrame
    family: NDArray[np.int64]
    families: tuple[str, ...]

    def allows(self, column: str, value: str) -> NDArray[np.bool_]:
        """Tell which variants name a value in a list column, or name none, which means all; shape (n_variants,)."""
        return np.array([values is None or value in values for values in self.table[column]], dtype=bool)


def load_library() -> Library:
    """Read every family's texts, in the order of folders and file names."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    families = [yaml.load(path.read_text(encoding="utf-8"), loader) for path in sorted(FOLDER.glob("*/*.yaml"))]  # noqa: S506
    table = pd.DataFrame([row for family in families for row in _variants(family)], columns=list(COLUMNS))
    table["valid_from"] = pd.to_datetime(table["valid_from"])
    table["expires_at"] = pd.to_datetime(table["expires_at"])
    names = tuple(family["family_id"] for family in families)
    code = table["family_id"].map({name: number for number, name in enumerate(names)})
    return Library(table, code.to_numpy(dtype=np.int64), names)


def _variants(family: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of one family, each with an id that tells family, language, layer and number."""
    common = {"family_id": family["family_id"], "status": "approved", **{name: family[name] for name in FAMILY_COLUMNS}}
    seen: Counter[str] = Counter()
    rows = []
    for variant in family["variants"]:
        kind = f"{variant['language']}-{variant['layer']}"
        seen[kind] += 1
        asset = f"{family['family_id']}--{kind}-{seen[kind]}"
        rows.append(common | variant | {"asset_id": asset, "external_id": f"DAM-{zlib.crc32(asset.encode()):010d}"})
    return rows
