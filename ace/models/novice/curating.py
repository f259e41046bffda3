"""The novice as curator: generalise and specialise rules until the shown wins and losses are explained, by small edits.

All that it knows is in the request, and all that it concludes becomes a sentence in the playbook.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ace.evidence.candidates import candidates
from ace.evidence.cases import PastCase
from ace.evidence.told import answers_of, told_answer
from ace.models import layout
from ace.models.contract import Request
from ace.models.novice.acting import FREE
from ace.models.novice.diagnosing import NOTHING
from ace.models.novice.editing import Edits, KnownRules, RuleEdits, no_edits
from ace.models.novice.lessons import Look, Topic, parse_lesson
from ace.models.novice.listing import as_list, as_text
from ace.models.novice.reading import ReadBrief, Told, read_brief
from ace.models.novice.unaided import refuted, rules_from_wins
from ace.playbooks.triggers.conditions import CaseView
from ace.playbooks.triggers.facts import parse_line, weighted_words
from ace.playbooks.triggers.trigger import Plan, Trigger, quoted

LOOKING, RULES, TOPICS = "Looking", "Rules", "Topics"
MANY_CHOICES = 20
"""Different right answers from which on plain texts are told apart by topic instead of by rule."""
TOPIC_WORDS = 16
MOST_WORDS = 8
"""Words of an answer up to which it may be a choice although it was given only once."""


def curate(request: Request) -> dict[str, Any]:
    """The edits for the request, or the whole list where that is asked for."""
    read = read_brief(request.messages[-1].content)
    wanted = request.response.model_fields if request.response is not None else {}
    rewriting, adding = "playbook" in wanted, "add" in wanted and "retire" not in wanted
    why, edits = _edits(request, read, unaided=rewriting or adding)
    if "lessons" in wanted:
        return {"reasoning": why, **as_list(read.sections, edits)}
    if rewriting:
        return {"reasoning": why, "playbook": as_text(read.texts, read.sections, edits)}
    if adding:
        added = [{name: a[name] for name in ("section", "text", "reason", "attempts")} for a in edits["add"]]
        return {"reasoning": why, "add": added}
    return {"reasoning": why, **edits}


def _edits(request: Request, read: ReadBrief, *, unaided: bool) -> tuple[str, Edits]:
    """The reason for the edits, and the edits."""
    asked = request.messages[-1].content
    listed = replace(read, attempts={n: t for n, t in read.attempts.items() if Plan.parse(t.choice).choice != FREE})
    if layout.ANSWERS not in asked and layout.ACTIONS not in asked:
        listed = replace(listed, attempts=_without_own_texts(listed.attempts))
    brief = replace(read, attempts={n: t for n, t in listed.attempts.items() if _chose(t)})
    if read.attempts and not listed.attempts:
        return "Nothing was listed to choose from; novice learns from listed choices only.", no_edits()
    if _is_about_topics(brief):
        edits = _topics(brief)
        why = "Plain texts with many possible answers: each lesson names the words that speak for one answer."
    else:
        edits, why = _unaided(brief) if unaided else _rules(brief, request.seed)
    edits["add"] = [*_looks(listed), *edits["add"]]
    return why, edits


def _chose(told: Told) -> bool:
    """Whether an attempt tells of a choice: its own, or the right one. One that ended before it made any tells of none."""
    return Plan.parse(told.choice).choice not in ("", NOTHING) or bool(_right(told))


def _without_own_texts(attempts: Mapping[int, Told]) -> dict[int, Told]:
    """The attempts whose answer may be a choice. One of many words that was given once is a text of its own, such as a
    letter."""
    answers = {n: Plan.parse(t.choice).choice for n, t in attempts.items()}
    often = Counter(answers.values())
    return {n: t for n, t in attempts.items() if len(answers[n].split()) <= MOST_WORDS or often[answers[n]] > 1 or _right(t)}


def _looks(brief: ReadBrief) -> list[dict[str, Any]]:
    """New lessons on where to look, from the diagnoses of the new attempts."""
    known = {lesson.action for _, lesson in brief.lessons if isinstance(lesson, Look)}
    found: dict[str, tuple[str, list[int]]] = {}
    for told in brief.attempts.values():
        for sentence in _sentences(told.lesson):
            lesson = parse_lesson(sentence)
            if isinstance(lesson, Look) and lesson.action not in known:
                found.setdefault(lesson.action, (sentence, []))[1].append(told.number)
    reason = "This action shows facts and does not end the case."
    return [_add(LOOKING, s, reason, numbers) for s, numbers in found.values()]


def _add(section: str, text: str, reason: str, attempts: Sequence[int]) -> dict[str, Any]:
    return {"section": section, "text": text, "after_id": "", "reason": reason, "attempts": list(attempts)}


def _sentences(lesson: str) -> list[str]:
    return ["Before answering," + part.rstrip() for part in lesson.split("Before answering,")[1:]]


def _is_about_topics(brief: ReadBrief) -> bool:
    answers = {_right(t) or t.choice for t in brief.attempts.values()}
    answers |= {lesson.choice for _, lesson in brief.lessons if isinstance(lesson, Topic)}
    plain = sum(1 for t in brief.attempts.values() if t.situation.startswith("text: "))
    begun = any(isinstance(lesson, Topic) for _, lesson in brief.lessons)
    return begun or (plain * 2 > len(brief.attempts) and len(answers) > MANY_CHOICES)


def _rules(brief: ReadBrief, seed: int) -> tuple[Edits, str]:
    present = [KnownRules(id, lesson) for id, lesson in brief.lessons if isinstance(lesson, Trigger)]
    told = _complete(list(brief.attempts.values()))
    if not told:
        return no_edits(), "No attempt tells anything about the rules."
    known = answers_of(Plan.parse(t.choice).choice for t in told)
    cases = [_case(t, known) for t in told]
    best = candidates(cases, [k.rule for k in present], seed, most=1, last=brief.last)
    found = list(best[0].rules) if best else []
    support = _support(found, cases, [t.number for t in told])
    right = sum(agree for agree, _, _ in support)
    if not right:
        # Where one choice was made in all cases and lost, it is the only one known, and a list that takes it fits best.
        found, support = [], []
    why = f"{len(found)} {'rule agrees' if len(found) == 1 else 'rules agree'} with {right} of {len(cases)} shown attempts."
    return RuleEdits(RULES, present, found, support).edits(), why


def _unaided(brief: ReadBrief) -> tuple[Edits, str]:
    """Edits from the new attempts alone, where no earlier ones are shown."""
    told = list(brief.attempts.values())
    known = answers_of(Plan.parse(t.choice).choice for t in told)
    cases = [_case(t, known) for t in told]
    present = {id: lesson for id, lesson in brief.lessons if isinstance(lesson, Trigger)}
    found, edits = rules_from_wins(cases, list(present.values())), no_edits()
    why = "The win of an attempt that no lesson explains."
    edits["add"] = [_add(RULES, r.sentence(), why, [told[n].number for n in places]) for r, places in found.items()]
    edits["retire"] = [
        {"lesson_id": id, "reason": "The newest attempts speak against it.", "attempts": []} for id in refuted(present, cases)
    ]
    return edits, f"{len(found)} of {len(cases)} new attempts are wins that no lesson explained."


def _right(told: Told, known: Sequence[str] = ()) -> str:
    """The right answer that the environment named after a loss, or nothing; `known` are the answers that there are."""
    return "" if told.won else told_answer(told.said, Plan.parse(told.choice).choice, known)


def _case(told: Told, known: Sequence[str]) -> PastCase:
    plan = Plan.parse(told.choice)
    made = plan if plan.choice != NOTHING else Plan("")
    return PastCase(CaseView.of(parse_line(told.situation)), made, told.won, quoted(_right(told, known)))


def _complete(told: list[Told]) -> list[Told]:
    """The attempts that saw nearly all the facts that others saw; all of them while those are few."""
    sizes = [len(parse_line(t.situation).fields) for t in told]
    full = [t for t, n in zip(told, sizes, strict=True) if n * 5 >= max(sizes) * 4]
    return full if len(full) >= 8 else told


def _support(rules: Sequence[Trigger], cases: Sequence[PastCase], numbers: Sequence[int]) -> list[tuple[int, int, list[int]]]:
    """For each rule, the attempts that agree with it, all that it covers, and the numbers of the last ones."""
    support: list[tuple[int, int, list[int]]] = [(0, 0, []) for _ in rules]
    for case, number in zip(cases, numbers, strict=True):
        at = next((i for i, r in enumerate(rules) if r.covers(case.view)), None)
        if at is None:
            continue
        rule, (agree, covered, found) = rules[at], support[at]
        agrees = rule.plan.choice == case.revealed if case.revealed else case.won == (case.plan == rule.plan)
        support[at] = (agree + agrees, covered + 1, [*found, number][-8:])
    return support


def _topics(brief: ReadBrief) -> Edits:
    """Lessons for the new attempts whose right answer is known and that the present lessons did not get right."""
    known = [(id, lesson) for id, lesson in brief.lessons if isinstance(lesson, Topic)]
    edits, touched = no_edits(), set[str]()
    for told in brief.attempts.values():
        answer = quoted(told.choice if told.won else _right(told))
        words = _salient(told.situation)
        if not told.new or not answer or (told.won and told.groups) or not words:
            continue
        near = _near(known, touched, answer, words)
        reason = f"Attempt {told.number} was about this and the right answer was {answer}."
        if near is None:
            edits["add"].append(_add(TOPICS, Topic(words, answer).sentence(), reason, [told.number]))
            continue
        id, topic = near
        touched.add(id)
        text = Topic(tuple(dict.fromkeys((*topic.words, *words)))[: 2 * TOPIC_WORDS], answer).sentence()
        if text != topic.sentence():
            edits["revise"].append({"lesson_id": id, "text": text, "reason": reason, "attempts": [told.number]})
    edits["retire"] = _refuted(brief, known, touched)
    return edits


def _near(known: Sequence[tuple[str, Topic]], touched: set[str], answer: str, words: Sequence[str]) -> tuple[str, Topic] | None:
    """A topic with this answer that shares half of its words."""
    for id, topic in known:
        if topic.choice == answer and id not in touched and _overlap(topic.words, words) >= 0.5:
            return id, topic
    return None


def _refuted(brief: ReadBrief, known: Sequence[tuple[str, Topic]], touched: set[str]) -> list[dict[str, Any]]:
    """Topics that were followed three times or more and never won."""
    found = []
    for id, _ in known:
        won, lost = brief.counts.get(id, (0, 0))
        if id not in touched and not won and lost >= 3:
            found.append({"lesson_id": id, "reason": "Followed and never right.", "attempts": []})
    return found


def _salient(situation: str) -> tuple[str, ...]:
    """The words that weigh most in the text, the longer first among equals."""
    weights = weighted_words(parse_line(situation).prose)
    return tuple(sorted(weights, key=lambda w: (-weights[w], -len(w), w))[:TOPIC_WORDS])


def _overlap(a: Sequence[str], b: Sequence[str]) -> float:
    """Shared words over all words (Jaccard 1901)."""
    shared = Counter(a) & Counter(b)
    return len(shared) / max(1, len({*a, *b}))
