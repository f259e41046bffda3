"""What stored attempts say of a playbook's bullets, by the texts that they have now."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.evidence.cases import PastCase, cases_of
from ace.evidence.fit import BulletFit, Fit, changed, fit
from ace.playbooks.bullet import Bullet
from ace.playbooks.triggers.grammar import read_trigger
from ace.types import Past

GOLD = 'When "tier" is "gold": choose "refund".'
LARGE = 'When "amount" is at least 200: choose "review".'
OTHERS = 'In every other case: choose "deny".'
FREE = "Greet the customer by name."


def playbook(*texts: str, section: str = "Rules") -> list[Bullet]:
    return [Bullet(f"rul-{n:04d}", section, text, rank=f"{n:04d}") for n, text in enumerate(texts)]


def attempts(*told: tuple[str, str, bool], said: str = "") -> list[PastCase]:
    """One case for each (situation, choice, won); their ids are e0, e1, ..."""
    return cases_of(Past(f"e{n}", *row, said) for n, row in enumerate(told))


def one(text: str, situation: str, choice: str, won: bool, said: str = "") -> str:
    """What the attempt says of the bullet `text`."""
    found = fit(playbook(text), attempts((situation, choice, won), said=said)).bullets[0].decided
    return next((side for side in ("right", "wrong", "silent") if getattr(found, side)), "elsewhere")


@pytest.mark.parametrize(
    ("choice", "won", "said", "verdict"),
    [
        ("refund", True, "", "right"),
        ("refund", False, "", "wrong"),
        ("Refund.", True, "", "right"),
        ("deny", False, "", "silent"),
        ("deny", True, "", "wrong"),
        ("", False, "", "silent"),
        ("", True, "", "silent"),
        ("photo > refund", True, "", "silent"),
        ("photo > refund", False, "", "silent"),
        ("deny", False, 'The right answer was "refund".', "right"),
        ("deny", False, 'The right answer was "review".', "wrong"),
        ("refund", False, 'You chose "refund".', "wrong"),
        ("refund", True, 'As rule "seven" says.', "right"),
    ],
)
def test_what_an_attempt_says_of_a_choice(choice: str, won: bool, said: str, verdict: str) -> None:
    assert one(GOLD, "tier: gold", choice, won, said) == verdict


@pytest.mark.parametrize(
    ("choice", "verdict"), [("photo > refund", "right"), ("refund", "silent"), ("letter > refund", "silent")]
)
def test_a_step_before_the_choice_counts(choice: str, verdict: str) -> None:
    assert one('When "tier" is "gold": take "photo" first, then choose "refund".', "tier: gold", choice, True) == verdict


def test_what_a_bullet_does_not_cover_says_nothing_of_it() -> None:
    assert one(GOLD, "tier: silver", "refund", True) == one(GOLD, "amount: 7", "refund", True) == "elsewhere"


def test_the_first_bullet_that_covers_an_attempt_decides_it() -> None:
    cases = attempts(("tier: gold; amount: 300", "refund", True), ("tier: none; amount: 300", "review", True))
    found = fit(playbook(GOLD, LARGE, OTHERS), cases)
    assert [(b.decided.right, b.alone.right, b.alone.wrong) for b in found.bullets] == [
        (("e0",), ("e0",), ()),
        (("e1",), ("e1",), ("e0",)),
        ((), (), ("e0", "e1")),
    ]
    assert fit(playbook(LARGE, GOLD), cases).wrong == ("e0",)


def test_sections_are_read_one_after_the_other() -> None:
    first, last = playbook(GOLD)[0], Bullet("end-0001", "Otherwise", OTHERS, rank="0001")
    late = Bullet("rul-0002", "Rules", LARGE, rank="0002")
    found = fit([first, last, late], attempts(("amount: 300", "review", True)))
    assert [b.bullet.id for b in found.bullets] == ["rul-0000", "rul-0002", "end-0001"]
    assert found.right == ("e0",)


def test_a_text_without_a_trigger_is_not_read_and_decides_nothing() -> None:
    found = fit(playbook(FREE, GOLD), attempts(("tier: gold", "refund", True)))
    assert [(b.read, b.decided.count) for b in found.bullets] == [(False, 0), (True, 1)]
    assert found.of("rul-0001") == found.bullets[1]
    assert found.of("rul-0009") is None


def test_nothing_to_fit() -> None:
    assert fit([], []) == Fit((), ())
    assert fit(playbook(GOLD), []).bullets == (BulletFit(playbook(GOLD)[0], read_trigger(GOLD)),)
    assert fit([], attempts(("tier: gold", "refund", True))).silent == ("e0",)


def test_a_change_that_contradicts_what_was_explained() -> None:
    cases = attempts(("tier: gold", "refund", True), ("tier: gold", "refund", True), ("tier: none", "deny", True))
    before = fit(playbook(GOLD), cases)
    worse = changed(before, fit(playbook(OTHERS), cases))
    assert (worse.contradicted, worse.gained, worse.worse, worse.clearly_worse) == (("e0", "e1"), ("e2",), True, False)
    better = changed(before, fit(playbook(GOLD, OTHERS), cases))
    assert (better.contradicted, better.gained, better.worse) == ((), ("e2",), False)


@pytest.mark.parametrize(("lost", "clearly"), [(4, False), (5, True)])
def test_five_contradicted_attempts_against_none_are_clearly_worse(lost: int, clearly: bool) -> None:
    cases = attempts(*[("tier: gold", "refund", True)] * lost)
    assert changed(fit(playbook(GOLD), cases), fit(playbook(OTHERS), cases)).clearly_worse is clearly


def test_attempts_of_a_bullet_that_was_reworded_beyond_reading_are_not_held_against_the_change() -> None:
    cases = attempts(("tier: gold", "refund", True), ("tier: none", "deny", True))
    before = playbook(GOLD, OTHERS)
    reworded = [Bullet("rul-0000", "Rules", "Be generous to good customers.", rank="0000"), before[1]]
    found = changed(fit(before, cases), fit(reworded, cases))
    assert (found.contradicted, found.unjudged, found.worse) == ((), ("e0",), False)
    replaced = [before[1], Bullet("rul-0007", "Rules", "Be generous to good customers.", rank="0007")]
    assert changed(fit(before, cases), fit(replaced, cases)).unjudged == ("e0",)
    assert changed(fit(before, cases), fit(before[1:], cases)).contradicted == ("e0",)


tiers, answers = st.sampled_from(["gold", "silver", "none"]), st.sampled_from(["refund", "deny", "review"])
situations = st.builds(lambda t, n: f"tier: {t}; amount: {n}; text: a broken cup", tiers, st.integers(0, 400)) | st.just(
    "text: hello"
)
pasts = st.lists(st.tuples(situations, answers, st.booleans()), max_size=12)
texts = st.lists(
    st.one_of(
        st.builds('When "tier" is "{}": choose "{}".'.format, tiers, answers),
        st.builds('When "tier" is "{}" and "amount" is below {}: choose "{}".'.format, tiers, st.integers(0, 400), answers),
        st.builds('When "amount" is at least {}: choose "{}".'.format, st.integers(0, 400), answers),
        st.builds('When the text says "{}": choose "{}".'.format, st.sampled_from(["broken", "broken cup", "hello"]), answers),
        st.builds('When the text does not say "broken": choose "{}".'.format, answers),
        st.builds('In every other case: choose "{}".'.format, answers),
        st.just(FREE),
    ),
    max_size=6,
)


def first_match(texts: Sequence[str], case: PastCase) -> int | None:
    """The place of the bullet that decides `case`, found one by one."""
    triggers = [read_trigger(t) for t in texts]
    return next((n for n, t in enumerate(triggers) if t is not None and t.covers(case.view)), None)


@given(texts, pasts)
def test_every_attempt_is_counted_once_under_the_first_bullet_that_covers_it(
    texts: list[str], told: list[tuple[str, str, bool]]
) -> None:
    cases = attempts(*told)
    found = fit(playbook(*texts), cases)
    assert sorted([*found.right, *found.wrong, *found.silent]) == sorted(c.episode for c in cases)
    for case in cases:
        at = first_match(texts, case)
        deciding = [n for n, b in enumerate(found.bullets) if case.episode in _all(b)]
        assert deciding == ([] if at is None else [at])
        assert (case.episode in found.undecided) == (at is None)
    for b in found.bullets:
        assert b.alone.count == sum(b.trigger is not None and b.trigger.covers(c.view) for c in cases)


@given(texts, texts, answers, pasts)
def test_what_stands_after_a_bullet_for_all_other_cases_changes_nothing(
    texts: list[str], more: list[str], answer: str, told: list[tuple[str, str, bool]]
) -> None:
    cases = attempts(*told)
    whole = [*texts, f'In every other case: choose "{answer}".']
    before, after = fit(playbook(*whole), cases), fit(playbook(*whole, *more), cases)
    assert (before.right, before.wrong, before.silent) == (after.right, after.wrong, after.silent)
    assert changed(before, after).contradicted == changed(before, after).gained == ()


@given(texts, pasts)
def test_the_first_bullet_is_alone_what_it_is_in_order(texts: list[str], told: list[tuple[str, str, bool]]) -> None:
    for b in fit(playbook(*texts), attempts(*told)).bullets[:1]:
        assert b.decided == b.alone


def _all(b: BulletFit) -> tuple[str, ...]:
    return (*b.decided.right, *b.decided.wrong, *b.decided.silent)
