"""Values and messages between the process of the solution and the process of the tests.

A message is JSON behind its length. A value is sent as what it is if it is a plain value of Python, so that nothing but plain
values comes out of the solution; anything else stays where it is, and a number stands for it.
"""

from __future__ import annotations

import json
import math
import os
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Pack = Callable[[object], Any]

MOST = 2 * 2**20
"""Bytes of a message."""
_SMALL = 2**53


class Gone(BaseException):
    """The other process is gone. Tests that expect an exception must not take this for it: so it is no `Exception`."""


class Garbled(BaseException):
    """What came is not a message, or too long a one."""


class Channel:
    """Messages over a pair of pipes."""

    def __init__(self, reads: int, writes: int) -> None:
        self._reads, self._writes = reads, writes

    def send(self, message: dict[str, Any]) -> None:
        """Raises `Garbled` where the message would be too long, `Gone` where the other process is gone."""
        text = json.dumps(message).encode()
        if len(text) > MOST:
            raise Garbled(f"a value is too large: {len(text):,} bytes; at most {MOST:,} are sent")
        left = memoryview(len(text).to_bytes(4) + text)
        try:
            while left:
                left = left[os.write(self._writes, left) :]
        except BrokenPipeError:
            raise Gone from None

    def receive(self) -> dict[str, Any]:
        """The next message. Raises `Gone` and `Garbled`."""
        length = int.from_bytes(self._exactly(4))
        if length > MOST:
            raise Garbled(f"a value is too large: {length:,} bytes; at most {MOST:,} are sent")
        try:
            message = json.loads(self._exactly(length))
        except (ValueError, RecursionError, MemoryError) as error:
            raise Garbled(f"what was sent cannot be read: {type(error).__name__}") from None
        if not isinstance(message, dict):
            raise Garbled("what was sent is not a message")
        return message

    def _exactly(self, count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            part = os.read(self._reads, count - len(parts))
            if not part:
                raise Gone
            parts += part
        return bytes(parts)


def pack(value: Any, other: Pack) -> Any:
    """`value` as JSON; `other` gives the JSON for what is not a plain value. By exact type: a subclass is not plain, except
    those of `collections`."""
    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if isinstance(value, float) and kind is float:
        return value if math.isfinite(value) else {"float": str(value)}
    if isinstance(value, int) and kind is int:
        return value if -_SMALL < value < _SMALL else {"int": hex(value)}
    for name, kinds in _SEQUENCES.items():
        if kind in kinds:
            return {name: [pack(item, other) for item in value]}
    if kind in (dict, defaultdict, OrderedDict, Counter):
        return {"dict": [[pack(k, other), pack(v, other)] for k, v in value.items()]}
    if kind in (bytes, bytearray):
        return {"bytes" if kind is bytes else "bytearray": value.hex()}
    if isinstance(value, complex) and kind is complex:
        return {"complex": str(value)}
    if _TEXTS.get(kind.__name__) == kind.__module__ and kind is _class(kind.__module__, kind.__name__):
        return {kind.__name__: value.isoformat() if kind.__module__ == "datetime" else str(value)}
    if kind.__module__ == "datetime" and kind.__name__ == "timedelta":
        return {"timedelta": [value.days, value.seconds, value.microseconds]}
    if isinstance(value, range) and kind is range:
        return {"range": [value.start, value.stop, value.step]}
    return other(value)


_SEQUENCES: dict[str, tuple[type, ...]] = {"list": (list, deque), "tuple": (tuple,), "set": (set,), "frozenset": (frozenset,)}
_TEXTS = {
    "Decimal": "decimal",
    "Fraction": "fractions",
    "date": "datetime",
    "datetime": "datetime",
    "time": "datetime",
    "UUID": "uuid",
}
"""Plain values that are sent as texts, by the names of their classes, with their modules."""


def _class(module: str, name: str) -> Any:
    """A class of the standard library; its module is imported when a value of it is sent."""
    from importlib import import_module

    return getattr(import_module(module), name)


_READERS: dict[str, Callable[[Any], object]] = {
    "float": float,
    "int": lambda text: int(text, 16),
    "bytes": bytes.fromhex,
    "bytearray": bytearray.fromhex,
    "complex": complex,
    "timedelta": lambda parts: _class("datetime", "timedelta")(*parts),
    "range": lambda said: range(*said),
}


def unpack(sent: Any, other: Pack) -> Any:
    """The value that `pack` sent; `other` reads what it wrote for the rest. Raises `Garbled`."""
    try:
        return _unpacked(sent, other)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise Garbled(f"a value cannot be read: {type(error).__name__}") from None


def _unpacked(sent: Any, other: Pack) -> Any:
    if not isinstance(sent, dict):
        if isinstance(sent, list):
            raise Garbled("a list was sent as a value")
        return sent
    ((name, inner),) = sent.items() if len(sent) == 1 else (("", None),)
    if name in _SEQUENCES:
        return _SEQUENCES[name][0](_unpacked(item, other) for item in _items(inner))
    if name == "dict":
        return {_unpacked(key, other): _unpacked(value, other) for key, value in _items(inner)}
    if name in _READERS:
        return _READERS[name](inner)
    if name in _TEXTS:
        read = _class(_TEXTS[name], name)
        return read.fromisoformat(inner) if _TEXTS[name] == "datetime" else read(inner)
    return other(sent)


def _items(inner: Any) -> list[Any]:
    if not isinstance(inner, list):
        raise Garbled("a value cannot be read: it has no items")
    return inner
