"""Imports point down only, and importing `ace` loads nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = (
    ("cli", "__main__"),
    ("commands",),
    ("integrations",),
    ("session", "opening", "expectation", "preview", "asked", "trust"),
    ("learner", "playing"),
    ("evidence", "editing"),
    ("strategies",),
    ("attempt", "journal", "claims"),
    ("roles",),
    ("models", "memory"),
    ("playbooks", "environments"),
    ("budget", "registry", "options", "settings", "intervals", "loops", "lazily", "binding", "keys"),
    ("bounds",),
    ("types", "events", "errors", "redaction"),
)
"""Rooms from the top of the house to the bottom. A room may import from its own level and from those below."""
FORBIDDEN = {("memory", "models"), ("models", "memory"), ("environments", "playbooks"), ("playbooks", "environments")}
"""Pairs that the levels alone would allow."""
DEPTH = {room: depth for depth, rooms in enumerate(LAYERS) for room in rooms}
HEAVY = ("litellm", "openai", "sqlmodel", "sqlalchemy", "sqlite3", "pydantic", "rich", "typer", "httpx", "aiohttp", "tenacity")


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "ace").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("ace."):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("ace."))


def room(module: str) -> str:
    return module.split(".")[1]


def test_every_room_has_its_place() -> None:
    assert {room(name) for name, _ in modules() if name != "ace"} <= DEPTH.keys()


def test_imports_point_down() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, tree in modules()
        if name != "ace"
        for other in imported(tree)
        if DEPTH[room(other)] < DEPTH[room(name)] or (room(name), room(other)) in FORBIDDEN
    ]
    assert wrong == []


def test_no_two_modules_import_each_other() -> None:
    everything = dict(modules())
    edges = {name: {o for o in imported(tree) if o in everything} for name, tree in everything.items() if name != "ace"}
    assert [(a, b) for a in edges for b in edges[a] if a < b and a in edges.get(b, ())] == []


@pytest.mark.parametrize("arguments", [["-c", "import ace"], ["-m", "ace", "--help"], ["-m", "ace", "--version"]], ids=str)
def test_nothing_heavy_is_loaded_before_it_is_needed(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    allowed = {"typer"} if "ace" in arguments else set()
    assert "ace" in loaded
    assert sorted(set(HEAVY) & loaded - allowed) == []
