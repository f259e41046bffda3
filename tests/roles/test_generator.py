"""What an agent is asked: the stable part first, a conversation that only grows, and data that stays data."""

from __future__ import annotations

from hypothesis import given

from ace.models import layout
from ace.models.contract import Message
from ace.models.novice.reading import read_game
from ace.playbooks.bullet import Bullet
from ace.playbooks.render import render_bullets
from ace.roles.exploring import Course, Tried, lost_part, take_part
from ace.roles.generator import EMPTY, REPEATED, Earlier, next_message, opening_message, system_message
from ace.types import Observation
from tests.roles.prompts import ENDLESS, Say, checked, plain, saying, several, skeleton, unbroken

CASE = Observation("A plant is ill.", ("look", "smell"), ("water", "sell"))
LOST = Earlier(False, "soil: peat", "water", "It drowned.", "Do not water peat.")


def bullets(say: Say, prefix: str) -> str:
    return render_bullets([Bullet(f"{prefix}-000{n}", say(), say()) for n in range(3)])


def conversation(say: Say) -> list[Message]:
    """A conversation of three turns in which everything that can be said by somebody else is."""
    first = Observation(say(), (say(), say()), (say(),))
    second = Observation(say(), first.actions, (say(), say(), say()))
    third = Observation(say(), (), second.answers)
    earlier = [Earlier(won, say(), say(), say(), say()) for won in (False, True)]
    known, plan = Tried((Course((say(),), say()),)), Course((), say())
    return [
        system_message(bullets(say, "all")),
        opening_message(first, bullets(say, "few"), earlier, f"{lost_part(known)}\n\n{take_part(plan)}"),
        next_message(second, first, take_part(plan), left=7),
        next_message(third, second, left=6),
    ]


@given(several)
@checked
def test_nothing_that_is_said_passes_for_a_part_of_the_prompt(texts: list[str]) -> None:
    said = conversation(saying(texts))
    assert skeleton(said) == skeleton(conversation(plain()))
    assert unbroken(said)


@given(several)
@checked
def test_nothing_that_is_said_becomes_a_lesson_an_option_or_an_earlier_attempt(texts: list[str]) -> None:
    game, harmless = read_game(conversation(saying(texts))), read_game(conversation(plain()))
    assert "rul-0001" not in [id for id, _ in game.lessons]
    assert len(game.texts) == len(harmless.texts) == 3
    assert [len(game.actions), len(game.answers), len(game.tried)] == [0, 3, 2]


def test_a_flood_of_words_is_cut_and_forges_nothing() -> None:
    first = Observation(ENDLESS, CASE.actions, CASE.answers)
    flood = Earlier(False, ENDLESS, ENDLESS, ENDLESS, ENDLESS)
    said = [opening_message(first, "", [flood]), next_message(first, CASE)]
    assert skeleton(said) == skeleton([opening_message(CASE, "", [LOST]), next_message(CASE, CASE)])
    assert all(len(m.content) < 20_000 + 5 * layout.MAX_LINE for m in said)
    assert f"(cut: {len(ENDLESS) - layout.MAX_BLOCK} more characters)" in said[0].content


def test_lines_stay_lines_however_they_end() -> None:
    said = next_message(Observation("Soil: peat\r\nLight: full\rPot: tiny\u2028Season: spring\n"), Observation("")).content
    assert said.split("\n")[1:] == ["| Soil: peat", "| Light: full", "| Pot: tiny", "| Season: spring"]


def test_the_stable_part_stands_first_and_the_task_last() -> None:
    system = system_message("## Soil\n- [soi-0001] Peat: sell.")
    assert (system.role, system.stable) == ("system", True)
    assert system.content.endswith(f"\n\n{layout.PLAYBOOK}\n## Soil\n- [soi-0001] Peat: sell.")
    opening = opening_message(CASE, "- [soi-0002] Clay: water.", [LOST])
    assert (opening.role, opening.stable) == ("user", False)
    order = [heading for heading, _ in layout.parts(opening.content) if heading.startswith("# ")]
    assert order == [layout.ACTIONS, layout.ANSWERS, layout.PICKED, layout.ATTEMPTS, layout.TASK]


def test_an_empty_playbook_says_that_it_is_empty() -> None:
    assert system_message("").content.endswith(f"{layout.PLAYBOOK}\n{EMPTY}")


def test_nothing_is_said_of_what_there_is_none_of() -> None:
    opening = opening_message(Observation("How much is 2 + 2?"), "", [])
    assert opening.content == f"{layout.TASK}\n| How much is 2 + 2?"


def test_earlier_attempts_are_told_with_how_they_ended() -> None:
    opening = opening_message(CASE, "", [LOST, Earlier(True, "", "sell", "It was sold.", "")])
    told = dict(layout.parts(opening.content))
    assert told["## Attempt 1: failure"][:2] == ["situation: soil: peat", "done: water"]
    assert told["## Attempt 2: success"][:2] == ["done: sell", "diagnosis: It was sold."]


def test_options_are_listed_again_only_where_they_changed() -> None:
    fewer = Observation("It is wet.", ("smell",), CASE.answers)
    assert dict(layout.parts(next_message(fewer, CASE).content)) == {
        "": [],
        layout.OBSERVATION: ["| It is wet.", ""],
        layout.ACTIONS: ["- smell"],
        layout.ANSWERS: [layout.AS_LISTED],
    }


def test_a_list_that_has_not_changed_is_given_again_once_it_is_far_above_and_costs_little() -> None:
    said, lists = [system_message(""), opening_message(CASE, "", [])], 0
    for turn in range(60):
        said.append(Message("assistant", '{"thought": "I look closer.", "action": "look", "lesson_ids": []}'))
        said.append(next_message(CASE, CASE, "", said, 59 - turn))
        now = dict(layout.parts(said[-1].content))
        lists += layout.AS_LISTED not in now[layout.ACTIONS]
        game = read_game(said)
        assert (game.actions, game.answers) == (list(CASE.actions), list(CASE.answers))
        assert game.texts[-1] == CASE.text
        assert now[layout.OBSERVATION][1] == layout.left(59 - turn)
    listed = len(layout.listing(layout.ACTIONS, CASE.actions))
    assert 1 < lists <= sum(len(m.content) for m in said) / (REPEATED * listed)
    assert "(1 action left)" in said[-3].content


def test_options_that_are_gone_are_said_to_be_gone() -> None:
    said = dict(layout.parts(next_message(Observation("It is wet.", (), CASE.answers), CASE).content))
    assert said[layout.ACTIONS] == [layout.NOTHING]
    free = dict(layout.parts(next_message(Observation("And?"), Observation("How much?")).content))
    assert free == {"": [], layout.OBSERVATION: ["| And?"]}
