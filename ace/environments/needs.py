"""What an environment takes that ace itself does not bring, and whether it is there.

A module says it beside its `OFFERS`, in a dictionary of texts that is read from the file and not imported:

    NEEDS = {"extra": "scienceworld", "modules": "scienceworld py4j", "java": "17"}

`extra` is the extra of `evolving-playbook` that installs `modules` (top-level names, separated by spaces), or `install` the
command that does where an extra cannot say it (a package without what it depends on; one that begins with `pip install` is told
with the pip of the interpreter that ace runs in); `java` the least version of Java;
`sandbox` and `compiler` are programs. `for` says that only a part of the environment needs the extra; without it nothing of
the environment can be opened. Looking at needs imports no module and starts no process.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ace.errors import BadInput
from ace.installing import pip_install
from ace.offered import stated

ROOM = "ace.environments"
_PIP = "pip install "
_PROGRAMS = {
    "sandbox": ("bwrap", "bubblewrap, a sandbox", "apt-get install bubblewrap"),
    "compiler": ("cc", "a C compiler", "apt-get install build-essential"),
}
"""By the key of `NEEDS`: the program, what it is, and the command that installs it on Debian."""
_VERSION = re.compile(r'^JAVA_VERSION="(?:1\.)?(\d+)', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that an environment takes: `what` it is, whether it is `met` here, and the command that installs it. `part` is
    the part of the environment that needs it, or empty for all of it. `stops`: without it `open_environment` refuses; a
    sandbox does not, because an environment may be told to go without. `packages` are the arguments of `pip install`, as typed,
    where pip installs it."""

    what: str
    met: bool
    install: str
    part: str = ""
    stops: bool = True
    packages: str = ""

    def __str__(self) -> str:
        return f"{self.what} for {self.part}" if self.part else self.what


def needs_of(name: str) -> tuple[Need, ...]:
    """What the environment of ace called `name` takes; nothing where none is stated or another package offers it. Raises
    `ValueError` where what is stated is not understood."""
    said = stated("NEEDS", ROOM).get(name, {})
    unknown = said.keys() - {"extra", "install", "modules", "java", "for", *_PROGRAMS}
    if unknown or ("extra" in said) + ("install" in said) != ("modules" in said):
        raise ValueError(f"NEEDS of {name} is not understood: {dict(said)}")
    return tuple(_needs(said))


def require_needs(name: str, part: str = "") -> None:
    """Raise `BadInput`, in one line with the command that installs it, for what is missing of what all of `name` needs, or of
    what `part` of it needs."""
    for need in missing(name, part):
        are = "are" if need.what.startswith("the packages") else "is"
        of = f"{name} with {part}" if part else name
        raise BadInput(f"{of} needs {need.what}, which {are} not installed here: {need.install}")


def missing(name: str, part: str = "") -> list[Need]:
    """What all of `name` needs, or `part` of it, and is not here; without it `open_environment` refuses."""
    return [need for need in needs_of(name) if need.stops and not need.met and need.part == part]


def _needs(said: Mapping[str, str]) -> list[Need]:
    part = said.get("for", "")
    found = []
    if modules := said.get("modules", "").split():
        what = f"the package {modules[0]}" if len(modules) == 1 else f"the packages {', '.join(modules)}"
        install = said.get("install") or f"{_PIP}'evolving-playbook[{said['extra']}]'"
        packages = install.removeprefix(_PIP) if install.startswith(_PIP) else ""
        command = pip_install(packages) if packages else install
        found.append(Need(what, all(map(_installed, modules)), command, part, packages=packages))
    if "java" in said:
        least = int(said["java"])
        found.append(Need(f"Java {least} or later", java_version() >= least, f"apt-get install openjdk-{least}-jre-headless"))
    for key, (program, what, install) in _PROGRAMS.items():
        if key in said:
            found.append(Need(what, shutil.which(program) is not None, install, stops=key != "sandbox"))
    return found


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    # A module that was put in `sys.modules` without a specification.
    except ValueError:
        return True


def java_version() -> int:
    """The major version of the Java that would be started, 0 where there is none. It is read from the file `release` beside it;
    a Java without that file counts as new enough."""
    home = os.environ.get("JAVA_HOME")
    program = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if program is None:
        return 0
    try:
        found = _VERSION.search((Path(program).resolve().parent.parent / "release").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    return int(found[1]) if found else 1_000
