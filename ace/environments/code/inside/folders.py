"""Tests in files of pytest, which import the solution as a module."""

from __future__ import annotations

import ast
import builtins
import sys
import types
from collections.abc import Iterator
from pathlib import Path

from ace.environments.code.inside.remote import Link
from ace.environments.code.inside.wire import Garbled, Gone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Report:
    """What pytest says of each test."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.passed = 0
        self.first = ""
        self.broken = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.passed += report.when == "call" and report.passed and not hasattr(report, "wasxfail")
        if report.failed and not self.first:
            crash = getattr(report.longrepr, "reprcrash", None)
            told = crash.message if crash is not None else str(report.longrepr)
            self.first = "\n".join(filter(None, (f"failed: {report.nodeid.rpartition('::')[2]}", told, self._link.last)))

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and not self.broken:
            self.broken = str(report.longrepr).strip().splitlines()[-1]


def tested(module: types.ModuleType, link: Link, place: str) -> tuple[str, str]:
    """The verdict of the tests in `place` on `module`, and what is told of it: success where at least one passed and none
    failed."""
    import pytest

    link.operators = frozenset(_classes(module, place))
    sys.modules[module.__name__] = module
    module.__getattr__ = lambda name: _missing(module.__name__, name)  # type: ignore[method-assign]
    report = _Report(link)
    words = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:faulthandler", "--rootdir", place, "-c", "/dev/null", place]
    try:
        status = pytest.main(words, plugins=[report])
    except (Gone, Garbled) as error:
        return "failure", str(error) or "the solution's process ended"
    if report.first:
        return "failure", report.first
    if report.broken:
        # An import of a name that the solution does not have fails while tests are collected.
        missing = module.__name__ in report.broken or "ImportError" in report.broken
        return ("failure" if missing else "broken"), f"the tests cannot be collected: {report.broken}"
    if status == pytest.ExitCode.NO_TESTS_COLLECTED or (status == pytest.ExitCode.OK and not report.passed):
        return "broken", "no test was run"
    return ("success", "") if status == pytest.ExitCode.OK else ("failure", f"pytest ended with {status!r}")


def _classes(module: types.ModuleType, place: str) -> Iterator[str]:
    """The classes of the solution that its tests name, told by their capital letter."""
    for file in sorted(Path(place).rglob("*.py")):
        if file.name == f"{module.__name__}.py":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8-sig"))):
            if isinstance(node, ast.ImportFrom) and node.module == module.__name__:
                yield from (alias.name for alias in node.names if alias.name[:1].isupper())
            elif isinstance(node, ast.Attribute | ast.Name):
                name = node.attr if isinstance(node, ast.Attribute) else node.id
                if name[:1].isupper() and name in module.__dict__ and not hasattr(builtins, name):
                    yield name


def _missing(name: str, attribute: str) -> Any:
    raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
