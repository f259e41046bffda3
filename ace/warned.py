"""Warnings to the program that ace stands in, which must go on: of a failure of ace, and of what it should look at.

They are Python's warnings. Where warnings are errors it is logged instead, because a model's answer that is paid for may not
be lost to it.
"""

from __future__ import annotations

import logging
import warnings


class AceWarning(RuntimeWarning):
    """Something of ace's did not work, and the program it stands in was left alone."""


class SensitiveWarning(AceWarning):
    """A bullet that is about to be committed seems to hold a secret or personal data."""


def warn(text: str, category: type[AceWarning] = AceWarning) -> None:
    """Warn of `text`; never raises."""
    try:
        warnings.warn(f"ace: {text}", category, stacklevel=3)
    except AceWarning:
        logging.getLogger("ace").warning(text)
