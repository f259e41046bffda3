"""The `ace` command in this process: what it printed, what it complained of, and its exit status."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from ace.cli import main


@dataclass(frozen=True)
class Said:
    """`out` and `err` are what stood on stdout and stderr."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Ace:
    """Calls `ace` with arguments, as typed."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: str) -> Said:
        self._capture.readouterr()
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        out, err = self._capture.readouterr()
        return Said(int(left.value.code or 0), out, err)


def refused(ace: Ace, *arguments: str) -> str:
    """The one line that was said against `ace playbook` with `arguments`."""
    said = ace("playbook", *arguments)
    assert (said.status, said.out) == (2, "")
    (line,) = said.err.splitlines()
    return line
