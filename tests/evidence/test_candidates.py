"""The lists that counting finds in past attempts."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ace.evidence.candidates import candidate_lines, candidates
from ace.evidence.cases import PastCase
from ace.evidence.lists import apply, explained
from ace.playbooks.triggers.conditions import CaseView
from ace.playbooks.triggers.facts import Facts
from ace.playbooks.triggers.grammar import read_trigger
from ace.playbooks.triggers.trigger import Plan
from tests.evidence.planted import RULES, agreement, attempts

FOUND_ELSEWHERE = """
from ace.evidence.candidates import candidates, candidate_lines
from tests.evidence.planted import attempts
print("\\n".join(candidate_lines(candidates(attempts(60, noise=0.1), seed=3))))
"""


def test_planted_rules_are_found_in_clean_verdicts() -> None:
    best = candidates(attempts(200))[0]
    assert agreement(best.rules) >= 0.97
    assert best.explained == explained(best.rules, attempts(200))
    assert best.explained.wrong <= 2


def test_flipped_verdicts_are_tolerated() -> None:
    assert agreement(candidates(attempts(300, noise=0.2))[0].rules) >= 0.85


def test_lists_are_distinct_and_the_best_comes_first() -> None:
    found = candidates(attempts(60, noise=0.2), most=3)
    assert len({c.rules for c in found}) == len(found) > 1
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
    assert candidates(attempts(60, noise=0.2), most=1) == found[:1]


def test_the_same_request_gives_the_same_lists_in_another_process() -> None:
    here = candidate_lines(candidates(attempts(60, noise=0.1), seed=3))
    there = subprocess.run([sys.executable, "-c", FOUND_ELSEWHERE], capture_output=True, text=True, check=True)
    assert there.stdout.splitlines() == here


def test_lists_are_printed_as_rules_that_can_be_read_back() -> None:
    best = candidates(attempts(100))[0]
    first, *lines = candidate_lines([best])
    assert first.startswith("list 1: ")
    assert tuple(read_trigger(line.partition(". ")[2]) for line in lines) == best.rules


@pytest.mark.parametrize("won", [True, False])
@pytest.mark.parametrize("n", [1, 2, 30])
def test_few_attempts_all_won_or_all_lost_give_lists(n: int, *, won: bool) -> None:
    cases = [PastCase(c.view, c.plan, won) for c in attempts(n)]
    for found in candidates(cases):
        assert found.explained.of == n


def test_nothing_to_count_gives_no_lists() -> None:
    nowhere = CaseView.of(Facts())
    assert candidates([]) == []
    assert candidates([PastCase(nowhere, Plan(""), False)]) == []
    assert candidate_lines([]) == []


def test_attempts_without_facts_give_the_choice_that_wins() -> None:
    nowhere = CaseView.of(Facts())
    cases = [PastCase(nowhere, Plan(choice), choice == "approve") for choice in ("approve", "reject") * 10]
    assert apply(candidates(cases)[0].rules, nowhere) == "approve"


def test_an_unknown_present_rule_is_left_out() -> None:
    strange = read_trigger('When "moon" is "full": choose "howl".')
    assert strange is not None
    assert agreement(candidates(attempts(150), present=[strange, *RULES])[0].rules) >= 0.95
