"""What a GGUF file says of itself before its weights: vocabulary, merges, context, chat template.

Read here and not asked of llama.cpp, because another file is then refused in one line before a library is loaded, and
because llama.cpp's interface has no way to the merges. The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ace.errors import BadInput

MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_STRING, _ARRAY, _BOOL = 8, 9, 7
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", _BOOL: "?", 10: "Q", 11: "q", 12: "d"}
_TOKENS, _MERGES = "tokenizer.ggml.tokens", "tokenizer.ggml.merges"


@dataclass(frozen=True, slots=True)
class ModelHeader:
    """What stands before the weights of the file at `path`. `tokens` are the vocabulary in order, `merges` how its tokens are
    built; `context` is the number of tokens the model was trained on; `template` is its chat template, in Jinja, and `bos` and
    `eos` are the texts that it may name."""

    path: Path
    tokens: tuple[bytes, ...]
    merges: tuple[bytes, ...]
    context: int
    template: str
    bos: str
    eos: str


def header(path: Path) -> ModelHeader:
    """Raises `BadInput` for a file that cannot be read, is not a GGUF, or holds no language model."""
    try:
        if path.exists() and not path.is_file():
            raise BadInput(f"{path} is not a file; a local model is one file.gguf")
        with path.open("rb") as file:
            start = file.read(8)
            if start[:4] != MAGIC:
                raise BadInput(
                    f"{path} is not a GGUF file: it does not begin with {MAGIC.decode()}; a local model is one file.gguf"
                )
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            found, at = _pairs(data)
            _require_whole(path, data, at, int(found.get("general.alignment", 32)))
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist (looked for {path.absolute()}); a local model is one file.gguf") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}") from error
    except (struct.error, IndexError, KeyError, UnicodeDecodeError, OverflowError, MemoryError):
        raise BadInput(f"{path} is cut off or damaged: its header cannot be read to its end") from None
    return _header(path, found)


def _header(path: Path, found: Mapping[str, Any]) -> ModelHeader:
    tokens = tuple(found.get(_TOKENS, ()))
    if not tokens:
        raise BadInput(f"{path} holds no vocabulary, so it is not a language model")

    def named(which: str) -> str:
        id = found.get(f"tokenizer.ggml.{which}_token_id")
        return tokens[id].decode("utf-8", "replace") if isinstance(id, int) and 0 <= id < len(tokens) else ""

    return ModelHeader(
        path,
        tokens,
        tuple(found.get(_MERGES, ())),
        int(found.get(f"{_text(found.get('general.architecture', b''))}.context_length", 0)),
        _text(found.get("tokenizer.chat_template", b"")),
        named("bos"),
        named("eos"),
    )


def require_same_vocabulary(base: ModelHeader, small: ModelHeader) -> None:
    """Raise `BadInput` unless the logits of both stand for the same tokens."""
    if base.tokens == small.tokens and base.merges == small.merges:
        return
    if len(base.tokens) != len(small.tokens):
        how = f"{len(base.tokens):,} and {len(small.tokens):,} tokens"
    else:
        different = sum(a != b for a, b in zip(base.tokens, small.tokens, strict=True))
        how = f"{different:,} of {len(base.tokens):,} tokens differ" if different else "their merges differ"
    raise BadInput(
        f"{base.path.name} and {small.path.name} do not share a vocabulary ({how}), so their logits cannot be added; "
        "take two models of one family, or one model as both"
    )


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _require_whole(path: Path, data: mmap.mmap, at: int, alignment: int) -> None:
    """Raise `BadInput` where a tensor, of those listed from `at` on, begins behind the end of the file."""
    (count,) = struct.unpack_from("<Q", data, 8)
    last = -1
    for _ in range(count):
        _, at = _string(data, at)
        (dimensions,) = struct.unpack_from("<I", data, at)
        at += 8 + 8 * dimensions
        last = max(last, *struct.unpack_from("<Q", data, at))
        at += 8
    begin = -(-at // alignment) * alignment
    if last >= 0 and begin + last >= len(data):
        has = f"{len(data):,} bytes, and a part of the model begins at {begin + last:,}"
        raise BadInput(f"{path} was cut off: it has {has}; fetch it again")


def _pairs(data: mmap.mmap) -> tuple[dict[str, Any], int]:
    """The keys and values, and where they end."""
    (version,) = struct.unpack_from("<I", data, 4)
    if version not in _VERSIONS:
        raise IndexError(version)
    (count,) = struct.unpack_from("<Q", data, 16)
    at, found = 24, dict[str, Any]()
    for _ in range(count):
        name, at = _string(data, at)
        (kind,) = struct.unpack_from("<I", data, at)
        found[name.decode()], at = _value(data, at + 4, kind)
    return found, at


def _string(data: mmap.mmap, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from("<Q", data, at)
    end = at + 8 + length
    if end > len(data):
        raise IndexError(at)
    return data[at + 8 : end], end


def _value(data: mmap.mmap, at: int, kind: int) -> tuple[Any, int]:
    if kind == _STRING:
        return _string(data, at)
    if kind != _ARRAY:
        form = f"<{_NUMBERS[kind]}"
        return struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)
    inner, count = struct.unpack_from("<IQ", data, at)
    at += 12
    if inner in _NUMBERS:
        form = f"<{count}{_NUMBERS[inner]}"
        return struct.unpack_from(form, data, at), at + struct.calcsize(form)
    if count > len(data):
        raise IndexError(count)
    values = []
    for _ in range(count):
        value, at = _value(data, at, inner)
        values.append(value)
    return values, at
