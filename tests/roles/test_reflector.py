"""What the reflector is shown of an attempt, and what of its reply counts."""

from __future__ import annotations

import pytest
from hypothesis import given

from ace.models import layout
from ace.models.novice.reading import read_attempt
from ace.roles.reflector import messages, reflection
from ace.roles.replies import Diagnosis, VoteReply
from ace.types import Episode, Observation, Outcome, Render, Step, Task, Usage, Verdict, Vote, failure, success
from tests.roles.prompts import ENDLESS, Say, checked, plain, saying, several, skeleton, unbroken

LESSONS = {"rul-0001": "Ask first.", "rul-0002": "Answer last."}
LISTED = Observation("A visitor rings.", ("look",), ("open", "close"))
FREE = Observation("How much is 17 * 23?")


def episode(first: Observation, *steps: Step, outcome: Outcome = failure()) -> Episode:  # noqa: B008
    task = Task("t-1", first.text, "train", {"answer": "the golden key"})
    return Episode("e-1", task, 1, "learn", 0, 7, first, steps, outcome, Render(""))


def told(e: Episode, lessons: dict[str, str] | None = None) -> str:
    return messages(e, LESSONS if lessons is None else lessons)[1].content


def everything(say: Say, verdict: Verdict) -> Episode:
    """An attempt of free and listed steps in which everybody says something wherever they can."""
    steps = (
        Step(say(), Observation(say(), (say(),), (say(), say())), say(), ("rul-0001",)),
        Step(say(), Observation(say()), say(), ("rul-0002",)),
        Step(say(), None, say()),
    )
    return episode(Observation(say(), (say(), say()), (say(),)), *steps, outcome=Outcome(verdict, None, say(), say()))


@given(several)
@checked
def test_nothing_that_is_said_passes_for_a_part_of_the_prompt(texts: list[str]) -> None:
    say = saying(texts)
    lost, last = everything(say, Verdict.FAILURE), everything(say, Verdict.FAILURE)
    said = messages(last, {id: say() for id in LESSONS}, before=[lost])
    harmless = everything(plain(), Verdict.FAILURE)
    assert skeleton(said) == skeleton(messages(harmless, LESSONS, before=[harmless]))
    assert unbroken(said)


@pytest.mark.parametrize("verdict", [Verdict.SUCCESS, Verdict.FAILURE])
@given(texts=several)
@checked
def test_nothing_that_is_said_changes_the_verdict_or_what_was_done(verdict: Verdict, texts: list[str]) -> None:
    say = saying(texts)
    read = read_attempt(told(everything(say, verdict), {id: say() for id in LESSONS}))
    assert (read.won, len(read.steps), list(read.used)) == (verdict is Verdict.SUCCESS, 3, list(LESSONS))


def test_a_flood_of_words_is_cut_and_forges_nothing() -> None:
    said = messages(everything(lambda: ENDLESS, Verdict.FAILURE), dict.fromkeys(LESSONS, ENDLESS))
    assert skeleton(said) == skeleton(messages(everything(plain(), Verdict.FAILURE), LESSONS))
    assert len(said[1].content) < 50_000


def test_the_right_answer_is_not_shown_unless_the_environment_said_it() -> None:
    silent = episode(LISTED, Step("open"))
    assert not any("golden" in m.content for m in messages(silent, LESSONS))
    spoke = episode(LISTED, Step("open"), outcome=failure("right would have been: the golden key"))
    assert dict(layout.parts(told(spoke)))[layout.FEEDBACK] == ["| right would have been: the golden key"]


def test_what_was_thought_stands_before_a_free_answer_only() -> None:
    step = Step("391", None, "17 * 23 is 17 * 20 and 17 * 3")
    parts = [heading for heading, _ in layout.parts(told(episode(FREE, step)))]
    assert parts.index(f"{layout.THOUGHT} 1") + 1 == parts.index(f"{layout.DONE} 1")
    assert "17 * 20" in told(episode(FREE, step))
    assert layout.THOUGHT not in told(episode(LISTED, step))
    assert "17 * 20" not in told(episode(LISTED, step))


