"""From an agent's text to calls of tools. The text is read as Python's grammar has it, and is never run: a call is a name and
plain values."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

LONGEST = 20_000
"""Characters of an action."""
MOST = 40
"""Calls in one action."""
DEEPEST = 30
"""Brackets inside of one another."""
LARGEST = 10**15
"""Of numbers: no task has a larger one, and reckoning with them takes long."""
HOW = "write calls, a line each, such as cd(folder='temp'), with plain values, or the word done"


class NotCalls(Exception):
    """The text holds no calls that can be made, and why."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    name: str
    positional: tuple[Any, ...]
    named: dict[str, Any]


def calls_in(text: str) -> list[ToolCall]:
    """The calls that `text` holds: one a line, or a list of them, in a fence or bare. Raises `NotCalls`."""
    bare = _bare(text)
    if len(bare) > LONGEST:
        raise NotCalls(f"it has {len(bare):,} characters; at most {LONGEST:,} are read")
    if _depth(bare) > DEEPEST:
        raise NotCalls(f"brackets stand more than {DEEPEST} deep")
    try:
        body = ast.parse(bare).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotCalls(f"it cannot be read ({getattr(error, 'msg', None) or type(error).__name__}); {HOW}") from None
    found = [_call(node) for node in _nodes(body)]
    if not found:
        raise NotCalls(f"there is no call in it; {HOW}")
    if len(found) > MOST:
        raise NotCalls(f"it has {len(found)} calls; at most {MOST} are made at once")
    return found


def _bare(text: str) -> str:
    lines = text.strip().splitlines()
    if len(lines) > 1 and lines[0].startswith("```") and lines[-1].strip() == "```":
        lines = lines[1:-1]
    return "\n".join(line.strip() if "(" in line else line for line in lines).strip()


def _depth(text: str) -> int:
    depth = most = 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        most = max(most, depth)
    return most


def _nodes(body: list[ast.stmt]) -> Iterator[ast.expr]:
    for statement in body:
        if not isinstance(statement, ast.Expr):
            raise NotCalls(f"a line of it is not a call; {HOW}")
        value = statement.value
        yield from value.elts if isinstance(value, ast.List | ast.Tuple) else [value]


def _call(node: ast.expr) -> ToolCall:
    if not isinstance(node, ast.Call):
        raise NotCalls(f"{_shown(node)} is not a call; {HOW}")
    function = node.func
    # A tool may be named with what it belongs to, as in GorillaFileSystem.cd.
    name = function.attr if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) else None
    name = function.id if isinstance(function, ast.Name) else name
    if name is None:
        raise NotCalls(f"{_shown(function)} is not the name of a tool; {HOW}")
    if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
        raise NotCalls(f"{name}: arguments cannot be unpacked with a star; {HOW}")
    positional = tuple(_value(name, a) for a in node.args)
    return ToolCall(name, positional, {str(k.arg): _value(name, k.value) for k in node.keywords})


def _value(name: str, node: ast.expr) -> Any:
    try:
        found = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise NotCalls(f"{name}: {_shown(node)} is not a plain value; {HOW}") from None
    _require_small(name, found)
    return found


def _require_small(name: str, value: Any) -> None:
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set):
        for inner in value:
            _require_small(name, inner)
    elif isinstance(value, int | float) and not abs(value) <= LARGEST:
        raise NotCalls(f"{name}: a number is larger than {LARGEST:,}")
    elif isinstance(value, complex | bytes) or value is Ellipsis:
        raise NotCalls(f"{name}: {type(value).__name__} is none of the values that tools take; {HOW}")


def _shown(node: ast.expr) -> str:
    text = " ".join(ast.unparse(node).split())
    return repr(text if len(text) <= 60 else text[:60] + "...")
