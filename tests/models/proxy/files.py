"""Model files without weights, written as the format says: what a header tells is read from them as from any other."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

Value = int | str | bool | float | Sequence[str] | Sequence[int]
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
PAIRS: Mapping[str, Value] = {
    "general.architecture": "llama",
    "llama.context_length": 2048,
    "llama.rope.freq_base": 10000.5,
    "tokenizer.ggml.tokens": ["<s>", "</s>", "a", "b", "ab"],
    "tokenizer.ggml.token_type": [3, 3, 1, 1, 1],
    "tokenizer.ggml.merges": ["a b"],
    "tokenizer.ggml.bos_token_id": 0,
    "tokenizer.ggml.eos_token_id": 1,
    "tokenizer.ggml.add_bos_token": True,
    "tokenizer.chat_template": CHATML,
}


def written(path: Path, pairs: Mapping[str, Value] = PAIRS, **changed: Value | None) -> Path:
    """A file with `pairs`, of which those that `changed` names by their last part have another value, or (`None`) are left
    out."""
    said = {name: changed.get(name.rpartition(".")[2], value) for name, value in pairs.items()}
    kept = {name: value for name, value in said.items() if value is not None}
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, len(kept)) + b"".join(_text(n) + _value(v) for n, v in kept.items()))
    return path


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _value(value: Value) -> bytes:
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, str):
        return struct.pack("<I", 8) + _text(value)
    if all(isinstance(v, str) for v in value):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(_text(str(v)) for v in value)
    return struct.pack(f"<IIQ{len(value)}i", 9, 5, len(value), *value)
