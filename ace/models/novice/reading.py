"""Taking prompts apart: what the novice is told, as values.

It reads the very text that any model reads, by the marks of `ace.models.layout`, and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ace.models import layout
from ace.models.contract import Message
from ace.models.novice.lessons import Lesson, parse_lesson
from ace.models.novice.recalling import Other, read_others
from ace.models.novice.rows import read_rows
from ace.playbooks.render import parse_line
from ace.playbooks.triggers.trigger import Plan, quoted

_PAST = re.compile(r"([+-]) #(\d+)" + re.escape(layout.FIELD) + r"(.*)")
_ALSO = re.compile(r"also ([+-]) ((?:#\d+ ?)+)")
_GROUP = re.compile(r"## \[([^\]]+)\](?:: (?:followed \d+ times, won (\d+), lost (\d+))?.*)?")
_FOLLOWED = re.compile(r"followed \d+ times, won (\d+), lost (\d+)")
_NEW = re.compile(r"## #(\d+) (success|failure), used (.*)")


@dataclass(frozen=True, slots=True)
class Game:
    """A case being worked on: lessons by id in order, everything seen, actions taken, what may be done, what was tried before
    at this case and lost, and what to `take` where no lesson decides (empty where the request names nothing)."""

    lessons: list[tuple[str, Lesson]]
    texts: list[str]
    taken: list[str]
    actions: list[str]
    answers: list[str]
    tried: list[str]
    take: str = ""
    others: list[Other] = field(default_factory=list)
    """Attempts at other cases, as they are shown."""


def read_game(messages: Sequence[Message]) -> Game:
    lessons = _lessons(messages[0].content)
    texts: list[str] = []
    taken: list[str] = []
    tried: list[str] = []
    take = ""
    others = [o for heading, lines in layout.parts(messages[0].content) if heading == layout.OTHERS for o in read_others(lines)]
    options: dict[str, list[str]] = {layout.ACTIONS: [], layout.ANSWERS: []}
    for message in messages[1:]:
        if message.role == "assistant":
            taken.append(_action(message.content))
            continue
        seen: list[str] = []
        for heading, lines in layout.parts(message.content):
            if heading in options and layout.AS_LISTED not in lines:
                options[heading] = [line[2:] for line in lines if line.startswith("- ")]
            elif heading in (layout.TASK, layout.OBSERVATION):
                seen.append(layout.unblock(lines))
            elif heading == layout.LOST:
                tried += [Plan.parse(quoted(line[2:])).line() for line in lines if line.startswith("- ")]
            elif heading == layout.OTHERS:
                others += read_others(lines)
            elif heading == layout.TAKE:
                take = next((line[2:] for line in lines if line.startswith("- ")), "")
            elif heading == layout.PICKED or heading.startswith("## "):
                lessons += _parsed(lines)
                tried += [line[6:] for line in lines if line.startswith("done: ") and heading.endswith("failure")]
        texts += seen
    return Game(lessons, texts, taken, options[layout.ACTIONS], options[layout.ANSWERS], tried, take, others)


def _lessons(text: str) -> list[tuple[str, Lesson]]:
    _, _, playbook = text.partition(layout.PLAYBOOK)
    return _parsed(playbook.split("\n"))


def _parsed(lines: Iterable[str]) -> list[tuple[str, Lesson]]:
    found = []
    for line in lines:
        pair = parse_line(layout.without_notes(line)[0])
        lesson = parse_lesson(pair[1]) if pair else None
        if pair and lesson:
            found.append((pair[0], lesson))
    return found


def _action(text: str) -> str:
    try:
        return str(json.loads(text).get("action", ""))
    except (ValueError, AttributeError):
        return ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to diagnose: what was seen first, the actions with what came of each, the ids and texts of the lessons used,
    the verdict."""

    first: str
    steps: list[tuple[str, str]]
    used: dict[str, str]
    won: bool
    said: str
    used_before: dict[str, str] = field(default_factory=dict)
    """The lessons that lost attempts before it at the same case used."""


def read_attempt(text: str) -> Attempt:
    return _attempt_in(layout.parts(text))


def read_cases(text: str) -> list[tuple[int, Attempt]]:
    """The attempts of a request about several cases, each with its number."""
    cases: list[tuple[int, list[tuple[str, list[str]]]]] = []
    for part in layout.parts(text):
        word, _, number = part[0].rpartition(" ")
        if word == layout.CASE:
            cases.append((int(number), []))
        elif cases:
            cases[-1][1].append(part)
    return [(number, _attempt_in(parts)) for number, parts in cases]


