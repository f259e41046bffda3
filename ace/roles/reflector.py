"""The reflector: one episode in, one verbal diagnosis out (Reflexion, Shinn et al. 2023, section 3).

It is shown the attempt as it happened, the lessons that were really used, and nothing of the right answer unless the
environment said it; a success may be reflected on as well as a failure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ace.evidence import observed
from ace.models import layout
from ace.models.contract import Message
from ace.roles.instructions import STOCK, Prompts
from ace.roles.offered import offered
from ace.roles.replies import Diagnosis
from ace.types import Episode, Past, Reflection, Step, Usage, Vote

_LEAST = 80
"""Characters of a block that are kept however often it is halved."""
_NAME = 300
"""Characters of a name with its values."""


_NAMES = (
    'Use these names and values again in "situation" where they fit what was seen, in the same words; take a new name only for '
    "a fact that none of them fits."
)


def messages(
    episode: Episode,
    lessons: Mapping[str, str],
    prompts: Prompts = STOCK,
    halvings: int = 0,
    *,
    names: Sequence[str] = (),
    before: Sequence[Episode] = (),
    near: Sequence[Past] = (),
) -> tuple[Message, ...]:
    """The request about `episode` and the lost attempts `before` it at the same case, which its reflection covers; `lessons`
    gives the texts of cited bullets by id, `names` lines of the names of facts used so far, `near` earlier attempts of its
    kind. Every block of it is cut to half its length `halvings` times."""
    listed = offered([episode])
    parts = [
        *([listed] if listed else []),
        *([_used_so_far(names, halvings)] if names else []),
        *([_chain(before, lessons, halvings)] if before else []),
        *([_near(near, halvings)] if near else []),
        *_attempt(episode, lessons, halvings),
    ]
    return Message("system", prompts.filled("reflector"), stable=True), Message("user", "\n\n".join(parts))


def messages_of(
    cases: Sequence[tuple[Episode, Sequence[Episode]]],
    lessons: Mapping[str, str],
    prompts: Prompts = STOCK,
    *,
    names: Sequence[str] = (),
) -> tuple[Message, ...]:
    """One request about several `cases`: of each the attempt to diagnose, and the lost ones before it that its reflection
    covers. They are numbered from 1. What all of them could choose from stands once."""
    lists = [offered([episode]) for episode, _ in cases]
    shared = lists[0] if len(set(lists)) == 1 else ""
    parts = [*([shared] if shared else []), *([_used_so_far(names, 0)] if names else []), f"{layout.CASES}\n{_APART}"]
    for number, ((episode, before), listed) in enumerate(zip(cases, lists, strict=True), 1):
        parts += [
            f"{layout.CASE} {number}",
            *([listed] if listed and not shared else []),
            *([_chain(before, lessons, 0)] if before else []),
            *_attempt(episode, lessons, 0),
        ]
    return Message("system", prompts.filled("reflector", "cases"), stable=True), Message("user", "\n\n".join(parts))


_APART = (
    "Several cases follow, each under its number. Diagnose each by itself, and give one diagnosis for each, in order. Name the "
    "same facts in the same words in all of them."
)


def _attempt(episode: Episode, lessons: Mapping[str, str], halvings: int) -> list[str]:
    """The attempt as it happened, the lessons it used, and what came of it."""
    used = [f"- [{id}] {layout.item(lessons[id])}" for id in episode.cited if id in lessons]
    parts = [
        f"{layout.ATTEMPT}\n{_cut(episode.first.text, layout.MAX_BLOCK, halvings)}",
        *(_step(i + 1, s, halvings, free=free) for i, (s, free) in enumerate(_steps(episode))),
        "\n".join([layout.USED, *(used or [layout.NOTHING])]),
        f"{layout.OUTCOME}\n{episode.outcome.verdict.value}"
        + (f" ({layout.item(episode.outcome.reason)})" if episode.outcome.reason else ""),
    ]
    if episode.outcome.feedback:
        parts.append(f"{layout.FEEDBACK}\n{_cut(episode.outcome.feedback, 2000, halvings)}")
    return parts


def _used_so_far(names: Sequence[str], halvings: int) -> str:
    """The commonest names; each halving leaves half of them."""
    kept = names[: max(len(names) >> halvings, 1)]
    return "\n".join([layout.NAMES, _NAMES, *(f"- {layout.item(name, _NAME)}" for name in kept)])


def _near(near: Sequence[Past], halvings: int) -> str:
    """What earlier attempts of the same kind did, and what came of it."""
    longest = max(layout.MAX_LINE >> halvings, _LEAST)
    lines = [layout.NEAR]
    for p in near:
        said = [f"{layout.SAID}: {layout.item(p.revealed, longest)}"] if p.revealed else []
        told = [layout.item(p.situation, longest), f"done: {layout.item(p.choice, longest)}", *said]
        lines.append(layout.row([f"- {'success' if p.won else 'failure'}", *told]))
    return "\n".join(lines)


def _chain(before: Sequence[Episode], lessons: Mapping[str, str], halvings: int) -> str:
    """What the attempts `before` chose, and that each lost."""
    longest = max(layout.MAX_LINE >> halvings, _LEAST)
    lines = [layout.CHAIN]
    for e in before:
        fields = [e.outcome.verdict.value, layout.item(observed.choice(e) or layout.NOTHING, longest)]
        if e.cited:
            fields.append("followed " + " ".join(f"[{id}]" for id in e.cited))
        if e.outcome.feedback:
            fields.append("the environment said: " + layout.item(e.outcome.feedback, longest))
        lines.append("- " + layout.FIELD.join(fields))
    used = dict.fromkeys(id for e in before for id in e.cited if id in lessons)
    return "\n".join(
        [*lines, *([layout.USED_BEFORE] if used else []), *(f"- [{id}] {layout.item(lessons[id])}" for id in used)]
    )


def _steps(episode: Episode) -> Iterator[tuple[Step, bool]]:
    """The steps, and whether what was done in each was free: nothing to choose from was listed."""
    seen = episode.first
    for step in episode.steps:
        yield step, not seen.actions and not seen.answers
        seen = step.observation or seen


def _step(number: int, step: Step, halvings: int, *, free: bool) -> str:
    """A free answer says little without how it was come by, so there the agent's own words stand before it."""
    thought = f"{layout.THOUGHT} {number}\n{_cut(step.thought, 2000, halvings)}\n" if free and step.thought else ""
    came = f"\n{layout.SEEN}\n{_cut(step.observation.text, 4000, halvings)}" if step.observation is not None else ""
    return f"{thought}{layout.DONE} {number}\n{_cut(step.action, 2000, halvings)}{came}"


def _cut(text: str, limit: int, halvings: int) -> str:
    return layout.block(text, max(min(limit, len(text)) >> halvings, _LEAST) if halvings else limit)


def reflection(episode: Episode, value: Diagnosis, usage: Usage, before: Sequence[Episode] = ()) -> Reflection:
    """The reply as a value. Votes count only for bullets that the attempts cited, one each, the last one said."""
    cited = {id for e in (*before, episode) for id in e.cited}
    said = [(v.lesson_id.strip("[] "), Vote(v.vote)) for v in value.votes]
    votes = {id: vote for id, vote in said if id in cited}
    return Reflection(
        episode.id,
        layout.item(value.situation),
        layout.item(value.choice),
        value.diagnosis.strip()[:4000],
        layout.item(value.lesson),
        tuple(votes.items()),
        usage,
    )
