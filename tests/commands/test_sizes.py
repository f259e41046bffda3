"""What an environment says without end is kept up to a bound, with a note on what was cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ace as library
from ace.bounds import MOST_BYTES, bounded
from tests.commands.said import Ace

WORLD = """
from ace import Environment, Task, success, failure
from ace.types import Observation, Outcome, Verdict
LONG = {long!r} * 1_500_000
class Scene:
    def __init__(self): self.left = 2
    @property
    def first(self): return Observation({first}, ("look",), ())
    def act(self, action):
        self.left -= 1
        if action == "look" and self.left: return Observation({seen}, ("look",), ("yes", "no"))
        return Outcome(Verdict.SUCCESS if action == "yes" else Verdict.FAILURE, None, {feedback}, {feedback})
class Mine(Environment):
    name = "mine"
    instant = True
    def tasks(self, split): return [Task(f"{{split}}-{{n}}", f"{{split}} {{n}}", split) for n in range(3)]
    def open(self, task, seed): return Scene()
"""
SHORT = "'short'"


@pytest.mark.parametrize(("where", "long"), [("first", "a b\n"), ("seen", "水\n"), ("feedback", "a\n")])
def test_a_text_without_end_is_cut_with_a_note_and_the_run_goes_on(ace: Ace, tmp_path: Path, where: str, long: str) -> None:
    texts = {name: "LONG" if name == where else SHORT for name in ("first", "seen", "feedback")}
    (tmp_path / "mine.py").write_text(WORLD.format(long=long, **texts))
    assert ace("run", "./mine.py:Mine", "--episodes", "1", "--eval", "1", "--store", "s.db").status == 0
    assert (tmp_path / "s.db").stat().st_size < 20_000_000
    shown = [
        ace("episode", "show", row["episode"], "--store", "s.db", "--json")
        for row in ace("episode", "list", "--store", "s.db", "--json").json
    ]
    kept = [text for said in shown for text in texts_of(said.json) if len(text) > 1000]
    assert kept
    assert all(len(text.encode()) <= MOST_BYTES for text in kept)
    assert all("more characters; at most 200,000 bytes of a text are kept)" in text for text in kept)


def texts_of(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for v in value.values() for text in texts_of(v)]
    if isinstance(value, list):
        return [text for v in value for text in texts_of(v)]
    return [value] if isinstance(value, str) else []


def test_options_without_end_make_the_case_invalid(ace: Ace, tmp_path: Path) -> None:
    world = WORLD.format(long="x", first=SHORT, seen=SHORT, feedback=SHORT).replace('("look",), ())', "(LONG,))")
    (tmp_path / "mine.py").write_text(world)
    said = ace("run", "./mine.py:Mine")
    assert said.status == 1
    assert "listed options of 1,500,000 characters; together they may have 1,000,000" in said.err


def test_what_a_library_user_records_is_bounded_alike(tmp_path: Path) -> None:
    playbook = library.open("book", store=str(tmp_path / "s.db"))
    with playbook.episode("task " * 200_000) as episode:
        episode.heard([{"role": "user", "content": "go"}, {"role": "assistant", "content": "do " * 200_000}])
        episode.finish(True, feedback="well " * 200_000)
    [kept] = playbook.store.episodes()
    for text in (kept.task.text, kept.outcome.feedback, *(s.action for s in kept.steps)):
        assert len(text.encode()) <= MOST_BYTES


@given(st.text(max_size=400), st.integers(100, 300))
def test_a_bounded_text_is_within_its_bound_and_not_cut_again(text: str, most: int) -> None:
    once = bounded(text, most)
    assert len(once.encode("utf-8", "surrogatepass")) <= most
    assert bounded(once, most) == once
    assert once == text or "(cut: " in once
