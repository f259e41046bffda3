"""The `ace` command as a person runs it: a process of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.warm import ACE, Process

ROOT = Path(__file__).resolve().parent.parent
WORLDS = ROOT / "tests" / "worlds.py"
ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}


def start(*arguments: str, cwd: Path, before: Callable[[], None] | None = None, **more: str) -> Process:
    """`before` is called in the process first; `more` are further variables of its environment."""
    return Process(ACE, arguments, cwd=cwd, env={**ENVIRONMENT, **more}, before=before)


def ace(*arguments: str, cwd: Path, before: Callable[[], None] | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    process = start(*arguments, cwd=cwd, before=before, **more)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(arguments, process.returncode or 0, out, err)
