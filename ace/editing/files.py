"""Reading and writing the files that a user names.

A file is judged before it is read. A path that is not a plain file, a file that is too large or changing, and content that is
not text are refused in one line, and nothing that could block (a pipe) or never end (a device) is read. A file that is written
appears whole, under its name, with the mode it had. A link is followed where it stays in its folder, as CLAUDE.md often is one
to AGENTS.md; one that leads elsewhere may come from another person.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ace.errors import BadInput, no_file
from ace.playbooks.formats.spots import line_of

LARGEST = 256 * 2**20
"""Bytes of a file that is read."""
_MOST_COPIES = 1000


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, line ends and byte order mark as they are; of standard input for `-`. Raises `BadInput`."""
    if str(path) == "-":
        return decoded("standard input", _within_size("standard input", sys.stdin.buffer.read(LARGEST + 1)))
    return decoded(str(path), _bytes(_at_home(path)))


def existing(path: Path) -> bytes | None:
    """The content of a file that is to be written; `None` where it does not exist. Raises `BadInput` where it is not a plain
    file, or is a database or a log of one."""
    path = _at_home(path)
    _refuse_database(path)
    return _bytes(path) if _there(path) else None


@contextmanager
def named(path: Path, text: str = "") -> Iterator[None]:
    """What turns out to be wrong in a file is said with the file's name, and with the line of a field where its `text` is JSON
    of several lines."""
    try:
        yield
    except BadInput as error:
        said = "standard input" if str(path) == "-" else str(path)
        number = line_of(text, str(error)) if "\n" in text.strip() else None
        where = f", line {number}:" if number else "," if str(error).startswith("line ") else ":"
        raise BadInput(f"{said}{where} {error}") from None


def decoded(name: str, raw: bytes) -> str:
    """`raw` as UTF-8 text. Raises `BadInput` with the line of what is not."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput(f"{name}, line 1: this is UTF-16; save it as UTF-8")
    at = raw.find(b"\0")
    if at >= 0:
        raise BadInput(f"{name}, line {_line(raw, at)}: this is binary (a zero byte); it must be UTF-8 text")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        byte = error.start - raw.rfind(b"\n", 0, error.start)
        raise BadInput(f"{name}, line {_line(raw, error.start)}: this is not UTF-8 text (byte {byte} of the line)") from None


def write_text(path: Path, text: str | Iterable[str], *, keep: bool = False) -> Path | None:
    """Write `text`, or its pieces, to `path`, which changes whole or not at all and keeps its mode. With `keep` the file that
    stood there is copied beside it first; gives the copy. Raises `BadInput`."""
    path = _at_home(path)
    target, kept = _target(path), None
    _refuse_database(path)
    try:
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
        if target.exists() and not (mode & 0o222 and os.access(target, os.W_OK)):
            raise BadInput(f"{path} is read-only; make it writable, or name another file")
        handle, part = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in [text] if isinstance(text, str) else text:
                    file.write(piece.encode())
                file.flush()
                os.fsync(file.fileno())
            os.chmod(part, mode)
            kept = _copied(target, mode) if keep and target.exists() else None
            os.replace(part, target)
        # Only to remove what was begun: all of it is raised on.
        except BaseException:
            with suppress(OSError):
                os.unlink(part)
                if kept is not None:
                    kept.unlink()
            raise
    except FileNotFoundError:
        raise BadInput(f"{path} cannot be written: {_no_place(path)}") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror or error}") from None
    return kept


def _at_home(path: Path) -> Path:
    """`path` with its `~`, which a shell does not expand in `--out=~/FILE`."""
    return Path(os.path.expanduser(path))


def _refuse_database(path: Path) -> None:
    from ace.memory.database.own_files import refuse_database

    # A name that no file can have is refused where it is looked for.
    with suppress(OSError, ValueError):
        refuse_database(path)


def _no_place(path: Path) -> str:
    """Why the system says that a file which is to be made does not exist: its folder is not there, or takes no files."""
    if path.parent.is_dir():
        return f"the folder {path.parent} takes no new files; name a file in another one"
    return f"there is no folder {path.parent}; make it, or name another file"


def _copied(file: Path, mode: int) -> Path:
    """A copy of `file` beside it, under a name that was free. Raises `OSError`."""
    raw = file.read_bytes()
    for number in range(_MOST_COPIES):
        copy = file.with_name(f"{file.name}.bak{number or ''}")
        try:
            handle = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except FileExistsError:
            continue
        with os.fdopen(handle, "wb") as made:
            made.write(raw)
            made.flush()
            os.fsync(made.fileno())
        os.chmod(copy, mode)
        return copy
    raise FileExistsError(None, f"there are {_MOST_COPIES:,} copies beside it already; remove some")


def _bytes(path: Path) -> bytes:
    target = _target(path)
    try:
        # A pipe without a writer would block; opened like this it does not, and is refused below.
        handle = os.open(target, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise BadInput(f"{path} {no_file(target)}") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        return _read(path, handle)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}") from None
    finally:
        os.close(handle)


def _read(path: Path, handle: int) -> bytes:
    before = os.fstat(handle)
    if not stat.S_ISREG(before.st_mode):
        name = "; name a file in it" if stat.S_ISDIR(before.st_mode) else ""
        raise BadInput(f"{path} is not a file but {_kind(before.st_mode)}{name}")
    if before.st_size > LARGEST:
        raise BadInput(f"{path} has {before.st_size / 2**20:,.0f} MiB; a file may have {LARGEST >> 20} MiB")
    with os.fdopen(handle, "rb", closefd=False) as file:
        raw = file.read(LARGEST + 1)
    after = os.fstat(handle)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(raw) != after.st_size:
        raise BadInput(f"{path} was changed while it was read; try again when it is complete")
    return raw


def _target(path: Path) -> Path:
    """The file itself, where `path` is a link to one in the same folder."""
    try:
        if not path.is_symlink():
            return path
        target = path.resolve(strict=True)
        inside = target.parent == path.parent.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        raise BadInput(f"{path} is a link that leads nowhere") from None
    if not inside:
        raise BadInput(f"{path} is a link to {target}, outside its folder; name that file itself")
    return target


def _there(path: Path) -> bool:
    try:
        return path.is_symlink() or path.exists()
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}") from None


def _within_size(name: str, raw: bytes) -> bytes:
    if len(raw) > LARGEST:
        raise BadInput(f"{name} has more than {LARGEST >> 20} MiB, the most that is read")
    return raw


def _line(raw: bytes, at: int) -> int:
    return raw.count(b"\n", 0, at) + 1


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((name for of, name in kinds if of(mode)), "a device")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
