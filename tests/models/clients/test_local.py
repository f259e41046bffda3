"""`local:FILE.gguf`: what is wrong with a file or its settings is said in a line, before anything is loaded."""

from __future__ import annotations

import struct
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from ace.errors import UserError
from ace.models.clients.gguf import read_header
from ace.models.clients.local import CONTEXT, INSTALL, SLOTS, local_file
from ace.models.reached import ModelSettings
from ace.models.registry import open_model

Value = str | int | list[str]


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def typed(value: Value) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", 8) + text(value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))


SAID: dict[str, Value] = {
    "general.architecture": "llama",
    "llama.context_length": 4096,
    "tokenizer.ggml.tokens": ["a", "b", "c"],
    "tokenizer.chat_template": "{{ messages }}",
}


def gguf(said: dict[str, Value], *, begins: int = 0, version: int = 3, data: int = 64) -> bytes:
    """A file with one tensor, which begins so many bytes into the data."""
    keys = b"".join(text(name) + typed(value) for name, value in said.items())
    tensor = text("weights") + struct.pack("<IQIQ", 1, 8, 0, begins)
    header = b"GGUF" + struct.pack("<IQQ", version, 1, len(said)) + keys + tensor
    return header + bytes(-len(header) % 32) + bytes(data)


def without(*names: str) -> dict[str, Value]:
    return {name: value for name, value in SAID.items() if name not in names}


WHOLE = gguf(SAID)
WRONG: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is not a GGUF file: it is empty"),
    "a text": (b"Dear reader,\n" * 20, "is not a GGUF file; convert the model"),
    "a short text": (b"hi", "is not a GGUF file; convert the model"),
    "the magic number alone": (b"GGUF", "is damaged or was cut off"),
    "another version": (gguf(SAID, version=1), "version 1, which is not known"),
    "cut off in its header": (WHOLE[:100], "is damaged or was cut off: its header ends"),
    "cut off in its data": (gguf(SAID, begins=4096), "was cut off: it has"),
    "absurd counts": (b"GGUF" + struct.pack("<IQQ", 3, 2**40, 2**50), "its header says that it has"),
    "a length beyond its end": (b"GGUF" + struct.pack("<IQQQ", 3, 1, 1, 2**60) + bytes(64), "is damaged or was cut off"),
    "no chat template": (gguf(without("tokenizer.chat_template")), "has no chat template"),
    "no tokens": (gguf(without("tokenizer.ggml.tokens")), "holds no language model: it has no tokens"),
    "no architecture": (gguf(without("general.architecture")), "holds no language model: it has no architecture"),
}


def opens(rest: str) -> str:
    """The line in which `local:` with `rest` is refused."""
    with pytest.raises(UserError) as refused:
        open_model(f"local:{rest}", ModelSettings(sending=False))
    [line] = str(refused.value).splitlines()
    return line


@pytest.mark.parametrize(("content", "why"), WRONG.values(), ids=WRONG)
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(content)
    assert f"{file} {why}" in (line := opens(str(file))) or why in line


@pytest.mark.parametrize(
    ("make", "why"),
    [(lambda path: path.mkdir(), "is a folder; name a model's file in it"), (lambda path: None, "there is no file")],
    ids=["a folder", "missing"],
)
def test_a_place_that_is_no_file_is_refused(tmp_path: Path, make: Callable[[Path], None], why: str) -> None:
    make(tmp_path / "m.gguf")
    assert why in opens(str(tmp_path / "m.gguf"))


def test_the_header_says_what_the_model_takes(tmp_path: Path) -> None:
    file = tmp_path / "a, b.gguf"
    file.write_bytes(WHOLE)
    header = read_header(str(file))
    assert (header.architecture, header.context, header.vocabulary, header.template) == ("llama", 4096, 3, True)
    stock, said = local_file(str(file)), local_file(f"{file},threads=1,slots=3,context=512")
    assert (stock.slots, stock.context, stock.context < CONTEXT) == (SLOTS, 4096, True)
    assert (said.path, said.threads, said.slots, said.context) == (str(file), 1, 3, 512)


SETTINGS = {
    "none": ("threads=0", "threads is '0'; it must be a whole number from 1"),
    "negative": ("slots=-1", "slots is '-1'"),
    "a word": ("slots=many", "slots is 'many'"),
    "a fraction": ("context=1.5", "context is '1.5'"),
    "nothing": ("threads=", "threads is ''"),
    "too many threads": ("threads=99999", "from 1 to 1,024"),
    "more than the model takes": ("context=4097", "was made for 4096 tokens at most"),
    "unknown": ("thread=2", "did you mean 'threads'"),
    "another digit": ("threads=²", "threads is '²'"),
}


@pytest.mark.parametrize(("said", "why"), SETTINGS.values(), ids=SETTINGS)
def test_settings_that_cannot_be_are_refused(tmp_path: Path, said: str, why: str) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(WHOLE)
    assert why in opens(f"{file},{said}")


def test_a_name_without_a_file_is_refused() -> None:
    assert opens("") == "local: needs a model's file; write local:FILE.gguf"


@pytest.mark.skipif(find_spec("xllamacpp") is not None, reason="xllamacpp is installed")
def test_the_command_that_installs_what_is_missing_is_told(tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(WHOLE)
    with pytest.raises(UserError, match="needs the package xllamacpp, which is not installed") as refused:
        open_model(f"local:{file}")
    assert str(refused.value).endswith(INSTALL)
