"""What the tests hold of the solution: functions, classes and objects that stay in the other process.

Plain values come over as themselves. Of anything else the tests hold a `Remote`, and what is done with it is done in the
solution's process, but for what would let the solution judge itself. A remote object equals a plain value only where it is of a
subclass of a plain type with that value; and operators and comparisons, to which tests give what they expect, are left only to
classes that the tests name.
"""

from __future__ import annotations

import builtins
import operator
import types
from collections.abc import Callable
from functools import partial

from ace.environments.code.inside.wire import Channel, Garbled, Gone, pack, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CALLABLE = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, partial, type)
_ASKED = "next str repr enter exit call setitem delitem instancecheck subclasscheck".split()  # noqa: SIM905
_LOOKED = "len iter bool hash int float round reversed getitem neg pos abs invert index".split()  # noqa: SIM905
_JUDGING = """add sub mul matmul truediv floordiv mod pow lshift rshift and or xor radd rsub rmul rmatmul rtruediv
rfloordiv rmod rpow rand ror rxor lt le gt ge""".split()  # noqa: SIM905
"""What is done with an object: asked of it; asked of the plain value that it extends, where there is one; and what also takes
another value, which may be what the tests expect."""
_BASES: tuple[Callable[[Any], object], ...] = (set, list, dict, str, int, tuple)
_REPR = 200


