"""The header of a GGUF file, read before a model is loaded: whether the file is one, whole, and what its model takes.

What llama.cpp says of a file that it cannot load is one sentence for all of them, after seconds. The format is that of
github.com/ggml-org/ggml, docs/gguf.md: a magic number, counts, keys with typed values, and where each tensor begins.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ace.errors import BadInput

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_FIXED = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""Types of one size, by their number in the format."""
_TEXT, _LIST = 8, 9
_MOST_KEYS, _MOST_TENSORS = 100_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF file says of its model: its architecture, the longest context it was made for, in tokens, how many
    tokens it knows, and whether a chat template is in it."""

    architecture: str
    context: int
    vocabulary: int
    template: bool


@cache
def read_header(path: str) -> Header:
    """The header of the file at `path`. Raises `BadInput` for what is no whole GGUF file of a language model."""
    file = Path(path).expanduser()
    try:
        if not file.exists():
            raise BadInput(f"there is no file {path}; name a model's file: local:FILE.gguf")
        if file.is_dir():
            raise BadInput(f"{path} is a folder; name a model's file in it: local:FILE.gguf")
        if not file.is_file() or not file.stat().st_size:
            raise BadInput(f"{path} is not a GGUF file: it is {'empty' if file.is_file() else 'no regular file'}")
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _Reader(data, path).header()
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror or error})") from None


class _Reader:
    """Reads one file, from its beginning."""

    def __init__(self, data: mmap.mmap, path: str) -> None:
        self._data, self._path, self._at = data, path, 0

    def header(self) -> Header:
        if self._data[:4] != _MAGIC:
            raise BadInput(f"{self._path} is not a GGUF file; convert the model, or name another file")
        self._at = 4
        try:
            version = self._one("I")
            if version not in _VERSIONS:
                raise BadInput(f"{self._path} is a GGUF file of version {version}, which is not known; {_VERSIONS[-1]} is")
            tensors, keys = self._one("Q"), self._one("Q")
            if keys > _MOST_KEYS or tensors > _MOST_TENSORS:
                raise BadInput(f"{self._path} is damaged: its header says that it has {keys:,} keys and {tensors:,} tensors")
            said = {self._text(): self._value(self._one("I")) for _ in range(keys)}
            self._require_whole(tensors, int(said.get("general.alignment") or 32))
        except (struct.error, UnicodeDecodeError, KeyError, OverflowError):
            raise BadInput(f"{self._path} is damaged or was cut off: its header ends before it should") from None
        return self._header(said)

    def _header(self, said: Mapping[str, Any]) -> Header:
        architecture = str(said.get("general.architecture") or "")
        tokens = said.get("tokenizer.ggml.tokens")
        if not architecture or not isinstance(tokens, int):
            raise BadInput(f"{self._path} holds no language model: it has no {'tokens' if architecture else 'architecture'}")
        context = int(said.get(f"{architecture}.context_length") or 0)
        return Header(architecture, context, tokens, bool(said.get("tokenizer.chat_template")))

    def _require_whole(self, tensors: int, alignment: int) -> None:
        """Raise `BadInput` where the last tensor begins behind the end of the file."""
        last = 0
        for _ in range(tensors):
            self._text()
            dimensions = self._one("I")
            self._at += 8 * dimensions + 4
            last = max(last, self._one("Q"))
        begin = -(-self._at // alignment) * alignment
        if begin + last >= len(self._data):
            size = f"{len(self._data):,} bytes, and a part of its model begins at {begin + last:,}"
            raise BadInput(f"{self._path} was cut off: it has {size}; fetch it again")

    def _one(self, kind: str) -> Any:
        [value] = struct.unpack_from(f"<{kind}", self._data, self._at)
        self._at += struct.calcsize(f"<{kind}")
        return value

    def _text(self) -> str:
        length = self._one("Q")
        if length > len(self._data) - self._at:
            raise OverflowError
        self._at += length
        return self._data[self._at - length : self._at].decode()

    def _value(self, kind: int) -> Any:
        """A value of that type; of a list its length."""
        if kind == _TEXT:
            return self._text()
        if kind != _LIST:
            return self._one(_FIXED[kind])
        inner, count = self._one("I"), int(self._one("Q"))
        if count > len(self._data):
            raise OverflowError
        if inner in _FIXED:
            self._at += count * struct.calcsize(f"<{_FIXED[inner]}")
        elif inner == _TEXT:
            data, at = self._data, self._at
            for _ in range(count):
                at += 8 + int.from_bytes(data[at : at + 8], "little")
            self._at = at
        else:
            for _ in range(count):
                self._value(inner)
        if self._at > len(self._data):
            raise OverflowError
        return count
