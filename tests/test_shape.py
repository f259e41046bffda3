"""Files and functions stay small: what a reader has to hold in mind at once is bounded."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
LINES_OF_A_FILE, MEDIAN_LINES, LINES_OF_A_FUNCTION, POSITIONAL = 400, 150, 50, 5
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def files() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "ace").rglob("*.py")):
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def functions(text: str) -> Iterator[tuple[str, Function]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, Function):
            yield getattr(node, "name", "lambda"), node


def positional(function: Function) -> list[str]:
    """The parameters that may be given by their place; `self` and `cls` are given by Python."""
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def test_no_file_is_long_and_most_are_short() -> None:
    lengths = {name: len(text.splitlines()) for name, text in files()}
    assert {name: n for name, n in lengths.items() if n > LINES_OF_A_FILE} == {}
    assert median(n for n in lengths.values() if n) <= MEDIAN_LINES


def test_no_function_is_long() -> None:
    lengths = {
        f"{name}:{f.lineno} {said}": (f.end_lineno or f.lineno) - f.lineno + 1
        for name, text in files()
        for said, f in functions(text)
    }
    assert {place: n for place, n in lengths.items() if n > LINES_OF_A_FUNCTION} == {}


def test_no_function_takes_more_than_five_parameters_by_their_place() -> None:
    taken = {f"{name}:{f.lineno} {said}": positional(f) for name, text in files() for said, f in functions(text)}
    assert {place: names for place, names in taken.items() if len(names) > POSITIONAL} == {}
