"""Imports point down only, and importing `ace` loads nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.parsed import ROOT, nodes, sources

LAYERS = (
    ("cli", "__main__"),
    ("commands",),
    ("pages",),
    ("integrations",),
    ("session", "experiments", "exports"),
    ("runs",),
    ("results", "editing"),
    ("strategies",),
    ("attempt",),
    ("roles",),
    ("models", "memory"),
    ("evidence", "traces"),
    ("playbooks", "environments"),
    (
        "budget",
        "flags",
        "registry",
        "offered",
        "options",
        "settings",
        "sampled",
        "answered",
        "contexts",
        "statistics",
        "loops",
        "binding",
        "keys",
    ),
    ("lazily",),
    ("origins",),
    ("bounds",),
    ("types", "events", "errors", "redaction", "warned", "installing"),
)
"""Rooms from the top of the house to the bottom. A room may import from its own level and from those below."""
FORBIDDEN = {("memory", "models"), ("models", "memory"), ("environments", "playbooks"), ("playbooks", "environments")}
"""Pairs that the levels alone would allow."""
DEPTH = {room: depth for depth, rooms in enumerate(LAYERS) for room in rooms}
PACKAGES = {".".join(p.parent.relative_to(ROOT).parts) for p in (ROOT / "ace").rglob("__init__.py")}
SUB_ROOMS = {
    "memory": {"branches", "bullets", "database", "episodes", "exchange", "journal", "log", "maintenance", "provenance"},
    "commands": {"config", "episode", "experiment", "parts", "playbook", "run", "terminal"},
    "playbooks": {"formats", "guards", "merge", "sensitive", "similarity", "triggers"},
    "roles": {"curator"},
    "models": {"clients", "errors", "novice", "proxy", "replies", "wrappers"},
}
"""Rooms inside rooms."""
SIZES = {"memory": (14, 50), "commands": (10, 20)}
"""The most entries (files and sub-rooms) of a room, and the most imports between them."""
NAMED_TUPLE = {"_replace", "_make", "_asdict", "_fields"}
"""Public, whatever their first letter says: it keeps them apart from the names of fields."""
Graph = dict[str, set[str]]
HEAVY = ("litellm", "openai", "sqlmodel", "sqlalchemy", "sqlite3", "pydantic", "rich", "typer", "httpx", "aiohttp", "tenacity")


@cache
def modules() -> dict[str, Path]:
    """The files of `ace` by the names of their modules."""
    return {".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p for p in sources()}


@cache
def imported(path: Path) -> tuple[str, ...]:
    """What a module imports of `ace`: modules, and what may be a module of a package."""
    found: list[str] = []
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("ace."):
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.startswith("ace.")]
    return tuple(found)


def room(module: str) -> str:
    return module.split(".")[1]


def test_every_room_has_its_place() -> None:
    assert {room(name) for name in modules() if name != "ace"} <= DEPTH.keys()


def test_imports_point_down() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, path in modules().items()
        if name != "ace"
        for other in imported(path)
        if DEPTH[room(other)] < DEPTH[room(name)] or (room(name), room(other)) in FORBIDDEN
    ]
    assert wrong == []


def graph(name_of: Callable[[str], str]) -> Graph:
    """Who imports whom, with modules named by `name_of`; what a room imports from itself is left out."""
    everything = modules()
    edges: Graph = {}
    for name, path in everything.items():
        mine = edges.setdefault(name_of(name), set())
        mine |= {name_of(o) for o in imported(path) if o in everything and not (o in PACKAGES and name.startswith(f"{o}."))}
        mine.discard(name_of(name))
    del edges["ace"]
    return edges


def circles(edges: Graph) -> list[list[str]]:
    """Every set of modules that import each other, over any number of steps (Tarjan's strongly connected components)."""
    found: list[list[str]] = []
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []

    def visit(name: str) -> None:
        number[name] = low[name] = len(number)
        stack.append(name)
        for other in sorted(edges.get(name, ())):
            if other not in number:
                visit(other)
            if other in stack:
                low[name] = min(low[name], low[other])
        if low[name] == number[name]:
            circle = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            found.extend([circle] if len(circle) > 1 else [])

    for name in sorted(edges):
        if name not in number:
            visit(name)
    return found


def test_a_circle_of_any_length_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": {"b"}, "e": {"a"}}) == [["b", "c", "d"]]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles(graph(lambda module: module)) == []


@pytest.mark.parametrize("package", sorted(SUB_ROOMS))
def test_sub_rooms_do_not_import_each_other_in_a_circle(package: str) -> None:
    def entry(module: str) -> str:
        return ".".join(module.split(".")[:3]) if module.startswith(f"ace.{package}.") else f"ace.{room(module)}"

    edges = graph(lambda module: module if module == "ace" else entry(module))
    assert circles(edges) == []
    inside = [e for e in edges if e.startswith(f"ace.{package}.")]
    assert {e.rpartition(".")[2] for e in inside if (ROOT / e.replace(".", "/")).is_dir()} == SUB_ROOMS[package]
    most_entries, most_edges = SIZES.get(package, (len(inside), 10**6))
    assert len(inside) <= most_entries
    assert sum(len({o for o in edges[e] if o in inside}) for e in inside) <= most_edges


def private_reaches(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Attributes with a leading underscore that are read of something other than `self`, `cls` or a class of the module."""
    reached = [n for n in nodes if isinstance(n, ast.Attribute) and n.attr.startswith("_") and not n.attr.startswith("__")]
    own = {"self", "cls", "super"} | {node.name for node in nodes if isinstance(node, ast.ClassDef)}
    named = {node.attr for node in reached if isinstance(node.ctx, ast.Store)} | NAMED_TUPLE
    named |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    named |= {n.target.id for n in nodes if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)}
    for node in reached:
        if not (isinstance(node.value, ast.Name) and node.value.id in own) and node.attr not in named:
            yield f"line {node.lineno}: {ast.unparse(node)}"


def test_a_private_reach_is_found_and_ones_own_is_not() -> None:
    source = "class A:\n    def _f(self):\n        self._x = 1\n        return self._y, other._f, A._z, __name__\nthere._gone\n"
    assert list(private_reaches([*ast.walk(ast.parse(source))])) == ["line 5: there._gone"]


def test_no_module_reaches_into_another_ones_private_attributes() -> None:
    assert [f"{name}, {reach}" for name, path in modules().items() for reach in private_reaches(nodes(path))] == []


@pytest.mark.parametrize("arguments", [["-c", "import ace"], ["-m", "ace", "--help"], ["-m", "ace", "--version"]], ids=str)
def test_nothing_heavy_is_loaded_before_it_is_needed(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    allowed = {"typer"} if "ace" in arguments else set()
    assert "ace" in loaded
    assert sorted(set(HEAVY) & loaded - allowed) == []
