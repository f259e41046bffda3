"""Files and functions stay small: what a reader has to hold in mind at once is bounded."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from statistics import median

from tests.parsed import ROOT, nodes, sources

LINES_OF_A_FILE, MEDIAN_LINES, LINES_OF_A_FUNCTION, POSITIONAL = 400, 150, 50, 5
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def functions() -> Iterator[tuple[str, Function]]:
    """Every function, by its place and name."""
    for path in sources():
        for node in nodes(path):
            if isinstance(node, Function):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {getattr(node, 'name', 'lambda')}", node


def positional(function: Function) -> list[str]:
    """The parameters that may be given by their place; `self` and `cls` are given by Python."""
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def test_no_file_is_long_and_most_are_short() -> None:
    lengths = {str(path.relative_to(ROOT)): len(text.splitlines()) for path, text in sources().items()}
    assert {name: n for name, n in lengths.items() if n > LINES_OF_A_FILE} == {}
    assert median(n for n in lengths.values() if n) <= MEDIAN_LINES


def test_no_function_is_long() -> None:
    lengths = {place: (f.end_lineno or f.lineno) - f.lineno + 1 for place, f in functions()}
    assert {place: n for place, n in lengths.items() if n > LINES_OF_A_FUNCTION} == {}


def test_no_function_takes_more_than_five_parameters_by_their_place() -> None:
    taken = {place: positional(f) for place, f in functions()}
    assert {place: names for place, names in taken.items() if len(names) > POSITIONAL} == {}
