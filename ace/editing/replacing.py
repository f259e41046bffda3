"""What becomes of the file that `ace playbook export` is to write, where there is one already.

Nothing that a person wrote is lost, and nothing is lost silently. What is replaced without asking is an export that has not
been changed since. A file of rules that agents read (AGENTS.md and its like, by name) gets a marked part, and all else in it
stays. Anything else needs `--force`, and then the old file is kept beside the new one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ace.editing.copying import copy_of
from ace.editing.files import decoded, existing, named, write_text
from ace.errors import BadInput, NotFound
from ace.memory.store import Store
from ace.playbooks.formats.agents import is_rule_file, part_of, place_agents, render_agents
from ace.playbooks.formats.contract import Format
from ace.playbooks.formats.line import Copy
from ace.playbooks.formats.registry import read
from ace.playbooks.formats.seal import EXPORT, Mark

_BLANK = b"\xef\xbb\xbf \t\r\n"


class Existing:
    """The file at `path`, if there is one, as it is before an export. `insist` is how a person says that it is to be replaced.
    Raises `BadInput` where it is not a plain file."""

    def __init__(self, path: Path, force: bool, insist: str = "--force") -> None:
        self._path, self._force, self._insist = path, force, insist
        self._raw = existing(path)

    def keeps_the_rest(self, form: Format, *, asked: bool) -> bool:
        """Whether the export is a marked part of the file. `asked` says that the format was: a file of rules gets a part all
        the same, unless it is to be replaced or is an export as a whole."""
        if form.name == "agents" or not self._is_rules():
            return form.name == "agents"
        return not asked or not (self._force or EXPORT.is_untouched((self._raw or b"").decode(errors="replace")))

    def place(self, copy: Copy, db: Store) -> Path | None:
        """Put the part of a playbook into the file, or bring it up to date. Gives the copy of the file as it was, which is
        kept where the part itself was changed by hand, or where the file is not of a kind that has parts. Raises
        `BadInput`."""
        there = "" if self._raw is None else decoded(str(self._path), self._raw)
        skill = self._path.absolute().parent.name if self._path.name.lower() == "skill.md" else None
        with named(self._path):
            text = place_agents(copy, there, skill=skill, cursor=self._path.suffix.lower() == ".mdc")
            own = part_of(copy.playbook, there)
        if text == there:
            return None
        if own is None:
            strange = self._holds_something() and not self._may_have_a_part()
            if strange and not self._force:
                how = f"name another file, or give {self._insist} to put a part in"
                raise BadInput(f"{self._path} exists and is not Markdown; {how}")
            return write_text(self._path, text, keep=strange)
        part = there[own.start : own.end].replace("\r\n", "\n").rstrip()
        return write_text(self._path, text, keep=not _is_as_written(part, own.revision, copy.playbook, db))

    def replace(self, text: str, form: Format) -> Path | None:
        """Make `text`, an export, the whole file. Gives the copy of the file as it was, which is kept if an export did not
        write it, or if it was changed since. Raises `BadInput` where that is so and was not forced."""
        return self._replaced(text, EXPORT, lambda: self._why_not(form))

    def replace_page(self, page: str, mark: Mark, kind: str) -> Path | None:
        """Make `page`, which has `mark`, the whole file; else as in `replace`. A page that does not hold the text `kind` is of
        another kind, and is not replaced by this one unless that was forced."""
        other = "" if kind in (self._raw or b"").decode(errors="replace") else "is a page of another kind"
        return self._replaced(page, mark, lambda: "exists and is not a page that ace wrote", other)

    def _replaced(self, text: str, mark: Mark, why_not: Callable[[], str], other: str = "") -> Path | None:
        if self._raw == text.encode():
            return None
        there = (self._raw or b"").decode(errors="replace")
        untouched = mark.is_untouched(there)
        precious = self._holds_something() and (bool(other) or not untouched)
        if precious and not self._force:
            why = other if untouched else "was changed since ace wrote it" if mark.is_on(there) else why_not()
            raise BadInput(f"{self._path} {why}; name another file, or give {self._insist}, which keeps a copy")
        return write_text(self._path, text, keep=precious)

    def _why_not(self, form: Format) -> str:
        there = decoded(str(self._path), self._raw or b"")
        try:
            read(there, form.name)
        except BadInput as error:
            return f"exists and is not a playbook in the format {form.name} ({error})"
        return "is there and was not written by ace, though it reads as a playbook"

    def _holds_something(self) -> bool:
        return self._raw is not None and bool(self._raw.strip(_BLANK))

    def _is_rules(self) -> bool:
        """By its own name, or by that of the file which it is a link to."""
        return is_rule_file(self._path.name) or (self._path.is_symlink() and is_rule_file(self._path.resolve().name))

    def _may_have_a_part(self) -> bool:
        return self._is_rules() or self._path.suffix.lower() in ("", ".md", ".markdown", ".txt")


def _is_as_written(part: str, revision: int, playbook: str, db: Store) -> bool:
    """Whether a part is, to the byte, the one that was exported at the revision its mark names, or holds nothing but marks."""
    if len([line for line in part.split("\n") if line.strip()]) <= len(("begin", "end")):
        return True
    try:
        return part == render_agents(copy_of(db, f"{playbook}@{revision}")).rstrip()
    except NotFound:
        return False
