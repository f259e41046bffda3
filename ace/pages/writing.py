"""A page as a file that a person named: only a page that ace wrote, and that was not changed since, is replaced unasked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ace.editing.replacing import Existing
from ace.pages.document import PAGE, Report, rendered, title_of


@dataclass(frozen=True, slots=True)
class PageFile:
    """The file, its size in bytes, and the copy of the file that stood there, where one was kept."""

    path: Path
    size: int
    kept: Path | None


def write(page: Report, path: Path, *, force: bool = False) -> PageFile:
    """Write `page` to `path`. Raises `BadInput` where another file stands there and `force` is not given, or where nothing can
    be written."""
    text = rendered(page)
    return PageFile(path, len(text.encode()), Existing(path, force).replace_page(text, PAGE, title_of(page)))
