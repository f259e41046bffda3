"""Prompts of one's own in files: read from a folder or a package, and written out to begin with.

A file for each role, named after it; a file that is missing means the stock prompt. A folder is read as text and nothing in it
is run; a package is imported only if it is named.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from ace.errors import BadInput, BadPrompts, Conflict
from ace.registry import load_package
from ace.roles.instructions import OPTIONAL, PLACEHOLDERS, ROLES, Prompts, checked, stock

GROUP = "ace.prompts"
FILES = {role: f"{role}.md" for role in ROLES}
README = "README.md"
Source = str | Path | Mapping[str, str]
"""Where prompts are: a folder, the name of a package, or the texts by role."""
_ACCEPTED = f"a folder with {', '.join(FILES.values())}, a package that holds them, or a name of the entry points {GROUP}"


def load_prompts(source: Source) -> Prompts:
    """The prompts that `source` names; an empty one names none, and all are stock. Raises `BadPrompts`, a line for each fault
    with file and line, `BadInput` for a folder or package that cannot be read, and `UnknownName` for a role that is none."""
    if isinstance(source, Mapping):
        return checked({role: (f"prompts[{role!r}]", text) for role, text in source.items()})
    if not str(source).strip():
        return Prompts()
    folder = _folder(source)
    if folder is not None:
        return _read(folder, str(source).rstrip("/") or "/")
    return _read(files(load_package(str(source), "prompts", GROUP)), str(source))


def _folder(source: str | Path) -> Path | None:
    """The folder at `source`; `None` where that is the name of a package."""
    text = str(source)
    try:
        path = Path(text).expanduser()
        if path.is_dir():
            return path
        exists = path.exists()
    # A home folder that cannot be told, a NUL in the name, a folder that may not be entered.
    except (RuntimeError, ValueError, OSError) as error:
        raise BadInput(f"prompts {text!r} cannot be read: {error}") from None
    if exists:
        raise BadInput(f"prompts {text} is a file; give {_ACCEPTED}")
    if isinstance(source, Path) or "/" in text or "\\" in text or text.startswith((".", "~")):
        raise BadInput(f"there is no folder {text}; give {_ACCEPTED}, or begin one with: ace prompts export {text}")
    return None


def _read(folder: Traversable, where: str) -> Prompts:
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        raise BadInput(f"prompts {where} cannot be read: {error.strerror or error}") from None
    _refuse_near_names(names, where)
    there = {role: folder.joinpath(name) for role, name in FILES.items() if name in names}
    if not there:
        raise BadInput(f"{where} has none of {', '.join(FILES.values())}; one for each role whose prompt is to be your own")
    return checked({role: (f"{where}/{FILES[role]}", _text(file, f"{where}/{FILES[role]}")) for role, file in there.items()})


def _refuse_near_names(names: list[str], where: str) -> None:
    """A file that is meant for a role and is not named after it would be passed over in silence."""
    others = [n for n in names if n not in FILES.values() and Path(n).suffix.lower() in (".md", ".txt", "")]
    for name in others:
        near = difflib.get_close_matches(Path(name).stem.lower(), ROLES, n=1, cutoff=0.8)
        if near and FILES[near[0]] not in names:
            raise BadPrompts([f"{where}/{name}: no role reads this file; did you mean {FILES[near[0]]}?"])


def _text(file: Traversable, where: str) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadPrompts([f"{where}:{line}: this is not UTF-8 text"]) from None
    except OSError as error:
        raise BadInput(f"{where} cannot be read: {error.strerror or error}") from None


def export_prompts(folder: str | Path, *, force: bool = False) -> list[Path]:
    """Write the stock prompts and a README on their placeholders to `folder`, which is made where it is not there; gives the
    files. Raises `Conflict` where one of them is there and not `force`, and `BadInput` where the folder cannot be written."""
    into = Path(folder).expanduser()
    texts = {FILES[role]: stock(role) + "\n" for role in ROLES} | {README: _readme()}
    try:
        into.mkdir(parents=True, exist_ok=True)
        there = [name for name in texts if (into / name).exists() or (into / name).is_symlink()]
        if there and not force:
            what = f"{folder} has {', '.join(there)} already"
            raise Conflict(f"{what}; nothing was written; give another folder, or --force to replace them")
        linked = [name for name in there if (into / name).is_symlink()]
        if linked:
            # What a link leads to is some other file, a store perhaps.
            raise Conflict(f"{into / linked[0]} is a link, and nothing was written; remove the link, or give another folder")
        for name, text in texts.items():
            (into / name).write_text(text, encoding="utf-8", newline="\n")
    except FileNotFoundError as error:
        raise BadInput(f"{folder} cannot be made: {Path(error.filename).parent} takes no new folders; name another") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{folder} cannot be written: {getattr(error, 'strerror', None) or error}") from None
    return [into / name for name in texts]


def _readme() -> str:
    rows = [
        f"- `{FILES[role]}`: {', '.join(f'`{{{{{name}}}}}` ({meaning})' for name, meaning in known.items())}"
        for role, known in PLACEHOLDERS.items()
    ]
    rows += [
        f"- `{FILES[role]}` may have {', '.join(f'`{{{{{name}}}}}` ({meaning})' for name, meaning in known.items())} too"
        for role, known in OPTIONAL.items()
    ]
    return _README.replace("ROWS", "\n".join(rows))


_README = """# Prompts of the three roles

Change these files, then: `ace run ENV --prompts THIS_FOLDER`. `ace prompts check THIS_FOLDER` looks at them first, and
`ace run ENV --prompts THIS_FOLDER --show-prompt generator` shows what would be sent.

- The generator acts. Its prompt is the system message of every case; the task follows in the next message,
  with what can be chosen.
- The reflector reads one attempt and says why it came out as it did.
- The curator changes the playbook by small edits.

Remove a file to have the stock prompt of that role. Placeholders, required unless they are said to be allowed:

ROWS

A placeholder is a name in two pairs of braces, replaced once: nothing in it is evaluated, and braces in what is put there stay
as they are. `\\{{` stands for two braces. Single braces, as in JSON, need nothing. What a reply must look like is said by
`{{reply}}`, by the JSON schema that goes with the request, and is checked whatever a prompt says.
"""
