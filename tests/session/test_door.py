"""What `import ace` offers is there, and takes nothing away."""

from __future__ import annotations

import subprocess
import sys

import pytest

import ace
from tests.command import ROOT

EVERYTHING = ("open", "Learner", "environment", "Environment", "Budget", "Result", "errors", "events", "success", "AceWarning")


@pytest.mark.parametrize("name", sorted({*EVERYTHING, *ace.__all__}))
def test_every_public_name_can_be_had(name: str) -> None:
    assert name in dir(ace)
    assert getattr(ace, name) is not None


def test_a_name_that_is_none_is_said_to_be_none() -> None:
    with pytest.raises(AttributeError, match="no attribute 'opne'"):
        ace.opne  # noqa: B018


def test_a_star_import_leaves_open_alone() -> None:
    script = "from ace import *; import builtins; assert open is builtins.open and Learner"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


def test_the_names_that_cost_little_load_no_database() -> None:
    script = (
        "import ace, sys; ace.Task, ace.success, ace.Environment, ace.Budget, ace.errors; print('sqlalchemy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "False\n"