class Link:
    """The solution's process, as the tests' process sees it. `last` is the latest call and what came of it, as text."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._given: list[Callable[..., object]] = []
        self._errors: dict[tuple[str, ...], type[BaseException]] = {}
        self._remotes: dict[int, Remote] = {}
        self.last = ""
        self.operators: frozenset[str] = frozenset()
        """Classes of the solution that tests name: these may define operators."""
        self.broken: BaseException | None = None
        """The first time that the process was gone or sent what cannot be read: the tests may have caught it."""

    def ready(self) -> None:
        """Wait until the process is shut in and runs nothing of the solution yet. Raises `Gone`, `Garbled`."""
        if self._channel.receive() != {"ready": True}:
            raise Garbled("the process did not say that it is ready")

    def load(self, text: str, name: str) -> types.ModuleType:
        """The program `text` as a module. Raises what it raises."""
        answer = self._answer({"load": text, "name": name})
        module = types.ModuleType(name)
        for key, sent in self._field(answer, "names", dict).items():
            value = self._unpacked(sent, self._read)
            if not isinstance(value, types.ModuleType) and not key.startswith("__"):
                module.__dict__[key] = value
        # Tests that import everything must not get another `len`, nor hooks of pytest.
        names = [key for key in module.__dict__ if not key.startswith(("_", "py")) and not hasattr(builtins, key)]
        module.__dict__["__all__"] = names
        return module

    def do(self, name: str, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """What comes of doing `name` with `given` there; lists, dictionaries and sets that it changes are changed here too."""
        sent = {
            "do": name,
            "given": [pack(v, self._write) for v in given],
            "named": {k: pack(v, self._write) for k, v in named.items()},
        }
        call = _text(given, named) if name == "__call__" else ""
        try:
            answer = self._answer(sent)
        except Exception as error:
            self.last = f"{call} raised {type(error).__name__}: {error}" if call else self.last
            raise
        for value, now in zip(given, self._field(answer, "given", list), strict=False):
            _change(value, None if now is None else self._unpacked(now, self._read))
        came = self._unpacked(answer["came"], self._read)
        self.last = f"{call} gave {shown(came)}" if call else self.last
        return came

    def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = self._exchanged(message)
        except (Gone, Garbled) as error:
            self.broken = self.broken or error
            raise
        if "raised" in answer:
            raise self._error(self._field(answer, "raised", dict))
        if "came" not in answer and "names" not in answer:
            raise self._garbled("an answer is missing")
        return answer

    def _exchanged(self, message: dict[str, Any]) -> dict[str, Any]:
        self._channel.send(message)
        answer = self._channel.receive()
        while "call" in answer:
            self._channel.send(self._called(answer))
            answer = self._channel.receive()
        return answer

    def _garbled(self, why: str) -> Garbled:
        self.broken = self.broken or Garbled(why)
        return Garbled(why)

    def _called(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Call a function that the tests gave to the solution, and no other."""
        number = asked["call"]
        if not isinstance(number, int) or not 0 <= number < len(self._given):
            raise self._garbled("a function that was not given is called")
        given = [self._unpacked(value, self._read) for value in self._field(asked, "given", list)]
        try:
            return {"came": pack(self._given[number](*given), self._write)}
        except Exception as error:  # noqa: BLE001 - the solution is told what the tests' function raises
            return {"raised": f"{type(error).__name__}: {error}"}

    def _error(self, said: dict[str, Any]) -> BaseException:
        kinds, text, line = self._field(said, "kinds", list), str(said.get("text", "")), said.get("line")
        kind = self.error_class(tuple(map(str, kinds)))
        given = self._unpacked(said.get("args"), str)
        try:
            error = kind(*given) if isinstance(given, list) else kind(text)
        # An exception that takes other arguments than it holds, such as UnicodeDecodeError.
        except Exception:  # noqa: BLE001
            error = RuntimeError(f"{kind.__name__}: {text}")
        error.__dict__["solution_line"] = line if isinstance(line, int) else None
        return error

    def error_class(self, kinds: tuple[str, ...]) -> type[BaseException]:
        """The class of exceptions whose ancestors are called `kinds`: a built-in one, or one made here under a built-in one."""
        if kinds not in self._errors:
            known = [k for k in (getattr(builtins, name, None) for name in kinds) if isinstance(k, type)]
            base = next((k for k in known if issubclass(k, Exception) or k is SystemExit), RuntimeError)
            own = not kinds or kinds[0] != base.__name__
            parent = self.error_class(kinds[1:]) if own and len(kinds) > 1 else base
            self._errors[kinds] = type(kinds[0] if kinds else "Exception", (parent,), {}) if own else base
        return self._errors[kinds]

    def _write(self, value: object) -> Any:
        if isinstance(value, Remote):
            return {"held": value._ace_number}
        name = getattr(value, "__name__", "")
        if isinstance(name, str) and getattr(builtins, name, None) is value:
            return {"builtin": name}
        if isinstance(value, _CALLABLE):
            self._given.append(value)
            return {"called": len(self._given) - 1}
        for base in _BASES:
            if isinstance(value, base):  # type: ignore[arg-type]
                return pack(base(value), self._write)
        if hasattr(value, "__iter__") and hasattr(value, "__next__"):
            return pack(list(value), self._write)
        raise TypeError(f"a {type(value).__name__} cannot be given to the solution: plain values and functions can")

    def _read(self, sent: Any) -> Any:
        number, kind = sent.get("held"), str(sent.get("kind"))[:_REPR]
        if kind == "module" and number == -1:
            return types.ModuleType(kind)
        if isinstance(sent.get("error"), list):
            return self.error_class(tuple(map(str, sent["error"])))
        if not isinstance(number, int):
            raise self._garbled("a value cannot be read")
        value = self._unpacked(sent.get("value"), str)
        known = self._remotes.setdefault(number, Remote(self, number, kind, value))
        # What it extends may have changed.
        object.__setattr__(known, "_ace_value", value)
        return known

    def _unpacked(self, sent: Any, other: Callable[[Any], Any]) -> Any:
        try:
            return unpack(sent, other)
        except Garbled as error:
            raise self._garbled(str(error)) from None

    def _field(self, answer: dict[str, Any], name: str, kind: type[Any]) -> Any:
        value = answer.get(name)
        if not isinstance(value, kind):
            raise self._garbled(f"an answer without {name}")
        return value


