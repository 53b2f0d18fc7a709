"""Finding the files that a sources file names, and telling what kind they are."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Literal

from features.errors import InputError
from features.ingestion.sql import nearest

FileKind = Literal["csv", "parquet", "json", "excel"]

_KINDS: dict[str, FileKind] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".xlsx": "excel",
}

_BLOCK = 1 << 20
"""Bytes that are unpacked at a time."""


def file_kind(file: Path) -> FileKind | None:
    """Return what a file is by its ending, '.gz' apart; None for an ending that is not read."""
    return _KINDS.get((file.with_suffix("") if file.suffix.lower() == ".gz" else file).suffix.lower())


def find_files(folder: Path, given: str, where: str) -> tuple[Path, ...]:
    """Find what a file name, a folder or a pattern stands for.

    Parameters
    ----------
    folder : where relative paths start from.
    given : a file, a folder, or a pattern with '*', '?' or '**'.
    where : for messages.

    Returns
    -------
    Existing files of one kind, sorted by path.

    Raises
    ------
    InputError
        If there is none, or they are of several kinds, or of none that is read, or one is compressed and damaged.
    """
    path = folder / given
    files = [path] if path.is_file() else _in_folder(path) if path.is_dir() else _matching(folder, given)
    if not files:
        raise InputError(f"{where}: there is no file {given!r} in {path.parent}{_nearest_file(path)}")
    kinds = {file_kind(file) for file in files}
    if None in kinds:
        raise InputError(f"{where}: {files[0]}: files that end so are not read; those in {', '.join(_KINDS)} are")
    if len(kinds) > 1:
        found = ", ".join(sorted(kind for kind in kinds if kind))
        raise InputError(f"{where}: {given!r} holds files of several kinds ({found}); name a pattern such as '*.csv'")
    for file in files:
        if file.suffix.lower() == ".gz":
            _check_whole(file, where)
    return tuple(files)


def _check_whole(file: Path, where: str) -> None:
    """Unpack a file to its end: DuckDB takes one that was cut short for a shorter one."""
    try:
        with gzip.open(file) as stream:
            while stream.read(_BLOCK):
                pass
    except PermissionError as error:
        raise InputError(f"{file}: this file may not be read: {error.strerror}; change its permissions") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"{where}: {file} is cut short or damaged: {error}; export or transfer it again, or if it is not "
            "compressed take '.gz' from its name"
        ) from error


def _in_folder(folder: Path) -> list[Path]:
    """Return the files of a folder that can be read, or where there is none all."""
    files = sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))
    return [file for file in files if file_kind(file)] or files


def _matching(folder: Path, pattern: str) -> list[Path]:
    if not any(wildcard in pattern for wildcard in "*?["):
        return []
    anchor = Path(pattern).anchor
    return sorted(f for f in Path(anchor or folder).glob(pattern.removeprefix(anchor)) if f.is_file())


def _nearest_file(path: Path) -> str:
    """Suggest a file of the folder that is called alike, or say that the folder is missing."""
    if not path.parent.is_dir():
        return "; there is no such folder"
    return nearest(path.name, (file.name for file in path.parent.iterdir())) or "; check the name"
