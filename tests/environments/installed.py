"""Tests of environments that take what ace does not bring: left out where that is missing, unless it was asked for.

`make test-env NAME=gymnasium` installs an extra beside the locked environment and names it in `ACE_ENVS`; its tests then fail
where something is missing. python -m tests.environments.installed gymnasium prints what pip is told to install for it.
"""

from __future__ import annotations

import os
import shlex
import sys

import pytest

from ace.environments.needs import needs_of


def require(name: str) -> None:
    """Leave the module's tests out where the environment `name` cannot be opened here; fail where it was asked for."""
    missing = [need for need in needs_of(name) if need.stops and not need.met and not need.part]
    if not missing:
        return
    why = f"{name} needs {missing[0].what}: make test-env NAME={name}"
    if name in os.environ.get("ACE_ENVS", "").split(","):
        raise RuntimeError(f"{why} was asked for, and it is not installed")
    pytest.skip(why, allow_module_level=True)


def packages(name: str) -> list[str]:
    """The arguments of `pip install` for all that the environment `name` takes."""
    return [word for need in needs_of(name) for word in shlex.split(need.packages)]


if __name__ == "__main__":
    sys.stdout.write(" ".join(packages(sys.argv[1])))