def _attempt_in(parts: Iterable[tuple[str, list[str]]]) -> Attempt:
    first, said, won = "", "", False
    steps: list[tuple[str, str]] = []
    used: dict[str, str] = {}
    before: dict[str, str] = {}
    for heading, lines in parts:
        if heading == layout.ATTEMPT:
            first = layout.unblock(lines)
        elif heading.startswith(layout.DONE):
            steps.append((layout.unblock(lines).strip(), ""))
        elif heading == layout.SEEN and steps:
            steps[-1] = (steps[-1][0], layout.unblock(lines))
        elif heading == layout.USED:
            used = dict(pair for pair in map(parse_line, lines) if pair)
        elif heading == layout.USED_BEFORE:
            before = dict(pair for pair in map(parse_line, lines) if pair)
        elif heading == layout.OUTCOME:
            won = any(line.startswith("success") for line in lines)
        elif heading == layout.FEEDBACK:
            said = layout.unblock(lines).strip()
    return Attempt(first, steps, used, won, said, before)


@dataclass(slots=True)
class Told:
    """One attempt as the curator is told of it. `groups` are the lessons it followed."""

    number: int
    won: bool
    situation: str
    choice: str
    said: str = ""
    lesson: str = ""
    new: bool = False
    groups: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReadBrief:
    """What the curator is told: lessons in order (those in the novice's language, and all ids), how often each was followed
    (won, lost), and the attempts by number."""

    lessons: list[tuple[str, Lesson]]
    counts: dict[str, tuple[int, int]]
    attempts: dict[int, Told]
    sections: dict[str, str] = field(default_factory=dict)
    """The sections of all lessons by id, in order."""
    texts: dict[str, str] = field(default_factory=dict)
    """Their texts."""
    last: bool = False
    """Whether no more attempts follow."""


def read_brief(text: str) -> ReadBrief:
    lessons: list[tuple[str, Lesson]] = []
    counts: dict[str, tuple[int, int]] = {}
    attempts: dict[int, Told] = {}
    sections: dict[str, str] = {}
    texts: dict[str, str] = {}
    zone, last = "", False
    for heading, lines in layout.parts(text):
        zone = heading if heading.startswith("# ") else zone
        if zone == layout.PLAYBOOK:
            lessons += _parsed(lines)
            counts.update(_counted(lines))
            pairs = [pair for line in lines if (pair := parse_line(layout.without_notes(line)[0]))]
            sections.update((id, heading.removeprefix("## ")) for id, _ in pairs)
            texts.update(pairs)
        elif heading == layout.ROWS:
            attempts.update((row.number, Told(*row)) for row in read_rows(lines))
        elif heading == layout.LAST:
            last = any(line.startswith(f"({layout.NO_MORE} ") for line in lines)
        elif heading == layout.DIAGNOSES:
            _read_diagnoses(lines, attempts)
        elif zone == layout.PAST and heading.startswith("## "):
            _read_group(heading, lines, counts, attempts)
        elif zone == layout.NEW and (match := _NEW.fullmatch(heading)):
            told = _read_new(match, lines)
            attempts[told.number] = told
    return ReadBrief(lessons, counts, attempts, sections, texts, last)


def _counted(lines: Iterable[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    """How often each lesson won and lost, from what stands behind its line."""
    for line in lines:
        text, said = layout.without_notes(line)
        pair, found = parse_line(text), _FOLLOWED.search(said)
        if pair and found:
            yield pair[0], (int(found[1]), int(found[2]))


def _read_diagnoses(lines: Iterable[str], attempts: Mapping[int, Told]) -> None:
    for line in lines:
        head, *told = line.split(layout.FIELD)
        number = head.removeprefix("- #")
        for text in told:
            if text.startswith("lesson: ") and number.isdigit() and int(number) in attempts:
                attempts[int(number)].lesson = text.removeprefix("lesson: ")


def _read_group(heading: str, lines: Sequence[str], counts: dict[str, tuple[int, int]], attempts: dict[int, Told]) -> None:
    group = _GROUP.fullmatch(heading)
    if group and group[2] is not None:
        counts[group[1]] = (int(group[2]), int(group[3]))
    for line in lines:
        if past := _PAST.fullmatch(line):
            fields = past[3].split(layout.FIELD)
            said = fields[2].removeprefix("the environment said: ") if len(fields) > 2 else ""
            choice = fields[1] if len(fields) > 1 else ""
            attempts[int(past[2])] = Told(int(past[2]), past[1] == "+", fields[0], choice, said)
            if group:
                attempts[int(past[2])].groups.append(group[1])
        elif also := _ALSO.fullmatch(line):
            for number in re.findall(r"\d+", also[2]):
                if group and int(number) in attempts:
                    attempts[int(number)].groups.append(group[1])


def _read_new(match: re.Match[str], lines: Iterable[str]) -> Told:
    rows = dict(line.split(": ", 1) for line in lines if ": " in line)
    return Told(
        int(match[1]),
        match[2] == "success",
        rows.get("situation", ""),
        rows.get("done", ""),
        rows.get("the environment said", ""),
        rows.get("lesson", ""),
        True,
        re.findall(r"\[([^\]]+)\]", match[3]),
    )
