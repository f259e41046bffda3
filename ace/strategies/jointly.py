"""Reflecting on several cases in one request: each gets a diagnosis of its own, and what all of them share is sent once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ace.errors import ModelError, ModelRefused, as_given
from ace.memory.values import unit_of_all
from ace.memory.view import View
from ace.models.contract import Request
from ace.models.errors.too_long import is_too_long
from ace.models.wrappers.together import together
from ace.playbooks.render import estimate_tokens
from ace.roles import reflector
from ace.roles.ask import ask
from ace.roles.exploring import listed
from ace.roles.replies import CaseDiagnosis, Diagnoses
from ace.strategies.contract import Roles
from ace.types import Episode, Reflection, Usage, derive_seed

Case = tuple[Episode, Sequence[Episode]]
"""An attempt to reflect on, and the lost ones before it at the same case, which its reflection covers."""
MOST, TOKENS = 5, 6000
"""Cases in one request at most, and estimated tokens of what they tell. A reply about five is as long as a curator's."""
REPLY = 300
"""Tokens that the diagnosis of one case may take in a reply that is bounded."""


def most_of(bound: int | None) -> int:
    """Cases in one request at most, where a reply may have `bound` tokens."""
    return MOST if bound is None else max(min(MOST, bound // REPLY), 1)


def groups_of(cases: Sequence[Case], bound: int | None = None) -> list[list[Case]]:
    """Those of `cases` whose answers are listed, in the groups that are asked about in one request, in their order. A case that
    would be alone in its group is in none. `bound` are the tokens that a reply may have."""
    most = most_of(bound)
    groups: list[list[Case]] = []
    held = 0
    for case in cases:
        episode, _ = case
        if not listed(episode):
            continue
        told = estimate_tokens(episode.first.text) + sum(
            estimate_tokens(s.observation.text) for s in episode.steps if s.observation is not None
        )
        if not groups or len(groups[-1]) >= most or held + told > TOKENS:
            groups.append([])
            held = 0
        groups[-1].append(case)
        held += told
    return [g for g in groups if len(g) > 1]


ONE_BY_ONE = "was asked about cases one by one"
TOO_LONG = "its model found two in one request too long"
UNUSABLE = "its reply about several in one request could not be used"


def one_by_one(why: str) -> str:
    """What is told, once in a run, where a request about several cases gave nothing, and each took one of its own."""
    setting = as_given("strategy_settings", "strategy-set")
    how = f"{setting} joint=false" if setting.startswith("-") else f'{setting}{{"joint": "false"}}'
    return f"the reflector {ONE_BY_ONE}, because {why}; {how} does so from the start"


async def reflect_jointly(
    roles: Roles, cases: Sequence[Case], book: View, names: Sequence[str] = (), notes: list[str] | None = None
) -> dict[str, Reflection | str]:
    """The diagnoses of `cases` by episode, from one request, or lines saying that a server's fault kept them from being made.
    Where that is too long for the model there are two, of half of the cases each, and so on. Cases that the reply leaves out,
    and all where it could not be read or two are too long, are not among them, and can be asked about alone; to `notes` is
    added, once, that all are. What a request cost stands with the first diagnosis."""
    cited = {id for e, before in cases for x in (*before, e) for id in x.cited}
    lessons = {id: b.text for id in cited if (b := book.get(id)) is not None}
    ids = [e.id for e, _ in cases]
    request = Request(
        "reflector",
        reflector.messages_of(cases, lessons, roles.prompts, names=names),
        sampling=roles.sampling,
        seed=derive_seed([e.seed for e, _ in cases], "reflect"),
        timeout=roles.timeout,
    )
    try:
        answer = await ask(roles.reflector(unit_of_all(ids)), request, Diagnoses)
    except ModelRefused:
        raise
    except ModelError as error:
        if not is_too_long(error):
            return {id: f"no reflection on {id}: {error}" for id in ids}
        half = len(cases) // 2
        if half < 2:
            _note(notes, TOO_LONG)
            return {}
        parts = await together(reflect_jointly(roles, part, book, names, notes) for part in (cases[:half], cases[half:]))
        return parts[0] | parts[1]
    found: dict[str, Reflection | str] = {}
    usage = answer.usage
    for case, value in _matched(cases, answer.value.diagnoses if answer.value else ()):
        episode, before = case
        found[episode.id] = reflector.reflection(episode, value, usage, before)
        usage = Usage()
    if not found:
        _note(notes, UNUSABLE)
    return found


def _note(notes: list[str] | None, why: str) -> None:
    if notes is not None and one_by_one(why) not in notes:
        notes.append(one_by_one(why))


def _matched(cases: Sequence[Case], said: Sequence[CaseDiagnosis]) -> Iterator[tuple[Case, CaseDiagnosis]]:
    """Each case with what was said under its number, the first where there are several; none where the reply counts from 0,
    since each would then get what was said of another."""
    by_number = {d.case: d for d in reversed(said)}
    if 0 in by_number:
        return
    for number, case in enumerate(cases, 1):
        if number in by_number:
            yield case, by_number[number]
