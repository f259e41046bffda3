"""Text adventures: won by their walkthroughs, told without what the interpreter draws, the same for the same number."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from ace.environments.textworld import TextWorldGames
from ace.errors import BadSetting
from ace.types import SPLITS, Observation, Outcome, Task
from tests.environments.installed import require

require("textworld")
GAMES = ("custom", "coin-collector", "treasure-hunter", "cooking")


def won(environment: TextWorldGames, task: Task) -> tuple[list[str], bool]:
    """What was told on the oracle's way, and whether it won."""
    scene, policy = environment.open(task, 0), environment.oracle(task)
    assert policy is not None
    seen: Observation | Outcome = scene.first
    told = []
    for _ in range(environment.limits.steps):
        assert isinstance(seen, Observation)
        told.append(seen.text)
        seen = scene.act(policy(seen))
        if isinstance(seen, Outcome):
            scene.close()
            return told, seen.success
    raise AssertionError("the walkthrough ends the game")


@pytest.mark.parametrize("game", GAMES)
def test_the_walkthrough_wins_and_repeats(game: str) -> None:
    environment = TextWorldGames(game=game, level=1 if game == "custom" else 2)  # type: ignore[arg-type]
    (task,) = islice(environment.tasks("train"), 1)
    first, second = won(environment, task), won(environment, task)
    assert first == second
    assert first[1]
    assert all("$$" not in text and "-=" not in text.splitlines()[-1] for text in first[0])


def test_splits_share_nothing_and_short_quests_are_left_out() -> None:
    environment = TextWorldGames(quest=3)
    tasks = [t for split in SPLITS for t in islice(environment.tasks(split), 2)]
    assert len({t.text for t in tasks}) == 6
    assert all("[" not in t.text and t.kind for t in tasks)


def test_any_text_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    environment = TextWorldGames()
    (task,) = islice(environment.tasks("train"), 1)
    scene = environment.open(task, 0)
    assert "look" not in scene.first.actions or scene.first.actions
    written = ("", "\0", "\0look", "\x1b[2J\r\x7f\u2028", "\ud800", "zzz", "x" * 5000, "take everything\nopen all")
    for junk in (*written, "quit", "restart", "undo", "script", "save", "restore"):
        seen = scene.act(junk)
        assert isinstance(seen, Observation) or not seen.success
    scene.close()
    # What a game saves, and its transcript, are not written where ace runs.
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"rooms": 0}, "rooms=0 is out of range"),
        ({"game": "cooking", "level": 9}, "level=9 is out of range; it must be from 1 to 5"),
        ({"level": 2}, "level is for challenges, and the game is custom"),
        ({"game": "cooking", "rooms": 9}, "rooms, objects and quest are for custom, and the game is cooking"),
        ({"steps": 0}, "steps=0"),
        ({"quest": 9}, "quest=9"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, int], why: str) -> None:
    with pytest.raises(BadSetting, match=why):
        TextWorldGames(**settings)  # type: ignore[arg-type]
