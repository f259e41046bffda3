"""The command that installs a package where ace runs.

`pip` is the first one on the PATH, which in a clone, or wherever ace is started by its path, belongs to another environment:
what it installs is not found here. So the interpreter is named, unless that `pip` stands beside it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path


def pip_install(what: str) -> str:
    """What to type in this folder to install `what`, the arguments of `pip install` as a shell reads them, into the environment
    that runs this. One without pip, such as uv makes, is filled by uv, or is given pip first where there is no uv."""
    python = os.path.abspath(sys.executable) if sys.executable else ""
    if not python:
        return f"pip install {what}"
    typed = _typed(python)
    if find_spec("pip") is not None:
        return f"pip install {what}" if _beside(shutil.which("pip"), python) else f"{typed} -m pip install {what}"
    if shutil.which("uv") or find_spec("ensurepip") is None:
        return f"uv pip install --python {typed} {what}"
    return f"{typed} -m ensurepip && {typed} -m pip install {what}"


def _beside(program: str | None, python: str) -> bool:
    """Whether `program` stands in the folder of the interpreter."""
    return program is not None and Path(program).parent.samefile(Path(python).parent)


def _typed(python: str) -> str:
    """The interpreter as it is typed: its name where the PATH leads to it, else its path, from here if that is shorter."""
    name = Path(python).name
    for each in ("python", name):
        found = shutil.which(each)
        if found is not None and _beside(found, python) and Path(found).samefile(python):
            return each
    try:
        near = os.path.relpath(python)
    # On another drive, or the folder is gone.
    except (OSError, ValueError):
        near = python
    near = near if os.sep in near else os.path.join(os.curdir, near)
    return shlex.quote(min(near, python, key=len))
