"""The mark of a file that `ace playbook export` wrote: a digest of the rest of the file, in a place its format passes over.

    <!-- written by ace playbook export, sha256 0f3c... -->

The next export may replace a file only if it was not changed. The file itself tells, so it does not depend on the store, the
machine or the file's name. Line endings and a byte order mark do not count: version control and editors change them by
themselves.
"""

from __future__ import annotations

import hashlib
import re

from ace.playbooks.formats.contract import Format

_SAID = "written by ace playbook export, sha256 "
_DIGITS = 32
_BLANK = "0" * _DIGITS
_SEAL = re.compile(rf"{_SAID}([0-9a-f]{{{_DIGITS}}})")


def seal(text: str, form: Format) -> str:
    """`text`, an export in the format `form`, with the mark, in a last comment or a last field of JSON. A format without either
    gets no mark."""
    if form.comment:
        marked = text + form.comment.format(_SAID + _BLANK) + "\n"
    elif form.json:
        marked = f'{text.rstrip().removesuffix("}").rstrip()},\n  "written": "{_SAID}{_BLANK}"\n}}\n'
    else:
        return text
    before, said, after = marked.rpartition(_SAID + _BLANK)
    return before + said.removesuffix(_BLANK) + _digest(marked) + after


def is_sealed(text: str) -> bool:
    """Whether a file has the mark of an export, changed since or not."""
    return _SEAL.search(text) is not None


def is_untouched(text: str) -> bool:
    """True if a file is an export and was not changed since it was written."""
    marks = list(_SEAL.finditer(text))
    return bool(marks) and marks[-1][1] == _digest(text[: marks[-1].start(1)] + _BLANK + text[marks[-1].end(1) :])


def _digest(text: str) -> str:
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    return hashlib.sha256(plain.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]
