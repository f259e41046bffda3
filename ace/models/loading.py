"""What is logged before the file of a local model is loaded, which can take long: a program may show it, and `ace` does."""

from __future__ import annotations

import logging
from pathlib import Path

LOG = "ace.models.loading"
"""The name of the log; what is said has the level INFO, so nothing is shown unless it is asked for."""


def loading(path: Path) -> None:
    """Say that the model in the file at `path` is about to be loaded, and how large the file is."""
    logging.getLogger(LOG).info(
        "loading the model %s (%s MB), which can take a while", path, f"{path.stat().st_size / 1e6:,.0f}"
    )
