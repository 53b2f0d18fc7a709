"""Which code made a result."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("features", "models", "tiering", "training")


@lru_cache(maxsize=1)
def code_version() -> str:
    """Return the version of Glocal and a digest of the source that signals, models and tiers depend on."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(f"{path.relative_to(root)}\0".encode())
            digest.update(path.read_bytes())
    return f"{version('glocal')}+{digest.hexdigest()[:12]}"
