"""The process of the solution: it loads the program, and does what the process of the tests asks of it.

Nothing here is trusted once the program runs in it: what it can send are values. It is told arguments, and neither tests nor
expected answers.
"""

from __future__ import annotations

import builtins
import json
import operator
import os
import sys
import types
from collections.abc import Callable
from contextlib import suppress

from ace.environments.code.inside.enclosure import Bounds, enclose
from ace.environments.code.inside.wire import Channel, Garbled, Gone, pack, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PLAIN: tuple[Any, ...] = (int, float, str, bytes, list, tuple, dict, set, frozenset, complex)
_DONE: dict[str, Callable[..., Any]] = {
    "__len__": len,
    "__iter__": iter,
    "__next__": next,
    "__bool__": bool,
    "__str__": str,
    "__repr__": repr,
    "__hash__": hash,
    "__int__": int,
    "__float__": float,
    "__round__": round,
    "__reversed__": reversed,
    "__enter__": lambda of: of.__enter__(),
    "__exit__": lambda of, *given: of.__exit__(None, None, None),
    "__call__": lambda of, *given, **named: of(*given, **named),
    "__getattr__": getattr,
    "__setattr__": setattr,
    "__delattr__": delattr,
    "__instancecheck__": lambda of, value: isinstance(value, of),
    "__subclasscheck__": lambda of, kind: issubclass(kind, of),
}


class _Served:
    """What the program holds, and the requests for it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._held: list[object] = []
        self._numbers: dict[int, int] = {}
        """By identity, which stays the object's own because the object is held: so `is` holds between tests too."""

    def serve(self) -> None:
        while True:
            answer = self._answer(self._channel.receive())
            try:
                self._channel.send(answer)
            except (Garbled, ValueError, RecursionError) as error:
                self._channel.send({"raised": self._raised(ValueError(f"the value cannot be sent: {error}"))})

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            if "load" in asked:
                return {"names": self._loaded(asked["load"], asked["name"])}
            given = [unpack(value, self._read) for value in asked["given"]]
            named = {name: unpack(value, self._read) for name, value in asked["named"].items()}
            came = _done(asked["do"], given, named)
            return {
                "came": pack(came, self._write),
                "given": [self._changed(v, asked["given"][n]) for n, v in enumerate(given)],
            }
        # Anything that the program raises is told, and raised again where the tests are.
        except BaseException as error:  # noqa: BLE001
            return {"raised": self._raised(error)}

    def _loaded(self, text: str, name: str) -> dict[str, Any]:
        module = types.ModuleType(name)
        sys.modules[name] = module
        exec(compile(text, f"{name}.py", "exec"), module.__dict__)
        return {key: pack(value, self._write) for key, value in vars(module).items() if not key.startswith("__")}

    def _changed(self, value: object, before: Any) -> Any:
        """An argument that was changed in place, as it is now; `None` where it was not."""
        if type(value) not in (list, dict, set, bytearray):
            return None
        now = pack(value, self._write)
        return None if now == before else now

    def _write(self, value: object) -> Any:
        if isinstance(value, types.ModuleType):
            return {"held": -1, "kind": "module", "value": None, "error": None}
        if id(value) not in self._numbers:
            self._numbers[id(value)] = len(self._held)
            self._held.append(value)
        kind = value.__name__ if isinstance(value, type | types.FunctionType) else type(value).__name__
        plain = next((base(value) for base in _PLAIN if isinstance(value, base)), None)
        error = [c.__name__ for c in value.__mro__] if isinstance(value, type) and issubclass(value, BaseException) else None
        return {"held": self._numbers[id(value)], "kind": kind, "value": pack(plain, str), "error": error}

    def _read(self, sent: Any) -> Any:
        if "held" in sent:
            return self._held[sent["held"]]
        if "builtin" in sent:
            return getattr(builtins, sent["builtin"])
        return _Called(self, sent["called"])

    def ask(self, number: int, given: tuple[object, ...]) -> Any:
        """Have the tests call a function that they gave."""
        self._channel.send({"call": number, "given": [pack(value, self._write) for value in given]})
        answer = self._channel.receive()
        if "raised" in answer:
            raise RuntimeError(answer["raised"])
        return unpack(answer["came"], self._read)

    def _raised(self, error: BaseException) -> dict[str, Any]:
        kinds = [kind.__name__ for kind in type(error).__mro__]
        try:
            said = [error.msg] if isinstance(error, SyntaxError) else list(error.args)
            told, text = pack(said, str), str(error)
        # An exception of the program's own may be unable to say what it is.
        except BaseException:  # noqa: BLE001
            told, text = {"list": []}, ""
        line = error.lineno if isinstance(error, SyntaxError) else _line(error)
        return {"kinds": kinds, "args": told, "text": text[:2_000], "line": line}


class _Called:
    """A function of the tests."""

    def __init__(self, served: _Served, number: int) -> None:
        self._served, self._number = served, number

    def __call__(self, *given: object) -> Any:
        return self._served.ask(self._number, given)


def _done(name: str, given: list[Any], named: dict[str, Any]) -> Any:
    if name in _DONE:
        return _DONE[name](*given, **named)
    plain = name.strip("_")
    if name.startswith("__r") and hasattr(operator, f"__{plain[1:]}__") and not hasattr(operator, name):
        return getattr(operator, f"__{plain[1:]}__")(given[1], given[0])
    return getattr(operator, name)(*given)


def _line(error: BaseException) -> int | None:
    """The line of the program in which `error` was raised."""
    found, trace = None, error.__traceback__
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith("/"):
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def main() -> None:
    """Serve requests on the standard streams; the program gets empty ones."""
    channel = Channel(os.dup(0), os.dup(1))
    enclose(Bounds(*json.loads(sys.argv[2])))
    nothing = os.open("/dev/null", os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    channel.send({"ready": True})
    # When the tests are over, or the program has closed the pipe, the channel is gone.
    with suppress(Gone, Garbled, OSError):
        _Served(channel).serve()
