"""An editor for playbooks that needs nobody."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


class Editor:
    """An editor that does one thing to the file it is given: a line of Python that makes a new `text` of the old one. `saw` is
    a file with what it was given, once it was opened."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._script, self._patch = folder / "editor.py", patch
        self.saw = folder / "saw.md"
        self.does("pass")

    def does(self, line: str) -> None:
        lines = [
            "import pathlib, re, sys",
            "path = pathlib.Path(sys.argv[1])",
            "text = path.read_text(encoding='utf-8')",
            f"pathlib.Path({str(self.saw)!r}).write_text(text, encoding='utf-8')",
            line,
            "path.write_text(text, encoding='utf-8')",
        ]
        self._script.write_text("\n".join(lines))
        self._patch.setenv("EDITOR", f"{sys.executable} {self._script}")

    def replaces(self, old: str, new: str) -> None:
        self.does(f"text = text.replace({old!r}, {new!r})")
