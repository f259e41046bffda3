"""The lists that counting finds in past attempts."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ace.evidence.candidates import candidate_lines, candidates
from ace.evidence.cases import PastCase
from ace.evidence.lists import decide, explained
from ace.evidence.search import WORK, edits_for
from ace.evidence.telling import CASES, telling_cases
from ace.playbooks.triggers.conditions import CaseView
from ace.playbooks.triggers.facts import Facts
from ace.playbooks.triggers.grammar import read_trigger
from ace.playbooks.triggers.trigger import Plan, Trigger
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


def test_where_no_more_attempts_follow_fewer_rules_are_guessed() -> None:
    def rules(*, last: bool) -> int:
        return sum(len(candidates(attempts(80, seed, noise=0.2), most=1, last=last)[0].rules) for seed in range(4))

    assert rules(last=True) < rules(last=False)


def test_a_good_present_list_is_kept_when_little_is_known() -> None:
    assert agreement(candidates(attempts(40, noise=0.2), present=RULES)[0].rules) >= agreement(
        candidates(attempts(40, noise=0.2))[0].rules
    )


def test_the_newest_attempts_count_among_very_many() -> None:
    turned = [Trigger(rule.conditions, Plan("wait" if rule.plan.choice == "reject" else "reject")) for rule in RULES]
    cases = [*attempts(1500, skill=0.3), *attempts(CASES, seed=1, rules=turned)]
    assert agreement(candidates(cases)[0].rules, rules=turned) >= 0.95


def test_a_search_takes_no_more_work_the_more_there_is_to_count() -> None:
    for plans in (2, 20, 300):
        work = [(1000 + n) * (40 + plans) * edits_for(n, plans) for n in (1, 30, 300, CASES)]
        assert max(work) <= WORK
    assert len(telling_cases(attempts(1500), RULES)) == CASES
    assert telling_cases(attempts(30), ()) == attempts(30)


def test_the_most_telling_of_old_attempts_are_kept() -> None:
    cases = attempts(200, skill=0.0)
    kept = telling_cases(cases, (), limit=100)
    assert list(kept[-50:]) == cases[-50:]
    assert sum(c.won for c in kept[:-50]) == sum(c.won for c in cases[:-50])


def test_thousands_of_facts_are_counted() -> None:
    def crowded(n: int) -> CaseView:
        return CaseView.of(
            Facts({f"fact {i}": float((i * n) % 7) for i in range(2000)} | {"tier": "gold" if n % 2 else "none"})
        )

    cases = [PastCase(crowded(n), Plan("refund" if n % 4 < 2 else "deny"), (n % 2 == 1) == (n % 4 < 2)) for n in range(40)]
    best = candidates(cases)[0]
    assert best.explained.wrong == 0
    assert all(len(rule.conditions) <= 3 for rule in best.rules)


def test_lists_are_distinct_and_the_best_comes_first() -> None:
    found = candidates(attempts(100, noise=0.2), most=3)
    assert len({c.rules for c in found}) == len(found) > 1
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
    assert len(candidates(attempts(60, noise=0.2), most=1)) == 1


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
    assert decide(candidates(cases)[0].rules, nowhere) == Plan("approve")


def test_a_choice_that_has_no_place_yet_is_the_first_to_be_tried_where_the_others_lose() -> None:
    def case(tier: str, plan: str, *, won: bool) -> PastCase:
        return PastCase(CaseView.of(Facts({"tier": tier})), Plan.parse(plan), won)

    known = [case(tier, plan, won=True) for tier, plan in (("none", "approve"), ("silver", "reject")) for _ in range(10)]
    lost = [case("gold", plan, won=False) for plan in ("approve", "reject", "ask", "call > approve") for _ in range(3)]
    for seed in range(5):
        [best] = candidates([*known, *lost], seed=seed, most=1)
        assert decide(best.rules, lost[0].view) == Plan("ask", "call")


def test_revealed_answers_count_whatever_was_chosen() -> None:
    right = [(c, decide(RULES, c.view) or Plan("")) for c in attempts(120)]
    cases = [PastCase(c.view, Plan("reject"), won=False, revealed=plan.choice) for c, plan in right]
    assert agreement(candidates(cases)[0].rules) >= 0.9


def test_an_unknown_present_rule_is_left_out() -> None:
    strange = read_trigger('When "moon" is "full": choose "howl".')
    assert strange is not None
    assert agreement(candidates(attempts(150), present=[strange, *RULES])[0].rules) >= 0.95
