"""The `ace` command as a person runs it: a process of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.warm import ACE, Process

ROOT = Path(__file__).resolve().parent.parent
WORLDS = ROOT / "tests" / "worlds.py"
ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "COLUMNS": "120", "PYTHONPATH": str(ROOT)}


def start(*arguments: str, cwd: Path) -> Process:
    return Process(ACE, arguments, cwd=cwd, env=ENVIRONMENT)


def ace(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    process = start(*arguments, cwd=cwd)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(arguments, process.returncode or 0, out, err)
