"""How many examples a property is tried on: few by default, many with `ACE_EXAMPLES=thorough`."""

from __future__ import annotations

import os

from hypothesis import settings

THOROUGH = os.environ.get("ACE_EXAMPLES") == "thorough"
FEW = 30

# How long an example takes depends on what else the machine does; the same examples are tried every time.
settings.register_profile("steady", deadline=None, derandomize=True, max_examples=100 if THOROUGH else FEW)


def load() -> None:
    settings.load_profile("steady")


def tried(thoroughly: int) -> settings:
    """For a property that is tried on more examples than others where the tests are thorough: `thoroughly`, else as many as
    every other."""
    return settings(settings.get_profile("steady"), max_examples=thoroughly if THOROUGH else min(thoroughly, FEW))
