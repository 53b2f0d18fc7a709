"""A sentence-transformers folder written from the packed multilingual-e5-small."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models._e5_weights import PackedEncoder, Vocabulary

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from tokenizers.normalizers import Normalizer

PROMPTS = {"query": "query: ", "document": "passage: ", "passage": "passage: "}
EMBEDDINGS = {"word": "word_embeddings", "pos": "position_embeddings", "type": "token_type_embeddings"}
LAYER_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
# SentencePiece's nmt_nfkc, of which NFKC is the bulk: these characters vanish, those become a space, and the
# full-width tilde, the usual sign of a range in Japanese and Chinese, stays as it is (a private character guards it).
VANISHING = "[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"
SPACES = "[\t\n\x0c\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"
TILDE, TILDE_GUARD = "\uff5e", "\ue000"


def write_folder(packed: PackedEncoder, folder: Path) -> None:
    """Write an encoder as sentence-transformers loads it: weights, tokeniser, mean pooling, unit length, prompts.

    Parameters
    ----------
    packed : the encoder as read from the package.
    folder : where to write; an existing folder.

    Notes
    -----
    Architecture and prompts: Wang et al., Multilingual E5 Text Embeddings, https://arxiv.org/abs/2402.05672.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    bare = folder / "bare"
    _write_transformer(packed, bare)
    modules = [Transformer(str(bare)), Pooling(packed.architecture.hidden_size, "mean"), Normalize()]
    encoder = SentenceTransformer(modules=modules, prompts=PROMPTS, device="cpu")
    encoder.save_pretrained(str(folder), create_model_card=False)
    shutil.rmtree(bare)


def _write_transformer(packed: PackedEncoder, folder: Path) -> None:
    from safetensors.numpy import save_file
    from transformers import BertConfig, PreTrainedTokenizerFast

    folder.mkdir()
    vocabulary = packed.vocabulary
    save_file(bert_tensors(packed), folder / "model.safetensors", metadata={"format": "pt"})
    BertConfig(
        **asdict(packed.architecture),
        pad_token_id=vocabulary.padding,
        bos_token_id=vocabulary.begin,
        eos_token_id=vocabulary.end,
        architectures=["BertModel"],
        dtype="float32",
    ).save_pretrained(folder)
    begin, end = vocabulary.pieces[vocabulary.begin], vocabulary.pieces[vocabulary.end]
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=build_tokenizer(vocabulary),
        bos_token=begin,
        cls_token=begin,
        eos_token=end,
        sep_token=end,
        pad_token=vocabulary.pieces[vocabulary.padding],
        unk_token=vocabulary.pieces[vocabulary.unknown],
        model_max_length=packed.architecture.max_position_embeddings,
    ).save_pretrained(folder)


def bert_tensors(packed: PackedEncoder) -> dict[str, NDArray[np.float32]]:
    """Name and shape the tensors as `transformers.BertModel` does.

    Parameters
    ----------
    packed : the encoder as read from the package.

    Returns
    -------
    dict of str to ndarray
        All parameters of a ``BertModel``. The pooler's, which the file lacks and mean pooling never reads, are zeros:
        left out, each build would draw them at random and each load would warn.
    """
    hidden = packed.architecture.hidden_size
    tensors: dict[str, NDArray[np.float32]] = {
        f"embeddings.{name}.weight": packed.tensor(f"emb.{short}").reshape(-1, hidden)
        for short, name in EMBEDDINGS.items()
    }
    tensors |= _weight_and_bias(packed, "emb.ln", "embeddings.LayerNorm")
    for layer in range(packed.architecture.num_hidden_layers):
        for short, name in LAYER_PARTS.items():
            tensors |= _weight_and_bias(packed, f"l{layer}.{short}", f"encoder.layer.{layer}.{name}")
    tensors["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float32)
    tensors["pooler.dense.bias"] = np.zeros(hidden, np.float32)
    return tensors


def _weight_and_bias(packed: PackedEncoder, short: str, name: str) -> dict[str, NDArray[np.float32]]:
    weight, bias = packed.tensor(f"{short}.w"), packed.tensor(f"{short}.b")
    if weight.size > bias.size:
        weight = weight.reshape(bias.size, -1)
    return {f"{name}.weight": weight, f"{name}.bias": bias}


def build_tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """Build XLM-RoBERTa's tokeniser from its pieces.

    Parameters
    ----------
    vocabulary : pieces, scores and special ids.

    Returns
    -------
    tokenizers.Tokenizer
        SentencePiece's unigram model with its normalisation; encodes a text as ``<s> … </s>``.
    """
    from tokenizers import Tokenizer
    from tokenizers.decoders import Metaspace as JoinWords
    from tokenizers.models import Unigram
    from tokenizers.pre_tokenizers import Metaspace
    from tokenizers.processors import TemplateProcessing

    scored = list(zip(vocabulary.pieces, vocabulary.scores.astype(float).tolist(), strict=True))
    begin, end = vocabulary.pieces[vocabulary.begin], vocabulary.pieces[vocabulary.end]
    tokenizer = Tokenizer(Unigram(scored, unk_id=vocabulary.unknown))
    tokenizer.normalizer = _normaliser()
    tokenizer.pre_tokenizer = Metaspace(prepend_scheme="always")
    tokenizer.decoder = JoinWords(prepend_scheme="always")
    tokenizer.post_processor = TemplateProcessing(
        single=f"{begin} $A {end}", special_tokens=[(begin, vocabulary.begin), (end, vocabulary.end)]
    )
    return tokenizer


def _normaliser() -> Normalizer:
    from tokenizers import Regex
    from tokenizers.normalizers import NFKC, Replace, Sequence, Strip

    return Sequence(
        [
            Replace(Regex(VANISHING), ""),
            Replace(Regex(SPACES), " "),
            Replace(TILDE, TILDE_GUARD),
            NFKC(),
            Replace(TILDE_GUARD, TILDE),
            Replace(Regex(" {2,}"), " "),
            Strip(),
        ]
    )
