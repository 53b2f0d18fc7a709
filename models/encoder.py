"""Texts of any language as vectors: the encoder, and embeddings that depend on nothing but the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from features.errors import InputError
from models._e5_cache import bundled_folder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED = "bundled"
HUB_SECONDS = 5.0


def load_encoder(name: str = BUNDLED, cache_dir: Path | str | None = None) -> SentenceTransformer:
    """Load a text encoder, on the CPU, from safetensors only.

    Parameters
    ----------
    name : ``"bundled"`` for multilingual-e5-small, which needs no network: its first use builds a folder of about
        490 MB in some seconds, later ones load it. Else the path of a sentence-transformers folder, or a model's name
        on the Hugging Face hub; what has been downloaded once is not looked up there again.
    cache_dir : where the bundled encoder is built, or downloads are kept; by default the user's own cache.

    Returns
    -------
    SentenceTransformer
        The bundled one gives 384 dimensions of unit length, reads the first 512 tokens, and has the prompts `query`,
        `document` and `passage`, so that `encode_query` and `encode_document` work.

    Raises
    ------
    InputError
        If there is no such folder or model, it cannot be loaded, the hub is out of reach, or the cache cannot be
        written.
    """
    cache = Path(cache_dir).expanduser() if cache_dir is not None else None
    if name == BUNDLED:
        return _bundled(cache)
    folder = Path(name).expanduser()
    if folder.is_dir():
        with _no_progress_bars():
            return _open(name, str(folder), "give a sentence-transformers folder with safetensors weights")
    if _is_path(name):
        raise InputError(f"encoder {name!r}: there is no such folder; give an existing one, or {BUNDLED!r}")
    return _from_hub(name, cache)


def embed(
    encoder: SentenceTransformer, texts: Sequence[str], role: Literal["query", "document"]
) -> NDArray[np.float32]:
    """Embed texts so that each vector depends on its text alone, to the bit.

    Parameters
    ----------
    encoder : as `load_encoder` gives it.
    texts : any number of texts; equal ones are encoded once.
    role : whether the texts look for something or are what is found; it picks the encoder's prompt.

    Returns
    -------
    ndarray of shape (n_texts, n_dimensions), rows of unit length
        On one machine the same bits whatever the other texts, their order, and the number of threads.

    Notes
    -----
    Padding in a batch and splitting a product over threads both change last bits (seen up to 1.2e-7), so texts are
    encoded one by one, each on one thread, as many at once as torch has threads.
    """
    import torch

    encode = encoder.encode_query if role == "query" else encoder.encode_document
    encode_one = partial(encode, show_progress_bar=False, normalize_embeddings=True)
    distinct = list(dict.fromkeys(texts))
    if not distinct:
        return np.empty((0, encoder.get_embedding_dimension() or 0), np.float32)
    threads = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            vectors = dict(zip(distinct, pool.map(encode_one, distinct), strict=True))
    finally:
        torch.set_num_threads(threads)  # threads born later would inherit the pool's setting
    return np.stack([vectors[text] for text in texts]).astype(np.float32, copy=False)


def _bundled(cache: Path | None) -> SentenceTransformer:
    with _no_progress_bars():
        folder = bundled_folder(cache)
        return _open(BUNDLED, str(folder), "remove that folder and it will be built anew")


def _is_path(name: str) -> bool:
    return name.startswith((".", "~", "/")) or "\\" in name or name.count("/") > 1


def _from_hub(name: str, cache: Path | None) -> SentenceTransformer:
    from huggingface_hub import constants

    try:
        return _open(name, name, "", cache=cache)
    except InputError:
        _require_hub(name, constants.ENDPOINT)
    return _open(name, name, f"check the name on {constants.ENDPOINT}", cache=cache, download=True)


def _require_hub(name: str, endpoint: str) -> None:
    # Asked first and once: the hub's own client tries for more than a minute before it gives up.
    from huggingface_hub import get_session
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # of whichever client the hub uses

    try:
        get_session().head(endpoint, timeout=HUB_SECONDS)
    except (OSError, HTTPError) as error:
        raise InputError(
            f"encoder {name!r}: neither a folder nor a model downloaded before, and {endpoint} is out of reach "
            f"({error}); give the path of a sentence-transformers folder, or {BUNDLED!r}"
        ) from error


def _open(
    name: str, source: str, remedy: str, *, cache: Path | None = None, download: bool = False
) -> SentenceTransformer:
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(
            source,
            device="cpu",
            cache_folder=str(cache) if cache else None,
            local_files_only=not download,
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError, RuntimeError, ImportError, SafetensorError) as error:
        raise InputError(f"encoder {name!r}: {source} cannot be loaded ({error}); {remedy}") from error


@contextmanager
def _no_progress_bars() -> Iterator[None]:
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
