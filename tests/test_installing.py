"""The command that installs a package names the environment that ace runs in, and works as it is printed."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.parsed import ROOT

HERE = Path(sys.executable)
needs_pip = pytest.mark.skipif(find_spec("pip") is None, reason="this environment has no pip")


def told(what: str, path: str, cwd: Path, python: Path = HERE) -> str:
    """What a process of `python` in the folder `cwd` says, with the PATH `path`."""
    asked = f"from ace.installing import pip_install; print(pip_install({what!r}))"
    surroundings = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([python, "-c", asked], env=surroundings, cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@needs_pip
def test_where_another_pip_or_none_comes_first_on_the_path_the_interpreter_is_named(tmp_path: Path) -> None:
    other = tmp_path / "other" / "pip"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\nexit 9\n")
    other.chmod(0o755)
    for path in (str(other.parent), f"{tmp_path}/none"):
        command = told("--help", path, tmp_path)
        assert command.endswith(" -m pip install --help")
        done = subprocess.run(
            command, shell=True, env={**os.environ, "PATH": path}, cwd=tmp_path, capture_output=True, text=True
        )
        assert (done.returncode, "pip install [options]" in done.stdout) == (0, True)


@needs_pip
def test_the_interpreter_is_named_from_the_folder_one_is_in(tmp_path: Path) -> None:
    above, name = HERE.parent, HERE.name
    assert told("x", f"{tmp_path}", above) == f"./{name} -m pip install x"
    assert told("x", f"{tmp_path}", above.parent) == f"{above.name}/{name} -m pip install x"


@pytest.mark.skipif(not (HERE.parent / "pip").exists(), reason="no pip stands beside the interpreter")
def test_where_the_pip_on_the_path_stands_beside_the_interpreter_it_is_named_alone(tmp_path: Path) -> None:
    assert told("x", str(HERE.parent), tmp_path) == "pip install x"


def test_an_environment_without_pip_is_filled_by_uv_or_is_given_pip(tmp_path: Path) -> None:
    venv.create(tmp_path / "bare env", with_pip=False)
    python = tmp_path / "bare env" / "bin" / "python"
    program = tmp_path / "bin" / "uv"
    program.parent.mkdir()
    program.touch(0o755)
    assert told("x", str(program.parent), tmp_path, python) == "uv pip install --python 'bare env/bin/python' x"
    first, _, then = told("x", str(tmp_path), tmp_path, python).partition(" && ")
    assert (first, then) == ("'bare env/bin/python' -m ensurepip", "'bare env/bin/python' -m pip install x")
    active = f"{python.parent}:{program.parent}"
    assert told("x", active, tmp_path, python) == "uv pip install --python python x"
