"""Curating what was reflected, for every strategy that does: the brief, the request, and the reply as a delta."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ace.errors import ModelError, ModelRefused
from ace.evidence.attempts import Attempts
from ace.evidence.candidates import candidate_lines, candidates
from ace.evidence.drift import Demotion
from ace.evidence.fit import vocabulary
from ace.evidence.table import table, table_lines
from ace.memory.values import CURATIONS, StoredDelta
from ace.memory.view import View
from ace.models.contract import Request
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.operations import Delta, Judgement, Operation, Refusal
from ace.playbooks.render import by_section
from ace.playbooks.similarity.pairs import Pair, pairs_among
from ace.playbooks.triggers.grammar import read_trigger
from ace.roles.ask import ask_shorter, shortened
from ace.roles.curator.brief import Brief, LastDelta
from ace.roles.curator.edits import named, operations
from ace.roles.curator.lessons import decide_apart
from ace.roles.curator.request import CuratorRequest, question
from ace.roles.curator.settings import STOCK_CHECKED, STOCK_SHOWN, Checked, Shown
from ace.roles.curator.whole import list_operations
from ace.roles.offered import offered
from ace.roles.replies import Curation, WholeList
from ace.strategies.contract import Lesson, Roles
from ace.strategies.drifting import watch
from ace.strategies.lifting import lifted
from ace.strategies.shown import pick
from ace.types import Episode, Past, Reflection, Trust, derive_seed, digest

MOST_PAIRS = 8
"""Pairs of bullets that are alike, shown for review."""
MOST_COUNTED = 300
"""Attempts in which a search and a table count, the newest."""
MOST_ATTEMPTS = 3000
"""Attempts among which those that are shown as rows are chosen, the newest."""


class Curating:
    """Asks the curator. `tokens` is what a prompt's bullets may take, `shown` what the curator is shown as evidence, `checked`
    when stored attempts confirm a guess."""

    def __init__(self, roles: Roles, tokens: int, shown: Shown = STOCK_SHOWN, checked: Checked = STOCK_CHECKED) -> None:
        self._roles, self._tokens, self._shown, self._checked = roles, tokens, shown, checked

    async def propose(
        self, lesson: Lesson, reflections: Sequence[Reflection], book: View, attempts: Attempts, notes: list[str]
    ) -> tuple[Delta, Attempts] | str:
        """The delta that the curator's reply states, with the attempts that it rests on, or one line saying why there is none.
        `attempts` are all of them. To `notes` is added that the model was shown a part of the evidence."""
        watched = watch(book, lesson, attempts.all, self._checked.drift)
        attempts = attempts.without(watched.stale)
        brief = self._brief(lesson, reflections, book, attempts)
        brief = replace(brief, alarms=watched.alarms, stale=len(watched.stale), measured=measured_of(lesson, book))
        asked = question(brief, self._shown, self._roles.prompts)

        def request_at(halvings: int) -> Request:
            nonlocal asked
            asked = question(brief, self._shown, self._roles.prompts, halvings) if halvings else asked
            seed = derive_seed(lesson.seed, "curate")
            return Request("curator", asked.messages, sampling=self._roles.sampling, seed=seed, timeout=self._roles.timeout)

        try:
            answer = await ask_shorter(self._roles.curator(unit_of(lesson)), request_at, asked.shape)
        except ModelRefused:
            raise
        except ModelError as error:
            return f"no curation: {error}"
        if answer.halvings:
            notes.append(shortened("curator"))
        if answer.value is None:
            return f"no curation: {answer.problem}"
        edits = [*watched.operations(), *_operations(answer.value, asked)]
        delta = Delta(
            book.revision.hash,
            (*edits, *(self._lifted(edits, attempts, book, watched.demotions) if lesson.trust is Trust.TRUSTED else ())),
            "curator",
            named(answer.value.reasoning.strip(), asked.numbers)[:2000],
            tuple(e.id for e, _ in brief.new),
        )
        return delta, attempts

    def _brief(self, lesson: Lesson, reflections: Sequence[Reflection], book: View, attempts: Attempts) -> Brief:
        episodes = {e.id: e for e in lesson.episodes}
        new = [(episodes[r.episode], r) for r in reflections]
        bullets = self._concerned(new, book, [id for r in lesson.again for id in (r.operation.id, *r.operation.sources)])
        ids = [b.id for b in bullets]
        brief = Brief(
            bullets,
            book.count,
            new,
            book.records(ids),
            book.records_now(ids),
            *self._by_lesson(ids, book),
            self._pairs(bullets),
            lesson.again,
            () if lesson.stored else [e for e in lesson.episodes if e.outcome.valid],
            lesson.objection,
        )
        brief = self._told(self._counted(brief, lesson, attempts), lesson, book)
        return replace(brief, fit=attempts.grounds.fit(book.bullets())) if self._shown.fit else brief

    def _by_lesson(self, ids: Sequence[str], book: View) -> tuple[Mapping[str, Sequence[Past]], Sequence[Past]]:
        """Past attempts by the lesson they used, and those that used none."""
        if self._shown.rows:
            return {}, ()
        most = self._shown.evidence
        return book.evidence(ids, most, most), book.uncited(2 * most, 2 * most)

    def _pairs(self, bullets: Sequence[Bullet]) -> list[Pair]:
        if not self._shown.last_edits:
            return pairs_among(bullets)
        return [p for p in pairs_among(bullets, 4 * MOST_PAIRS) if not decide_apart(p)][:MOST_PAIRS]

    def _counted(self, brief: Brief, lesson: Lesson, attempts: Attempts) -> Brief:
        """With all attempts, and what is counted from them where that is asked for and answers are listed."""
        s = self._shown
        counts = (s.table or s.candidates) and bool(offered([e for e, _ in brief.new]))
        brief = replace(brief, attempts=attempts)
        if not counts:
            return brief
        cases = attempts.cases[-MOST_COUNTED:]
        words = vocabulary(cases)
        present = [t for b in by_section(brief.bullets) if (t := read_trigger(b.text, words))]
        found = candidates(cases, present, derive_seed(lesson.seed, "candidates")) if s.candidates else ()
        lines = table_lines(table(cases)) if s.table else []
        return replace(brief, table=lines, candidates=candidate_lines(found))

    def _told(self, brief: Brief, lesson: Lesson, book: View) -> Brief:
        """With what became of the last edits, where that is told."""
        if not self._shown.last_edits:
            return brief
        last = book.last_delta()
        return replace(brief, last=None if last is None else last_delta(last), left=lesson.left)

    def _lifted(
        self, edits: Sequence[Operation], attempts: Attempts, book: View, demotions: Sequence[Demotion]
    ) -> list[Operation]:
        """The guesses that `attempts` confirm."""
        bullets = book.bullets()
        if not any(b.state is State.CANDIDATE for b in bullets):
            return []
        return lifted(attempts.grounds.fit(bullets), edits, self._checked, demotions)

    def _concerned(self, new: Iterable[tuple[Episode, Reflection]], book: View, besides: Iterable[str]) -> list[Bullet]:
        """All bullets of a playbook that is shown whole; else those that the new attempts were shown to be near to, or used,
        and those `besides`."""
        if book.tokens <= self._tokens:
            return book.bullets()
        found = {b.id: b for id in besides if (b := book.get(id)) is not None}
        for episode, reflection in new:
            near = pick(f"{episode.task.text} {reflection.lesson}", book, self._tokens // 4)
            cited = [b for b in (book.get(id) for id in episode.cited) if b is not None]
            found.update((b.id, b) for b in (*cited, *near))
        return sorted((b for b in found.values() if b.state is not State.RETIRED), key=lambda b: b.rank)


def last_delta(last: StoredDelta) -> LastDelta:
    """What became of a curator's delta; nothing was done of one that was held. What a gate said of all of it, and what going
    back did, is told apart: see `measured_of`."""
    if (refusal := last.refusal) is not None:
        said = _ASKED if _was_shown(last, refusal) else ""
        return LastDelta((), [replace(r, reason=said) if refusal.reason in r.reason else r for r in last.refusals])
    if last.review is None:
        return LastDelta(last.operations, last.refusals)
    decided = last.review.decided
    why = "it waits for a person's review and is not in the playbook"
    if decided is not None:
        why = f"a person refused it{f': {decided.reason}' if decided.reason else ''}"
    held = [Refusal(i, o, why) for i, o in enumerate(last.operations)]
    return LastDelta((), (*held, *last.refusals))


_ASKED = "because you were asked once more and proposed nothing else"


def _was_shown(last: StoredDelta, refusal: Judgement) -> bool:
    """Whether the curator was shown this refusal at once, and asked once more."""
    return refusal.answer == "again" and sum(j.answer == "again" for j in last.judgements) == 1


def measured_of(lesson: Lesson, book: View) -> str:
    """What a gate has measured of the edits that were proposed last, and all refused: its reason, or where that has no numbers
    those it has measured. It is told in the request of one batch, and not again where the curator is asked about that batch
    once more."""
    last = None if lesson.again or lesson.objection else book.unanswered_delta({e.id for e in lesson.episodes})
    refusal = None if last is None else last.refusal
    if last is None or refusal is None or _was_shown(last, refusal):
        return ""
    became = "refused" if last.revision is None else "taken back, with those before that were measured with them"
    return f"{became}: {refusal.reason}{_numbers(refusal)}"


def _numbers(j: Judgement) -> str:
    """The numbers that a gate measured whose reason states none."""
    if any(c.isdigit() for c in j.reason):
        return ""
    found = [f"{name} {v:g}" for name, v in j.figures.items() if isinstance(v, int | float) and not isinstance(v, bool)]
    return f" ({', '.join(found)})" if found else ""


def unit_of(lesson: Lesson) -> str:
    """The unit of work under which the request is journaled."""
    more = [*(["again"] if lesson.again else []), *filter(None, [lesson.objection])]
    return f"{CURATIONS}{digest([*dict.fromkeys(e.id for e in lesson.episodes), *more])[:12]}"


def stored(book: View) -> list[Past]:
    """The stored attempts from which a batch is curated, oldest first."""
    return book.attempts(MOST_ATTEMPTS)


def _operations(value: Curation | WholeList, asked: CuratorRequest) -> list[Operation]:
    return list_operations(value, asked) if isinstance(value, WholeList) else operations(value, asked)
