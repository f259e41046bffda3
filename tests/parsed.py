"""The source of `ace`, read, parsed and walked once in a process for all tests that look at it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@cache
def sources() -> dict[Path, str]:
    """The text of every module, by its path, sorted."""
    return {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "ace").rglob("*.py"))}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(sources()[path])


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All nodes of a module, as `ast.walk` gives them."""
    return tuple(ast.walk(tree(path)))
