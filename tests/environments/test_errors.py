"""Texts by which games report errors are told from what games tell."""

from __future__ import annotations

import pytest

from ace.environments.workers.errors import no_error
from ace.errors import WorldError


@pytest.mark.parametrize(
    "text",
    [
        "ERROR: Game generator is not initialized.  Call load() before attempting to generate new games.",
        "ERROR creating Game Generator: none",
        "  ERROR: Interface is not initialized -- call reset() before beginning.",
        "Task description unavailable -- game is not initialized.",
        "You go north.\n*** Run-time problem P47: a route.",
        "[** Programming error: tried to read from nowhere **]",
    ],
)
def test_an_error_is_raised(text: str) -> None:
    with pytest.raises(WorldError, match="the game reports an error: "):
        no_error(text)


@pytest.mark.parametrize(
    "text", ["You see an ERROR: light on the panel.", "ERRORS are listed on the wall.", "", "error: lower case"]
)
def test_what_a_game_tells_is_left_as_it_is(text: str) -> None:
    assert no_error(text) == text