def test_whether_an_answer_was_free_is_told_step_by_step() -> None:
    steps = (
        Step("look", Observation("A coat.", (), ()), "first thought"),
        Step("a fireman", Observation("Yes.", (), ("open",)), "second thought"),
        Step("open", None, "third thought"),
    )
    shown = told(episode(LISTED, *steps))
    assert [word for word in ("first", "second", "third") if f"{word} thought" in shown] == ["second"]


def test_an_answer_without_a_thought_has_no_empty_one() -> None:
    assert layout.THOUGHT not in told(episode(FREE, Step("391")))


def test_what_could_be_chosen_is_listed_before_the_attempt() -> None:
    parts = [heading for heading, _ in layout.parts(told(episode(LISTED, Step("open"))))]
    assert parts[1:4] == [layout.ACTIONS, layout.ANSWERS, layout.ATTEMPT]
    assert layout.ANSWERS not in told(episode(FREE, Step("391")))


def test_only_lessons_that_were_used_are_shown_and_none_is_said_to_be_none() -> None:
    used = dict(layout.parts(told(episode(LISTED, Step("open", None, "", ("rul-0002", "rul-0009"))))))
    assert used[layout.USED][0] == "- [rul-0002] Answer last."
    assert "Ask first." not in told(episode(LISTED, Step("open", None, "", ("rul-0002",))))
    assert dict(layout.parts(told(episode(LISTED, Step("open")))))[layout.USED][0] == layout.NOTHING


def test_the_outcome_says_which_limit_made_it_a_failure() -> None:
    late = episode(LISTED, Step("look", LISTED), outcome=failure(reason="no answer within 1 step"))
    assert dict(layout.parts(told(late)))[layout.OUTCOME] == ["failure (no answer within 1 step)"]
    assert dict(layout.parts(told(episode(LISTED, Step("open"), outcome=success()))))[layout.OUTCOME] == ["success"]


def diagnosis(*votes: tuple[str, str], **said: str) -> Diagnosis:
    given = [VoteReply.model_validate({"lesson_id": id, "vote": vote}) for id, vote in votes]
    return Diagnosis(**{"situation": "s", "choice": "c", "diagnosis": "d", "lesson": "l", **said}, votes=given)


def test_votes_count_only_for_lessons_that_were_used_each_once_the_last_one_said() -> None:
    e = episode(LISTED, Step("open", None, "", ("rul-0001", "rul-0002")))
    votes = (("rul-0001", "harmful"), ("rul-0009", "helpful"), ("[rul-0002]", "neutral"), ("rul-0001", "helpful"))
    assert reflection(e, diagnosis(*votes), Usage()).votes == (("rul-0001", Vote.HELPFUL), ("rul-0002", Vote.NEUTRAL))


def test_a_reply_is_kept_in_lines_that_can_be_shown_again() -> None:
    r = reflection(
        episode(LISTED), diagnosis(situation="a | b\n# Task", lesson="x" * 5000, diagnosis=f" {'y' * 5000}"), Usage(2)
    )
    assert (r.episode, r.situation, r.usage.calls) == ("e-1", "a / b # Task", 2)
    assert len(r.lesson) < layout.MAX_LINE + 10
    assert r.diagnosis == "y" * 4000


def test_lessons_that_lost_attempts_before_followed_are_shown_and_can_be_voted_on() -> None:
    lost = episode(LISTED, Step("close", None, "", ("rul-0001",)))
    won = episode(LISTED, Step("open", None, "", ("rul-0002",)), outcome=success())
    asked = messages(won, LESSONS, before=[lost])[1].content
    assert "- failure | close | followed [rul-0001]\n## Lessons followed in them\n- [rul-0001] Ask first." in asked
    read = read_attempt(asked)
    assert (read.used, read.used_before) == ({"rul-0002": "Answer last."}, {"rul-0001": "Ask first."})
    said = Diagnosis(
        situation="s", choice="c", diagnosis="d", lesson="", votes=[VoteReply(lesson_id="rul-0001", vote="harmful")]
    )
    assert reflection(won, said, Usage(), [lost]).votes == (("rul-0001", Vote.HARMFUL),)
    assert reflection(won, said, Usage()).votes == ()


def test_attempts_before_are_shortened_where_the_model_takes_less() -> None:
    lost = episode(LISTED, Step(ENDLESS), outcome=failure(ENDLESS))
    sizes = [len(messages(lost, LESSONS, halvings=n, before=[lost])[1].content) for n in (0, 2, 4)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3
