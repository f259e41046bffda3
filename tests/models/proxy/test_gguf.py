"""What a model file says of itself, and files that say nothing."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from ace.errors import BadInput
from ace.models.proxy.gguf import header, require_same_vocabulary
from tests.models.proxy.files import CHATML, written


def test_what_a_header_says_is_read(tmp_path: Path) -> None:
    found = header(written(tmp_path / "m.gguf"))
    assert found.tokens == (b"<s>", b"</s>", b"a", b"b", b"ab")
    assert found.merges == (b"a b",)
    assert (found.context, found.bos, found.eos, found.template) == (2048, "<s>", "</s>", CHATML)


def test_what_it_leaves_out_is_empty(tmp_path: Path) -> None:
    found = header(written(tmp_path / "m.gguf", merges=None, chat_template=None, bos_token_id=99, context_length=None))
    assert (found.merges, found.template, found.bos, found.context) == ((), "", "", 0)


@pytest.mark.parametrize("text", [b"", b"GG", b"PK\x03\x04", b"# a text\n" * 99, b"\x89HDF\r\n"])
def test_another_file_is_refused_by_what_it_begins_with(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "m.gguf").write_bytes(text)
    with pytest.raises(BadInput, match=r"m\.gguf is not a GGUF file"):
        header(tmp_path / "m.gguf")


def test_what_is_not_a_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, why in ((tmp_path, "is not a file"), (tmp_path / "pipe", "is not a file"), (tmp_path / "none", "does not exist")):
        with pytest.raises(BadInput, match=why):
            header(path)


def test_a_file_cut_off_anywhere_in_its_header_is_refused(tmp_path: Path) -> None:
    whole = written(tmp_path / "m.gguf").read_bytes()
    for length in range(4, len(whole), 7):
        (tmp_path / "cut.gguf").write_bytes(whole[:length])
        with pytest.raises(BadInput, match=r"cut\.gguf is (cut off or damaged|not a GGUF)"):
            header(tmp_path / "cut.gguf")


def test_a_header_that_says_how_long_it_is_and_lies_is_refused(tmp_path: Path) -> None:
    whole = bytearray(written(tmp_path / "m.gguf").read_bytes())
    for at in range(4, len(whole) - 8, 5):
        (tmp_path / "bad.gguf").write_bytes(whole[:at] + b"\xff" * 8 + whole[at + 8 :])
        # Some of these say something else and are still whole; none may end in anything but this refusal.
        with contextlib.suppress(BadInput):
            header(tmp_path / "bad.gguf")


def test_a_file_without_a_vocabulary_is_no_language_model(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no vocabulary"):
        header(written(tmp_path / "m.gguf", tokens=None))


def test_two_models_share_a_vocabulary_or_one_line_says_how_they_differ(tmp_path: Path) -> None:
    base = header(written(tmp_path / "base.gguf"))
    require_same_vocabulary(base, header(written(tmp_path / "same.gguf", context_length=4096)))
    for changed, how in (
        ({"tokens": ["<s>", "</s>", "a"]}, "5 and 3 tokens"),
        ({"tokens": ["<s>", "</s>", "b", "a", "ab"]}, "2 of 5 tokens differ"),
        ({"merges": ["b a"]}, "their merges differ"),
        ({"merges": None}, "their merges differ"),
    ):
        with pytest.raises(BadInput, match=rf"base\.gguf and other\.gguf do not share a vocabulary \({how}\)"):
            require_same_vocabulary(base, header(written(tmp_path / "other.gguf", **changed)))


def test_a_file_that_is_not_there_is_said_not_to_exist(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.gguf does not exist \(looked for /.*none\.gguf\)"):
        header(tmp_path / "none.gguf")
