"""No method of the store's doors and no function is there for tests alone, and no two classes of the package share a name."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache

import pytest

from tests.parsed import ROOT, nodes, sources, tree

DOORS = {
    "Store": ("memory/store.py", {"store", "_store", "db", "trial", "opened"}),
    "View": ("memory/view.py", {"view", "_view", "was", "now", "book", "_book"}),
    "Provenance": ("memory/provenance/past.py", {"past"}),
    "Imports": ("memory/exchange/imports.py", {"imports"}),
    "Histories": ("memory/exchange/histories.py", {"histories"}),
    "Branches": ("memory/branches/merge.py", {"branches"}),
    "Edits": ("memory/log/edits.py", {"edits"}),
    "Reviews": ("memory/log/review.py", {"reviews"}),
    "Upkeep": ("memory/maintenance/upkeep.py", {"upkeep"}),
    "Experiments": ("memory/journal/experiments.py", {"experiments"}),
    "Leases": ("memory/journal/leases.py", {"leases"}),
}
"""The doors to what is stored: where each is, and what a value of its kind is called where it is used."""


def last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return last_name(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


@cache
def read() -> tuple[tuple[str, str], ...]:
    """Every attribute that is read, behind what it is read of is called."""
    reads = (n for path in sources() for n in nodes(path) if isinstance(n, ast.Attribute))
    return tuple({(last_name(n.value), n.attr) for n in reads})


def used(names: set[str]) -> set[str]:
    """Attributes that are read of something called by one of `names`, or of itself."""
    return {attribute for owner, attribute in read() if owner in names | {"self", "cls"}}


@pytest.mark.parametrize("door", DOORS)
def test_every_method_of_a_door_is_used_by_the_package_itself(door: str) -> None:
    path, names = DOORS[door]
    (found,) = [n for n in tree(ROOT / "ace" / path).body if isinstance(n, ast.ClassDef) and n.name == door]
    methods = {n.name for n in found.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")}
    idle = methods - used(names) - {"open"}
    assert {f"{door}.{name}" for name in idle} == set()


def test_no_two_classes_share_a_name() -> None:
    """What begins with an underscore is known to one module alone."""
    homes: dict[str, list[str]] = defaultdict(list)
    for path in sources():
        for node in nodes(path):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(str(path.relative_to(ROOT)))
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}


def test_every_function_of_a_module_is_used_by_the_package_or_a_benchmark() -> None:
    """Left out: what a decorator registers, what a module offers by name, and what Python itself calls."""
    called = {n.id for p in sources() for n in nodes(p) if isinstance(n, ast.Name)}
    called |= {n.attr for p in sources() for n in nodes(p) if isinstance(n, ast.Attribute)}
    texts = (n.value for p in sources() for n in nodes(p) if isinstance(n, ast.Constant))
    offered = {text.rpartition(":")[2] for text in texts if isinstance(text, str)}
    benchmarks = [ast.parse(p.read_text(encoding="utf-8")) for p in (ROOT / "benchmarks").glob("*.py")]
    measured = {a.name for b in benchmarks for n in ast.walk(b) if isinstance(n, ast.ImportFrom) for a in n.names}
    idle = {
        f"{p.relative_to(ROOT)}: {n.name}"
        for p in sources()
        for n in tree(p).body
        if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and not n.decorator_list and not n.name.startswith("__")
        if n.name not in called | offered | measured
    }
    assert idle == set()
