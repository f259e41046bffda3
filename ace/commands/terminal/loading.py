"""Says on stderr that the file of a local model is about to be loaded, which can take as long as a run of many cases."""

from __future__ import annotations

import logging

from ace.commands.terminal.outside import tell
from ace.models.loading import LOG


def tell_of_loading() -> None:
    """From now on say it, of each file once."""
    log = logging.getLogger(LOG)
    log.setLevel(logging.INFO)
    log.handlers = [_Told()]


class _Told(logging.Handler):
    """Tells what is logged, each line once."""

    def __init__(self) -> None:
        super().__init__()
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        if line not in self._said:
            self._said.add(line)
            tell(f"ace: {line}")
