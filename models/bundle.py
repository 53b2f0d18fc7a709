"""The bundle: the models that serve together, kept as a folder of LightGBM text and JSON; loading it runs no code."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from lightgbm.basic import LightGBMError
from pydantic import BaseModel, ConfigDict, ValidationError

from features.errors import InputError, NotFoundError
from models.drift import Reference
from models.hazards import HazardModel
from models.inputs import MODEL_KINDS, ModelKind
from models.manifest import BundleManifest
from models.propensity_state import HazardState
from models.scoring import Bundle, KindModels
from models.value import ValueModel

__all__ = ["Bundle", "BundleManifest", "KindModels", "digests", "load_bundle", "save"]

MANIFEST_FILE = "manifest.json"

PROPENSITY, TREES, LEADING_TREES, GROSS_PROFIT, AMOUNT, REFERENCE = (
    "propensity.json",
    "trees.txt",
    "leading_trees.txt",
    "gross_profit.json",
    "amount.json",
    "reference.json",
)
"""What the files of one kind of model are called, after the kind."""


class _Contents(BaseModel):
    """The manifest file.

    Parameters
    ----------
    manifest : of the bundle.
    files : sha256 of every other file, by name.
    sha256 : of this file's content, itself left empty.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    manifest: BundleManifest
    files: dict[str, str]
    sha256: str = ""

    def sealed(self) -> _Contents:
        """Return it with its digest."""
        unsealed = self.model_copy(update={"sha256": ""})
        return self.model_copy(update={"sha256": _digest(unsealed.model_dump_json().encode())})


def save(bundle: Bundle, folder: Path) -> None:
    """Write a bundle; a reader finds it whole or not at all. The same bundle gives the same bytes.

    Parameters
    ----------
    folder : must not exist yet: a saved bundle never changes.

    Raises
    ------
    InputError
        If the folder exists.
    """
    if folder.exists():
        raise InputError(f"{folder}: it exists already, and a saved bundle never changes; give another folder")
    texts = {name: text for kind in MODEL_KINDS for name, text in _texts(kind, bundle.of(kind)).items()}
    digests = {name: _digest(text.encode()) for name, text in texts.items()}
    contents = _Contents(manifest=bundle.manifest, files=digests).sealed()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
        draft = Path(temporary) / folder.name
        draft.mkdir()
        for name, text in {**texts, MANIFEST_FILE: contents.model_dump_json(indent=2) + "\n"}.items():
            (draft / name).write_bytes(text.encode())
        draft.rename(folder)


def load_bundle(folder: Path) -> Bundle:
    """Read a bundle; it scores the same to the bit as the one that was saved.

    Raises
    ------
    NotFoundError
        If there is none.
    InputError
        If a file is missing, or is not what was saved.
    """
    contents = _read_contents(folder)
    texts = {name: _read(folder / name, digest) for name, digest in contents.files.items()}
    try:
        return Bundle(contents.manifest, {kind: _models(kind, texts) for kind in MODEL_KINDS})
    except (LightGBMError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{folder}: this bundle is of another version of Glocal ({error}); train anew") from error


def digests(folder: Path) -> Mapping[str, str]:
    """Return the sha256 of each file of a bundle: two that are the same have the same.

    Raises
    ------
    NotFoundError
        If there is none.
    InputError
        If the manifest is not what was saved.
    """
    contents = _read_contents(folder)
    return {**contents.files, MANIFEST_FILE: contents.sha256}


def _read_contents(folder: Path) -> _Contents:
    path = folder / MANIFEST_FILE
    try:
        contents = _Contents.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFoundError(f"{folder}: there is no bundle here, it lacks {MANIFEST_FILE}; train one") from error
    except ValidationError as error:
        raise _changed(path) from error
    if contents.sha256 != contents.sealed().sha256:
        raise _changed(path)
    return contents


def _read(path: Path, digest: str) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: this file of the bundle is missing; restore the folder, or train anew") from error
    if _digest(content) != digest:
        raise _changed(path)
    return content.decode()


def _changed(path: Path) -> InputError:
    return InputError(f"{path}: this is not what was saved, its digest differs; restore the folder, or train anew")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _texts(kind: ModelKind, models: KindModels) -> dict[str, str]:
    """Return the files of one kind of model, by name."""
    texts = {}
    if models.propensity is not None:
        state = models.propensity.to_state()
        texts[PROPENSITY] = state.model_dump_json(exclude={"propensity": {"booster": True, "lead": {"booster"}}})
        texts[TREES] = state.propensity.booster
        if state.propensity.lead is not None:
            texts[LEADING_TREES] = state.propensity.lead.booster
    if models.gross_profit is not None:
        texts[GROSS_PROFIT] = models.gross_profit.to_json()
    if models.amount is not None:
        texts[AMOUNT] = models.amount.to_json()
    if models.reference is not None:
        texts[REFERENCE] = models.reference.model_dump_json()
    return {f"{kind}.{name}": text for name, text in texts.items()}


def _models(kind: ModelKind, texts: Mapping[str, str]) -> KindModels:
    """Return the models of one kind from the files of all."""
    return KindModels(
        propensity=_propensity(
            texts[f"{kind}.{PROPENSITY}"], texts[f"{kind}.{TREES}"], texts.get(f"{kind}.{LEADING_TREES}")
        )
        if f"{kind}.{PROPENSITY}" in texts
        else None,
        gross_profit=_value(texts.get(f"{kind}.{GROSS_PROFIT}")),
        amount=_value(texts.get(f"{kind}.{AMOUNT}")),
        reference=_reference(texts.get(f"{kind}.{REFERENCE}")),
    )


def _propensity(text: str, trees: str, leading_trees: str | None) -> HazardModel:
    state = json.loads(text)
    state["propensity"]["booster"] = trees
    if leading_trees is not None:
        state["propensity"]["lead"]["booster"] = leading_trees
    return HazardModel.from_state(HazardState.model_validate(state))


def _reference(text: str | None) -> Reference | None:
    return None if text is None else Reference.model_validate_json(text)


def _value(text: str | None) -> ValueModel | None:
    return None if text is None else ValueModel.from_json(text)