class Remote:
    """An object of the solution. What is done with it is done there."""

    __slots__ = ("_ace_kind", "_ace_link", "_ace_number", "_ace_value")
    _ace_link: Link
    _ace_number: int
    _ace_kind: str
    _ace_value: object

    def __init__(self, link: Link, number: int, kind: str, value: object) -> None:
        held = {"_ace_link": link, "_ace_number": number, "_ace_kind": kind, "_ace_value": value}
        for name, part in held.items():
            object.__setattr__(self, name, part)

    def __getattr__(self, name: str) -> Any:
        return self._ace_link.do("__getattr__", (self, name), {})

    def __setattr__(self, name: str, value: object) -> None:
        self._ace_link.do("__setattr__", (self, name, value), {})

    def __delattr__(self, name: str) -> None:
        self._ace_link.do("__delattr__", (self, name), {})

    def __eq__(self, other: object) -> bool:
        mine, theirs = self._ace_value, _plain(other)
        if mine is not None or theirs is not None or not isinstance(other, Remote):
            return mine is not None and bool(mine == theirs)
        return bool(self._ace_judging("eq", (self, other)))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __contains__(self, item: object) -> bool:
        if self._ace_kind in self._ace_link.operators:
            return bool(self._ace_link.do("__contains__", (self, item), {}))
        held: Any = self if self._ace_value is None else self._ace_value
        return any(item == one for one in held)

    def _ace_judging(self, name: str, given: tuple[Any, ...]) -> Any:
        if not any(isinstance(v, Remote) and v._ace_kind in self._ace_link.operators for v in given):
            raise TypeError(f"an object of {self._ace_kind} was given where the tests work with a plain value")
        return self._ace_link.do(name, given, {})


def _asking(name: str) -> Callable[..., Any]:
    local = None if name in _ASKED else _local(name)

    def asked(self: Remote, *given: Any, **named: Any) -> Any:
        if local is not None and self._ace_value is not None:
            return local(self._ace_value, *map(_plain, given))
        if name in _JUDGING:
            return self._ace_judging(f"__{name}__", (self, *given))
        # An exception that passes through `with` stays where it is.
        return self._ace_link.do(f"__{name}__", (self,) if name == "exit" else (self, *given), named)

    return asked


def _local(name: str) -> Callable[..., Any]:
    """What `name` does with plain values."""
    if hasattr(builtins, name):
        return getattr(builtins, name)  # type: ignore[no-any-return]
    if not hasattr(operator, f"__{name}__"):
        return lambda one, other: getattr(operator, f"__{name[1:]}__")(other, one)
    return getattr(operator, f"__{name}__")  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    """The plain value that an object extends, or `None`; any other value as it is."""
    return value._ace_value if isinstance(value, Remote) else value


for _name in (*_ASKED, *_LOOKED, *_JUDGING):
    setattr(Remote, f"__{_name}__", _asking(_name))


def shown(value: object, most: int = _REPR) -> str:
    """`value` as it would be typed, cut."""
    if isinstance(value, Remote):
        return f"an object of {value._ace_kind}"
    try:
        text = repr(value)
    # A whole number of more digits than are printed, or a list within itself.
    except (ValueError, RecursionError, MemoryError):
        text = f"a {type(value).__name__}"
    return text if len(text) <= most else text[: most - 3] + "..."


def _text(given: tuple[Any, ...], named: dict[str, Any]) -> str:
    what = given[0]._ace_kind
    words = [shown(v, 80) for v in given[1:]] + [f"{key}={shown(v, 80)}" for key, v in named.items()]
    return f"{what}({', '.join(words)})"


def _change(value: Any, now: Any) -> None:
    """Make the contents of `value` those of `now`."""
    if now is None or type(value) is not type(now):
        return
    if isinstance(value, list | bytearray):
        value[:] = now
    elif isinstance(value, dict | set):
        value.clear()
        value.update(now)
