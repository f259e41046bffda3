"""Reflecting on episodes, for every strategy that does, and for the loop between two attempts at one task."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated

from ace.errors import ModelError, ModelRefused
from ace.evidence import observed
from ace.evidence.dictionary import dictionary
from ace.evidence.nearest import nearest
from ace.memory.view import View
from ace.models.contract import Request
from ace.models.wrappers.together import together
from ace.playbooks.triggers.facts import parse_line
from ace.roles import reflector
from ace.roles.ask import ask_shorter, shortened
from ace.roles.exploring import listed
from ace.roles.generator import Earlier
from ace.roles.replies import Diagnosis
from ace.strategies.contract import Lesson, Roles
from ace.strategies.jointly import groups_of, reflect_jointly
from ace.types import Episode, Past, Reflection, Trust, derive_seed

_SEEN, _NAMES = 500, 30
"""The newest attempts in which names of facts are looked for, and how many of the names are shown."""
EXPLORE = CHAINS = True
"""Defaults of the settings `explore` and `chains`, as benchmarks/bench_retries.py measured them."""
Explore = Annotated[bool, "While learning, suggest an untried answer where no lesson decides."]
Chains = Annotated[bool, "Where answers are listed, try a lost case again without a reflection in between."]
JOINT = True
"""Default of the setting `joint`."""
Joint = Annotated[bool, "Where answers are listed, reflect on the cases of a batch in one request, at most five in each."]
Successes = Annotated[bool, "Reflect on successes too, not only on failures."]
SOLVING = 3
"""Further attempts at a lost case with listed answers, where the run does not say how many."""
LAST = 3
"""Reflections on the same task that an attempt is shown (Reflexion, Shinn et al. 2023, section 3: one to three)."""


async def reflect(
    roles: Roles,
    episode: Episode,
    book: View,
    notes: list[str] | None = None,
    *,
    names: Sequence[str] = (),
    before: Sequence[Episode] = (),
    near: Sequence[Past] = (),
) -> Reflection | str:
    """The diagnosis of `episode` and of the lost attempts `before` it at the same case, or one line saying why there is none
    (two unreadable replies, a server's fault). To `notes` is added, once, that the attempt was longer than the model takes.
    `names` are lines of the names of facts used so far, `near` earlier attempts of its kind."""
    found = {id: book.get(id) for e in (*before, episode) for id in e.cited}
    lessons = {id: b.text for id, b in found.items() if b is not None}

    def request_at(halvings: int) -> Request:
        return Request(
            "reflector",
            reflector.messages(episode, lessons, roles.prompts, halvings, names=names, before=before, near=near),
            sampling=roles.sampling,
            seed=derive_seed(episode.seed, "reflect"),
            timeout=roles.timeout,
        )

    try:
        answer = await ask_shorter(roles.reflector(episode.id), request_at, Diagnosis)
    except ModelRefused:
        raise
    except ModelError as error:
        return f"no reflection on {episode.id}: {error}"
    if answer.halvings and notes is not None and shortened("reflector") not in notes:
        notes.append(shortened("reflector"))
    if answer.value is None:
        return f"no reflection on {episode.id}: {answer.problem}"
    return reflector.reflection(episode, answer.value, answer.usage, before)


async def reflect_all(
    roles: Roles,
    lesson: Lesson,
    book: View,
    *,
    successes: bool,
    chains: bool = False,
    joint: bool = False,
    names: Sequence[str] = (),
    near: Callable[[Episode], Sequence[Past]] = lambda e: (),
) -> tuple[list[Reflection], list[str]]:
    """Reflections on the valid episodes of `lesson`, made at the same time and given in task order, and what went wrong.
    Episodes already reflected on are not asked about again, and where a gate objected no other; successes only where wanted.
    With `chains`, one reflection on the last attempt at a case with listed answers covers the lost ones before it. With
    `joint` several such cases, all of them trusted, are asked about in one request; one that its reply leaves out is asked
    about alone."""
    known = lesson.reflections
    valid = [e for e in lesson.episodes if e.outcome.valid and (not lesson.objection or e.id in known)]
    made_of = chained(valid, known) if chains else [(e, []) for e in valid]
    wanted = [(e, before) for e, before in made_of if successes or before or not e.outcome.success or e.id in known]
    notes: list[str] = []
    given: dict[str, Reflection | str] = dict(known)
    # What one stranger wrote must not speak in the diagnosis of another's case.
    if joint and lesson.trust is Trust.TRUSTED:
        groups = groups_of([(e, before) for e, before in wanted if e.id not in known], roles.sampling.max_tokens)
        for found in await together(reflect_jointly(roles, group, book, names, notes) for group in groups):
            given |= found

    async def given_or_made(episode: Episode, before: Sequence[Episode]) -> Reflection | str:
        return given.get(episode.id) or await reflect(
            roles, episode, book, notes, names=names, before=before, near=near(episode)
        )

    made = await together(given_or_made(e, before) for e, before in wanted)
    return [r for r in made if isinstance(r, Reflection)], [*notes, *(r for r in made if isinstance(r, str))]


def seen_in(book: View) -> list[Past]:
    """The newest attempts at a playbook, of which a reflector is shown names of facts and near ones, oldest first."""
    return book.attempts(_SEEN)


def names_of(attempts: Sequence[Past]) -> list[str]:
    """Lines of the names of facts in the newest of `attempts`, as a reflector is shown them."""
    situations = [p.situation for p in attempts[-_SEEN:]]
    return dictionary(map(parse_line, situations)).lines(_NAMES, texts=situations)


def near_in(attempts: Sequence[Past], most: int) -> Callable[[Episode], Sequence[Past]]:
    """What gives at most `most` of `attempts`, of the kind of a given one whose answer is free, the nearest; none where there
    was a list to choose from."""

    def near(e: Episode) -> Sequence[Past]:
        if not most or e.first.actions or e.first.answers:
            return ()
        return nearest(e.first.text, e.task.kind, [p for p in attempts if p.episode != e.id], most)

    return near


def chained(attempts: Sequence[Episode], known: Mapping[str, Reflection]) -> list[tuple[Episode, list[Episode]]]:
    """Those of `attempts` that a reflection is made on, each with the lost attempts at its case, answers listed, that it covers
    because another attempt followed. Those in `known` have a reflection of their own."""
    cases: dict[tuple[int, str], list[Episode]] = {}
    for e in attempts:
        cases.setdefault((e.epoch, e.task.key), []).append(e)
    covering: dict[str, list[Episode]] = {}
    for case in cases.values():
        before: list[Episode] = []
        for n, e in enumerate(case):
            followed = n + 1 < len(case) and not e.outcome.success and listed(e)
            if followed and e.id not in known:
                before.append(e)
                continue
            covering[e.id], before = before, []
    return [(e, covering[e.id]) for e in attempts if e.id in covering]


def as_done(episode: Episode) -> Reflection:
    """What a further attempt without a reflection is told of a lost one: what was done."""
    return Reflection(episode.id, "", observed.choice(episode), "", "")


def kept(lesson: Lesson) -> tuple[Reflection, ...]:
    """The reflections that were made between attempts, in task order: what a strategy that learns nothing gives."""
    return tuple(r for e in lesson.episodes if (r := lesson.reflections.get(e.id)))


def told(earlier: Sequence[tuple[Episode, Reflection]], before: Iterable[tuple[bool, Reflection]] = ()) -> list[Earlier]:
    """Earlier attempts as the generator is shown them, the last three: those `before` this case, then this case's own."""
    rows = [Earlier(won, r.situation, r.choice, r.diagnosis, r.lesson) for won, r in before]
    rows += [Earlier(e.outcome.success, r.situation, r.choice, r.diagnosis, r.lesson) for e, r in earlier]
    return rows[-LAST:]
