"""A folder of rows, a file for each split, and a note of what ace wrote there.

The note has the digest of every file, so that a later export replaces what is still as it was written, and nothing else. Each
file appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ace.editing.files import write_text
from ace.errors import BadInput
from ace.exports.rows import Row
from ace.types import JSON

NOTE = "export.json"
_BY = "ace export"
_FORCE = "name another folder, or give --force, which keeps a copy"


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file with its number of rows and its size in bytes; `kept` is the copy of the file that stood there, if one was."""

    path: Path
    rows: int
    size: int
    kept: Path | None


class RowFolder:
    """The folder at `path`, made when the first file is written. Raises `BadInput` where it is something else."""

    def __init__(self, path: Path, *, force: bool) -> None:
        self.path, self._force = path, force
        if path.exists() and not path.is_dir():
            raise BadInput(f"{path} is a file; an export is a folder with a file for each split: name a folder")
        if not path.parent.is_dir():
            raise BadInput(f"{path} cannot be made: there is no folder {path.parent}")
        self._known = self._noted()
        self.removed: list[Path] = []
        """Files of an earlier export that the last one did without."""

    def require_free(self, names: Iterable[str]) -> None:
        """Raise `BadInput` where a file that is to be written, or one of an earlier export, is not as ace wrote it."""
        for name in {*names, *self._known}:
            if not self._force and not self._is_ours(name):
                why = "was changed since ace wrote it" if name in self._known else "exists and was not written by ace export"
                raise BadInput(f"{self.path / name} {why}; {_FORCE}")

    def write(self, files: Mapping[str, Callable[[], Iterable[Row]]], about: Mapping[str, JSON]) -> list[WrittenFile]:
        """Write `files` and the note `about` them. A file without rows is not made; one of an earlier export that none of these
        replaces is removed, if it is as it was written."""
        there = self.path.exists()
        try:
            self.path.mkdir(exist_ok=True)
        except OSError as error:
            raise BadInput(f"{self.path} cannot be made: {error.strerror or error}") from None
        try:
            done = [written for name, rows in files.items() if (written := self._file(name, rows())) is not None]
            if done:
                self._remove_rest({w.path.name for w in done})
                self._write_note(done, about)
            return done
        finally:
            if not there:
                # It holds nothing where no file was written.
                with suppress(OSError):
                    self.path.rmdir()

    def _file(self, name: str, rows: Iterable[Row]) -> WrittenFile | None:
        lines, counted = iter(rows), 0
        first = next(lines, None)
        if first is None:
            return None

        def texts() -> Iterator[str]:
            nonlocal counted
            for row in chain([first], lines):
                counted += 1
                yield line_of(row)

        path = self.path / name
        kept = write_text(path, texts(), keep=not self._is_ours(name))
        return WrittenFile(path, counted, path.stat().st_size, kept)

    def _noted(self) -> dict[str, str]:
        """The digests of the files of an earlier export, by name. Raises `BadInput` for a note that ace did not write."""
        note = self.path / NOTE
        if not note.exists():
            return {}
        try:
            told = json.loads(note.read_text(encoding="utf-8"))
            if told["written_by"] == _BY:
                return {str(name): str(f["sha256"]) for name, f in told["files"].items() if Path(name).name == name}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            pass
        if self._force:
            return {}
        raise BadInput(f"{note} exists and was not written by ace export; {_FORCE}")

    def _is_ours(self, name: str) -> bool:
        """Whether there is no such file, or one that is as ace wrote it."""
        path = self.path / name
        if not path.exists() and not path.is_symlink():
            return True
        return name in self._known and path.is_file() and _digest(path) == self._known[name]

    def _remove_rest(self, written: set[str]) -> None:
        for path in [self.path / name for name in sorted(self._known.keys() - written) if self._is_ours(name)]:
            if path.exists():
                path.unlink()
                self.removed.append(path)

    def _write_note(self, done: Iterable[WrittenFile], about: Mapping[str, JSON]) -> None:
        files = {w.path.name: {"rows": w.rows, "bytes": w.size, "sha256": _digest(w.path)} for w in done}
        note = self.path / NOTE
        strange = note.exists() and not self._known
        write_text(note, json.dumps({"written_by": _BY, **about, "files": files}, indent=2) + "\n", keep=strange)


def line_of(row: Row) -> str:
    """`row` as a line of JSON Lines."""
    return json.dumps(row) + "\n"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
