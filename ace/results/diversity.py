"""Whether an agent narrows while its playbook grows: how varied its replies are, revision by revision, and what that costs.

Success that rises while replies become alike is what learning looks like. Replies that become alike while success falls are a
collapse: the agent gives one answer, or answers in one form, to every case. So an alarm needs both.

Attempts that were measured and attempts that were learned from are looked at apart, because only the latter explore.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb, log

from ace.results.formats import UNREADABLE, format_of
from ace.results.score import Score, score
from ace.statistics.entropy import divergence, effective, fallen
from ace.statistics.significance import fisher
from ace.types import JSON, Episode

LEVEL = 0.02
"""The chance of an alarm in a run that is as varied and as good at its end as at its start, at most."""
MOST_SEGMENTS = 5
LEAST_ATTEMPTS = 20
"""Attempts in a segment, at least: fewer tell next to nothing of how varied replies are."""
_ROUNDS = 3999
MEASURED, LEARNED = "measured", "while learning"
_LEARNING = "learn"


@dataclass(frozen=True, slots=True)
class Variety:
    """How varied one thing is in a segment: `effective` is the number of equally frequent classes that would be as varied
    (exp of the entropy, Miller-Madow); `top` the commonest class and `share` its share; `divergence` that to the first segment
    in bits, from 0 (the same shares) to 1 (nothing in common); `p` the one-sided p value of a fall in variety since then.
    Both are `None` in the first segment."""

    effective: float
    top: str
    share: float
    divergence: float | None = None
    p: float | None = None

    def as_json(self) -> dict[str, JSON]:
        return {
            "effective": round(self.effective, 3),
            "top": self.top,
            "share": round(self.share, 4),
            "divergence": None if self.divergence is None else round(self.divergence, 4),
            "p": self.p,
        }


@dataclass(frozen=True, slots=True)
class Segment:
    """Attempts under consecutive revisions, from `first` to `last`. `success` is that of first attempts, or with several
    independent attempts at each case (`attempts`), the share of cases won in any; `p` the one-sided p value that it did not
    fall since the first segment. `narrowed` names what fell together with success since an earlier segment, which begins with
    revision `since`."""

    when: str
    first: int
    last: int
    n: int
    attempts: int
    formats: Variety
    choices: Variety
    success: Score
    p: float | None = None
    narrowed: tuple[str, ...] = ()
    since: int | None = None

    @property
    def revisions(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"

    def as_json(self) -> dict[str, JSON]:
        return {
            "when": self.when,
            "revisions": [self.first, self.last],
            "n": self.n,
            "attempts": self.attempts,
            "formats": self.formats.as_json(),
            "choices": self.choices.as_json(),
            "success": self.success.as_json(),
            "p": self.p,
            "narrowed": list(self.narrowed),
            "since": self.since,
        }


@dataclass(frozen=True, slots=True)
class Diversity:
    """The segments of a run or playbook, in order, those measured first. `level` is what each p value was compared with."""

    segments: tuple[Segment, ...]
    level: float

    @property
    def alarms(self) -> list[str]:
        """One line for each segment in which the agent narrowed and lost by it."""
        return [_told(self._since(s), s) for s in self.segments if s.narrowed]

    def _since(self, segment: Segment) -> Segment:
        return next(s for s in self.segments if s.when == segment.when and s.first == segment.since)

    def as_json(self) -> dict[str, JSON]:
        segments: list[JSON] = [s.as_json() for s in self.segments]
        return {"segments": segments, "level": self.level, "alarms": list(self.alarms)}


def diversity(episodes: Sequence[Episode], numbers: Mapping[str, int], seed: int = 0, *, every_p: bool = True) -> Diversity:
    """The diversity of `episodes`, whose revisions have `numbers` by their hashes; attempts under other revisions, invalid ones
    and further attempts at a case are left out. Without `every_p` only what alarms need is computed. The same episodes give the
    same figures."""
    found: dict[str, list[tuple[int, Episode]]] = {MEASURED: [], LEARNED: []}
    known: set[tuple[int, str, int, bool]] = set()
    for e in episodes:
        number = next((numbers[h] for h in e.render.revisions if h in numbers), None)
        if number is None or not e.outcome.valid or e.attempt > 1:
            continue
        # A playbook that did not change is measured before and after with the same seeds: that is one attempt.
        place = (number, e.task.key, e.seed, learned := e.phase == _LEARNING)
        if place not in known:
            known.add(place)
            found[LEARNED if learned else MEASURED].append((number, e))
    parts = {when: _parts(sorted(some, key=lambda pair: pair[0])) for when, some in found.items()}
    compared = sum(comb(len(p), 2) for p in parts.values())
    level = LEVEL / (2 * compared) if compared else LEVEL
    segments = [s for when, p in parts.items() for s in _segments(when, p, level, seed, every_p)]
    return Diversity(tuple(segments), level)


def _parts(episodes: Sequence[tuple[int, Episode]]) -> list[list[tuple[int, Episode]]]:
    """`episodes` in at most `MOST_SEGMENTS` parts of about one size; a revision is not divided."""
    size = max(LEAST_ATTEMPTS, -(-len(episodes) // MOST_SEGMENTS))
    parts: list[list[tuple[int, Episode]]] = []
    for pair in episodes:
        if not parts or (len(parts[-1]) >= size and parts[-1][-1][0] != pair[0]):
            parts.append([])
        parts[-1].append(pair)
    # A rest too small to be compared belongs to the part before it.
    if len(parts) > 1 and len(parts[-1]) < LEAST_ATTEMPTS:
        rest = parts.pop()
        parts[-1] += rest
    return parts


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the attempts of a segment were like."""

    formats: Sequence[str]
    choices: Sequence[str]
    won: Score
    attempts: int


