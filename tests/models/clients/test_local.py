"""`local:FILE.gguf`: what is wrong with a file or its settings is said in a line, before anything is loaded."""

from __future__ import annotations

import struct
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from ace.errors import UserError
from ace.installing import pip_install
from ace.models.clients.local import SLOTS, local_file
from ace.models.proxy.engine import CONTEXT
from ace.models.reached import ModelSettings
from ace.models.registry import open_model
from tests.models.proxy.files import written

TENSOR = struct.pack("<Q", 1) + b"w" + struct.pack("<IQIQ", 1, 8, 0, 64)
"""A tensor whose data begin 64 bytes behind the header."""


def with_tensor(path: Path, data: int) -> Path:
    """A model's file with a tensor, and so many bytes of data."""
    content = written(path).read_bytes() + TENSOR
    path.write_bytes(content[:8] + struct.pack("<Q", 1) + content[16:] + bytes(-len(content) % 32) + bytes(data))
    return path


def holding(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "does not exist (looked for"),
    "a folder": (lambda path: path.mkdir(), "is not a file; a local model is one file.gguf"),
    "empty": (holding(b""), "is not a GGUF file"),
    "a text": (holding(b"Dear reader,\n" * 20), "is not a GGUF file"),
    "the magic number alone": (holding(b"GGUF"), "is cut off or damaged"),
    "absurd counts": (holding(b"GGUF" + struct.pack("<IQQ", 3, 2**40, 2**50)), "is cut off or damaged"),
    "cut off in its header": (lambda path: path.write_bytes(written(path).read_bytes()[:200]), "is cut off or damaged"),
    "cut off in its data": (lambda path: with_tensor(path, 32), "was cut off: it has"),
    "no chat template": (lambda path: written(path, chat_template=None), "has no chat template"),
    "no tokens": (lambda path: written(path, tokens=None), "holds no vocabulary"),
}


def opens(rest: str) -> str:
    """The line in which `local:` with `rest` is refused."""
    with pytest.raises(UserError) as refused:
        open_model(f"local:{rest}", ModelSettings(sending=False))
    [line] = str(refused.value).splitlines()
    return line


@pytest.mark.parametrize(("make", "why"), WRONG.values(), ids=WRONG)
def test_what_is_no_model_is_refused(tmp_path: Path, make: Callable[[Path], object], why: str) -> None:
    make(tmp_path / "m.gguf")
    assert f"{tmp_path / 'm.gguf'} {why}" in opens(str(tmp_path / "m.gguf"))


def test_how_it_is_run_stands_behind_the_file(tmp_path: Path) -> None:
    file = with_tensor(tmp_path / "a, b.gguf", 128)
    stock, said = local_file(str(file)), local_file(f"{file},threads=1,slots=3,context=512")
    assert (stock.slots, stock.context, stock.context < CONTEXT) == (SLOTS, 2048, True)
    assert (said.path, said.threads, said.slots, said.context) == (file, 1, 3, 512)


SETTINGS = {
    "none": ("threads=0", "threads is '0'; it must be a whole number from 1"),
    "negative": ("slots=-1", "slots is '-1'"),
    "a word": ("slots=many", "slots is 'many'"),
    "a fraction": ("context=1.5", "context is '1.5'"),
    "nothing": ("threads=", "threads is ''"),
    "too many threads": ("threads=99999", "from 1 to 1,024"),
    "more than the model takes": ("context=2049", "was made for 2048 tokens at most"),
    "unknown": ("thread=2", "did you mean 'threads'"),
    "another digit": ("threads=²", "threads is '²'"),
}


@pytest.mark.parametrize(("said", "why"), SETTINGS.values(), ids=SETTINGS)
def test_settings_that_cannot_be_are_refused(tmp_path: Path, said: str, why: str) -> None:
    file = written(tmp_path / "m.gguf")
    assert why in opens(f"{file},{said}")


def test_a_name_without_a_file_is_refused() -> None:
    assert opens("") == "local: needs a model's file; write local:FILE.gguf"


@pytest.mark.skipif(find_spec("xllamacpp") is not None, reason="xllamacpp is installed")
def test_the_command_that_installs_what_is_missing_is_told(tmp_path: Path) -> None:
    file = written(tmp_path / "m.gguf")
    with pytest.raises(UserError, match="needs the package xllamacpp, which is not installed") as refused:
        open_model(f"local:{file}")
    assert str(refused.value).endswith(pip_install("'evolving-playbook[local]'"))
