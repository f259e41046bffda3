"""Editing a playbook in the person's own editor.

The sheet is the Markdown that `export` writes, and what comes back is turned into the few operations that lead there, against
the revision that the sheet was made of. What can be known to be missing is said before the editor is opened; if anything fails
after it was closed, the text that was written in it is kept and the message says where.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from ace.commands.playbook.changes import ChangeRequest, differences, print_differences, tell
from ace.commands.terminal.common import console, opened
from ace.commands.terminal.prose import say
from ace.editing.hand import EDITED, Hand, carry_out, require_fit
from ace.errors import BadInput, BadSetting, UserError
from ace.memory.bullets.history import SortedShelf
from ace.memory.store import Store
from ace.playbooks.apply import apply
from ace.playbooks.formats.markdown import parse_markdown, render_markdown
from ace.playbooks.operations import Delta
from ace.playbooks.typed import require_readable

_HOW = (
    "<!-- Change texts, sections and order. A line taken out retires its bullet; a new line without an id is a new bullet. "
    "Ids stay as they are. -->\n\n"
)


def edit_book(name: str, asked: ChangeRequest) -> None:
    """Let a person change playbook `name` in their editor, and commit what they did."""
    if "@" in name:
        raise BadSetting(f"edit changes the head; give the name alone: ace playbook edit {shlex.quote(name.partition('@')[0])}")
    hand = asked.hand()
    command = editor()
    with opened(asked.store) as db:
        view = db.view(name)
        sheet = _HOW + render_markdown(name, view.revision.number, view.bullets())
        with Kept(name, sheet) as file:
            run(command, file.path)
            written = file.read()
            if written == sheet:
                file.drop()
                raise BadInput("nothing was changed in the editor; nothing was written")
            require_readable(written)
            delta = db.edits.rewrite(f"{name}@{view.revision.number}", parse_markdown(written), "")
            if not delta.operations:
                file.drop()
                raise BadInput("what was changed in the editor changes no bullet; nothing was written")
            shown = _shown(db, delta, (asked, hand), f"{name}@{view.revision.number}")
            done = carry_out(db, name, replace(delta, reason=hand.why(EDITED)), hand)
            if not done.committed.refusals:
                file.drop()
            tell(done, asked.as_json, whole=not shown)


def _shown(db: Store, delta: Delta, who: tuple[ChangeRequest, Hand], ref: str) -> bool:
    """Preview the delta if a reason must still be asked for; True if it was printed. Raises `BadInput` where
    it may not be written."""
    asked, hand = who
    view = db.view(ref)
    shelf = SortedShelf(view.bullets(include_retired=True))
    require_fit(delta.operations, shelf, hand, view.count)
    changes, _ = apply(shelf, delta.operations, view.revision.digest)
    if asked.as_json or asked.reason:
        return False
    print_differences(console(), differences(changes))
    return True


def editor() -> list[str]:
    """The command of the person's editor. Raises `BadSetting` where there is none."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        command = shlex.split(named)
    except ValueError as error:
        raise BadSetting(f"VISUAL or EDITOR is {named!r}, which is not a command: {error}") from error
    command = command or [found for found in [shutil.which("vi")] if found]
    if not command:
        raise BadSetting("there is no editor: name one in VISUAL or EDITOR, such as EDITOR=nano")
    if not named.strip() and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadSetting("there is no terminal for an editor; set EDITOR to a program that needs none")
    return command


def run(command: list[str], path: Path) -> None:
    """Let the person edit the file at `path`. Raises `BadSetting` or `BadInput` where the editor fails."""
    try:
        status = subprocess.run([*command, str(path)], check=False).returncode
    except OSError as error:
        raise BadSetting(
            f"cannot run the editor {command[0]!r} ({error.strerror}); name another one in VISUAL or EDITOR"
        ) from error
    if status:
        how = f"was ended by signal {-status}" if status < 0 else f"ended with exit status {status}"
        raise BadInput(f"the editor {shlex.join(command)} {how}; nothing was written")


class Kept:
    """A sheet in a file of its own, which goes away unless the person has changed it and it could not be used."""

    def __init__(self, name: str, sheet: str) -> None:
        self._sheet = sheet
        self._folder = Path(tempfile.mkdtemp(prefix="ace-"))
        self.path = self._folder / (re.sub(r"[^\w.-]", "-", name)[:60] + ".md")

    def __enter__(self) -> Kept:
        self.path.write_text(self._sheet, encoding="utf-8", newline="")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if not self._changed():
            self.drop()
        elif isinstance(error, UserError):
            raise BadInput(f"{error}; your text is kept in {self.path}") from error
        elif error is not None:
            say(console(stderr=True), f"your text is kept in {self.path}")

    def read(self) -> str:
        """The text that the person wrote. Raises `BadInput` where the file is not text."""
        try:
            written = self.path.read_bytes()
        except OSError as error:
            raise BadInput(f"the editor took its file away ({error.strerror}); nothing was written") from error
        try:
            return written.decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            at = written.count(b"\n", 0, error.start) + 1
            raise BadInput(f"line {at}: the file is not UTF-8 text") from error

    def drop(self) -> None:
        """Remove the file."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _changed(self) -> bool:
        try:
            return self.path.read_bytes() != self._sheet.encode()
        except OSError:
            return False
