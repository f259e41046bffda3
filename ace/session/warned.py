"""Warnings of a failure of ace inside a user's program, which must go on.

It is a warning. Where warnings are errors it is logged instead, because a model's answer that is paid for may not be lost to
it.
"""

from __future__ import annotations

import logging
import warnings


class AceWarning(RuntimeWarning):
    """Something of ace's did not work, and the program it stands in was left alone."""


def warn(text: str) -> None:
    """Warn of `text`; never raises."""
    try:
        warnings.warn(f"ace: {text}", AceWarning, stacklevel=3)
    except AceWarning:
        logging.getLogger("ace").warning(text)
