"""The sandbox: which processes are started, with what around them, and whether that works on this machine.

bubblewrap gives a process a file system of what Python needs and nothing else, read-only, without `/proc`, and namespaces
without a network and without other processes; the process then shuts itself in further (`inside/enclosure.py`). Without
bubblewrap code is run only where that was said aloud.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import ace
from ace.environments.code.inside.enclosure import Bounds
from ace.environments.code.inside.syscalls import supported
from ace.errors import BadInput

Sandbox = Literal["bubblewrap", "none"]
INSTALL = "apt-get install bubblewrap"
NONE = "--set sandbox=none runs the code without one, with all your permissions"
_ROOT, _PYTHON = "/ace", "/python"
TASK = "/task"
_HOME = Path(ace.__file__).resolve().parent.parent
_INSIDE = Path(__file__).resolve().parent / "inside"
_WORDS = "import sys; sys.path[:0] = sys.argv[3:]; from ace.environments.code.inside.{} import main; main()"
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "MALLOC_ARENA_MAX": "1",
    "LD_LIBRARY_PATH": "/python/lib",
}
_AS_ROOT = ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
_AS_USER = ("--unshare-user", "--uid", "65534", "--gid", "65534")
_UIDS = range(2_000_000_000, 2_100_000_000)
"""Users that own nothing. Each process is another one, because the kernel counts processes by user."""
_TRIAL = "import sys; sys.stdout.write('well')"
_SECONDS = 20


def require_sandbox(sandbox: Sandbox) -> None:
    """Raise `BadInput`, in one line, where the sandbox cannot be had, or shows what must not be seen."""
    if sandbox == "none":
        return
    if shutil.which("bwrap") is None:
        raise BadInput(f"code needs bubblewrap, a sandbox, which is not installed here: {INSTALL}; {NONE}")
    if not supported():
        raise BadInput(f"the sandbox of code knows x86_64 and aarch64, and this is another machine; {NONE}")
    if why := _trouble():
        raise BadInput(f"the sandbox of code cannot be started here: {why}; {NONE}")
    _refuse_seen()


def command(part: str, bounds: Bounds, *, folder: Path | None = None, also: Sequence[str] = ()) -> list[str]:
    """The words that start `part` (a module of `inside`) within `bounds`; `folder` is shown as `/task`, and modules are
    imported from the folders `also` too."""
    told = json.dumps(bounds.listed())
    # The number says in a list of processes who started this one.
    words = ["-B", "-s", "-S", "-P", "-c", _WORDS.format(part), str(os.getpid()), told]
    if bounds.way == "none":
        return [sys.executable, *words, str(_HOME), *also]
    there = {place: f"/libraries/{n}" for n, place in enumerate(also)}
    shown = {str(_INSIDE): f"{_ROOT}/ace/environments/code/inside", **({str(folder): TASK} if folder else {}), **there}
    return [*_enclosed(bounds.way, shown), *words, _ROOT, *there.values()]


def environment() -> dict[str, str]:
    """The variables of a process in the sandbox. bubblewrap itself gets no others: what it was given could be read inside."""
    return dict(_ENVIRONMENT)


def way_of(sandbox: Sandbox) -> str:
    """How processes are shut in here."""
    return "none" if sandbox == "none" else _way()


def a_user() -> int:
    return random.SystemRandom().choice(_UIDS)


def shown_paths() -> dict[str, str]:
    """The files and folders of this machine that can be read inside, and where they are there."""
    base = Path(sys.base_prefix).resolve()
    found = {str(base / name): f"{_PYTHON}/{name}" for name in ("lib", "lib64") if (base / name).is_dir()}
    found |= {place: place for place in ("/usr/lib", "/usr/lib64", "/lib", "/lib64") if Path(place).is_dir()}
    return found | {str(_interpreter()): f"{_PYTHON}/bin/{_interpreter().name}"}


def _interpreter() -> Path:
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def _enclosed(way: str, shown: dict[str, str]) -> list[str]:
    """The words that start Python in the sandbox, where `shown` can be read besides what Python needs."""
    options = [f"--unshare-{what}" for what in ("ipc", "pid", "net", "uts", "cgroup-try")]
    options += ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN"]
    options += _AS_ROOT if way == "root" else _AS_USER
    python = shown_paths()
    # bubblewrap makes folders that root alone may enter.
    above = {str(parent) for place in (*python.values(), *shown.values()) for parent in Path(place).parents} - {"/"}
    options += [word for place in sorted(above) for word in ("--perms", "0755", "--dir", place)]
    for place, inside in (python | shown).items():
        link = place == inside and Path(place).is_symlink()
        options += ["--symlink", os.readlink(place), place] if link else ["--ro-bind", place, inside]
    options += ["--dev", "/dev", "--remount-ro", "/dev", "--dir", "/tmp", "--remount-ro", "/", "--chdir", "/"]
    return ["bwrap", *options, f"{_PYTHON}/bin/{_interpreter().name}"]


@cache
def _way() -> str:
    """`root` where this process is root and may start it so, else `user`."""
    return "root" if os.geteuid() == 0 and not _failed("root") else "user"


@cache
def _trouble() -> str:
    return _failed(_way())


def _failed(way: str) -> str:
    """Why a process cannot be started that `way`; empty where it can."""
    try:
        done = subprocess.run(
            [*_enclosed(way, {}), "-B", "-I", "-S", "-c", _TRIAL],
            env=environment(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0 and done.stdout == b"well":
        return ""
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"bubblewrap ended with status {done.returncode}"


def _refuse_seen() -> None:
    """Raise `BadInput` where the store lies in a folder that can be read inside."""
    store = Path(os.environ.get("ACE_STORE") or "ace.db").expanduser().resolve()
    for place in shown_paths():
        if store.is_relative_to(Path(place).resolve()):
            raise BadInput(
                f"the store {store} lies in {place}, which code in the sandbox can read; keep it elsewhere (ACE_STORE)"
            )
