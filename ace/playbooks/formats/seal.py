"""The mark of a file that ace wrote: a digest of the rest of the file, in a place its format passes over.

    <!-- written by ace playbook export, sha256 0f3c... -->

What ace writes next may replace a file only if it was not changed. The file itself tells, so it does not depend on the store,
the machine or the file's name. Line endings and a byte order mark do not count: version control and editors change them by
themselves.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from ace.playbooks.formats.contract import Format

_DIGITS = 32
_BLANK = "0" * _DIGITS


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of one kind of file; `said` is what stands before the digest, and tells the kinds apart."""

    said: str

    @property
    def blank(self) -> str:
        """The mark as it is put into a text, before its digest is known."""
        return self.said + _BLANK

    def filled(self, marked: str) -> str:
        """`marked`, whose last blank mark gets the digest."""
        before, said, after = marked.rpartition(self.blank)
        return before + said.removesuffix(_BLANK) + _digest(marked) + after

    def is_on(self, text: str) -> bool:
        """Whether a file has the mark, changed since or not."""
        return self._found.search(text) is not None

    def is_untouched(self, text: str) -> bool:
        """True if a file has the mark and was not changed since it was written."""
        marks = list(self._found.finditer(text))
        return bool(marks) and marks[-1][1] == _digest(text[: marks[-1].start(1)] + _BLANK + text[marks[-1].end(1) :])

    @property
    def _found(self) -> re.Pattern[str]:
        return re.compile(rf"{re.escape(self.said)}([0-9a-f]{{{_DIGITS}}})")


EXPORT = Mark("written by ace playbook export, sha256 ")


def seal(text: str, form: Format) -> str:
    """`text`, an export in the format `form`, with the mark, in a last comment or a last field of JSON. A format without either
    gets no mark."""
    if form.comment:
        return EXPORT.filled(text + form.comment.format(EXPORT.blank) + "\n")
    if form.json:
        return EXPORT.filled(f'{text.rstrip().removesuffix("}").rstrip()},\n  "written": "{EXPORT.blank}"\n}}\n')
    return text


def _digest(text: str) -> str:
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    return hashlib.sha256(plain.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]