def _segments(
    when: str, parts: Sequence[Sequence[tuple[int, Episode]]], level: float, seed: int, every_p: bool
) -> list[Segment]:
    segments: list[Segment] = []
    earlier: list[tuple[int, _Seen]] = []
    for part in parts:
        episodes = [e for _, e in part]
        seen = _Seen([_form(e) for e in episodes], [_choice(e) for e in episodes], *_success(episodes))
        start = earlier[0][1] if earlier else None
        narrowed, since = _narrowed(earlier, seen, level, seed)
        segments.append(
            Segment(
                when,
                part[0][0],
                part[-1][0],
                len(part),
                seen.attempts,
                _variety(seen.formats, start.formats if start else None, seed if every_p else None),
                _variety(seen.choices, start.choices if start else None, seed if every_p else None),
                seen.won,
                _worse(start, seen) if start else None,
                narrowed,
                since,
            )
        )
        earlier.append((part[0][0], seen))
    return segments


def _narrowed(earlier: Sequence[tuple[int, _Seen]], seen: _Seen, level: float, seed: int) -> tuple[tuple[str, ...], int | None]:
    """What is less varied than in an earlier segment that was more successful, and at which revision that began; the most
    successful one where there are several."""
    for number, was in sorted(earlier, key=lambda pair: -(pair[1].won.success or 0.0)):
        if _worse(was, seen) > level:
            continue
        formats, choices = fallen(was.formats, seen.formats, seed, _ROUNDS), fallen(was.choices, seen.choices, seed, _ROUNDS)
        if names := tuple(name for name, p in (("formats", formats), ("choices", choices)) if p <= level):
            return names, number
    return (), None


def _worse(was: _Seen, now: _Seen) -> float:
    return fisher(was.won.wins, was.won.n, now.won.wins, now.won.n)


def _variety(seen: Sequence[str], start: Sequence[str] | None, seed: int | None) -> Variety:
    [(top, n)] = Counter(seen).most_common(1)
    size = effective(seen)
    if start is None:
        return Variety(size, top, n / len(seen))
    p = None if seed is None else fallen(start, seen, seed, _ROUNDS)
    return Variety(size, top, n / len(seen), divergence(start, seen) / log(2), p)


def _success(episodes: Sequence[Episode]) -> tuple[Score, int]:
    """First attempts; where every case has several independent ones, cases won in any, and how many attempts that is."""
    cases: dict[str, list[Episode]] = {}
    for e in episodes:
        cases.setdefault(e.task.key, []).append(e)
    least = min(map(len, cases.values()))
    if episodes[0].phase == _LEARNING or least < 2:
        return score([[e] for e in episodes]), 1
    return score([attempts[:least] for attempts in cases.values()]), least


def _form(episode: Episode) -> str:
    if not episode.steps:
        return UNREADABLE
    last = episode.steps[-1]
    # Of a listed answer only the thinking has a form of its own.
    listed = (*episode.first.actions, *episode.first.answers)
    thought = format_of(last.thought)
    return f"{thought}, then a listed answer" if listed else f"{thought}, then {format_of(last.action)}"


def _choice(episode: Episode) -> str:
    """What was done, from the first action to the last."""
    return " > ".join(" ".join(s.action.casefold().split()) for s in episode.steps) or f"({UNREADABLE})"


def _told(start: Segment, s: Segment) -> str:
    what = " and ".join(f"{name} {_number(start, name)} to {_number(s, name)}" for name in s.narrowed)
    of = "first attempts" if s.attempts == 1 else f"cases within {s.attempts} attempts"
    was, now = (100 * (x.success.success or 0.0) for x in (start, s))
    where = f"at revision {s.revisions}" if s.first == s.last else f"at revisions {s.revisions}"
    fell = f"the agent has narrowed {where} ({s.when}), and does worse"
    return f"Warning: {fell}: effective {what}, success of {of} {was:.0f} % to {now:.0f} %"


def _number(segment: Segment, name: str) -> str:
    variety: Variety = getattr(segment, name)
    return f"{variety.effective:.1f}"
