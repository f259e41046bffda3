"""What a run is expected to spend, said before it spends anything.

An estimate from what is known for certain (how many cases, how long their prompts are at least, how many actions a case lists)
and rounded up where it is not. It is a warning, not a promise; budgets are what hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ace.environments.contract import Environment, Policy
from ace.environments.floors import play
from ace.models.clients.prices import price
from ace.playbooks.render import estimate_tokens
from ace.roles.instructions import Prompts
from ace.runs.apart import of_trust, turns_of
from ace.runs.gates.final import REVISIONS
from ace.runs.gates.pool import pool_size
from ace.settings import RunSettings
from ace.strategies.jointly import most_of
from ace.strategies.reflecting import CHAINS, JOINT, SOLVING
from ace.strategies.registry import replayed_of, spends_of
from ace.strategies.route import pairs_in
from ace.types import Observation, Task, Trust

SHOWN_TOKENS = 900
"""Tokens of bullets that a prompt holds on average, once something was learned."""
EVIDENCE_TOKENS = 6000
MOVE_TOKENS, DIAGNOSIS_TOKENS, CURATION_TOKENS = 90, 220, 900
"""Tokens of the replies of generator, reflector and curator."""
_TRIED = 5


@dataclass(frozen=True, slots=True)
class Share:
    """What one role is expected to need: its model, calls, and tokens of prompts and replies."""

    model: str
    calls: int
    prompt_tokens: int
    completion_tokens: int

    @property
    def usd(self) -> float | None:
        """Dollars, with nothing cached; `None` where the price is unknown."""
        known = price(self.model)
        return None if known is None else known.expected_cost(self.prompt_tokens, self.completion_tokens)


@dataclass(frozen=True, slots=True)
class Expectation:
    """The shares of the three roles, and of gates where they have cases played."""

    shares: tuple[Share, ...]

    @property
    def calls(self) -> int:
        return sum(s.calls for s in self.shares)

    @property
    def prompt_tokens(self) -> int:
        return sum(s.prompt_tokens for s in self.shares)

    @property
    def completion_tokens(self) -> int:
        return sum(s.completion_tokens for s in self.shares)

    @property
    def usd(self) -> float | None:
        costs = [s.usd for s in self.shares]
        return None if None in costs else sum(c for c in costs if c is not None)


def expected(
    settings: RunSettings, environment: Environment, train: Sequence[Task], held_out: Sequence[Task], measured: int
) -> Expectation:
    """What is expected of a run that learns from `train` and measures `held_out` cases `measured` times."""
    tried = [*train[:_TRIED], *held_out[:_TRIED]]
    seen = [_seen(environment, t) for t in tried]
    turns = max((_turns(environment, s) for s in seen), default=1)
    listed = [any(o.answers for o in s) for s in seen]
    task = max((estimate_tokens(t.text) for t in tried), default=0)
    # Every case may be lost as often as it is tried. It is reflected on before it is tried again, or where answers are listed
    # and attempts are chained, once.
    chains, spends = _chains(settings), spends_of(settings.strategy, settings.strategy_settings)
    shown, measuring = (SHOWN_TOKENS, 1) if spends is None else (spends.tokens, spends.attempts * spends.votes)
    unsaid = SOLVING if chains and any(listed) else 0
    retries = unsaid if settings.retries is None else settings.retries
    cases = len(train) * settings.epochs
    learned = cases * (retries + 1)
    measurements = len(held_out) * measured * measuring
    gated, curations = (n * settings.epochs if curates(settings) else 0 for n in turns_of(train, settings.batch))
    kinds = len({t.kind for t in (*train, *held_out)})
    besides = 0 if spends is None else spends.besides
    before = 0 if spends is None or spends.before is None else spends.before(kinds)
    moves = (learned + measurements + before) * turns + (learned + measurements) * besides
    if spends is not None and spends.calls is not None:
        moves += max(spends.calls(learned * turns) - learned * turns, 0)
    moves += curations * replayed_of(settings.strategy, settings.strategy_settings) * turns
    # Between two attempts every strategy asks the reflector, unless they are chained; the controls ask it at no other time.
    all_listed = bool(listed) and all(listed)
    chained = chains and all_listed
    only_between = spends is not None or settings.strategy == "frozen"
    between, last = 0 if chained else cases * retries, 0 if only_between else cases
    requests = _together(settings, train, all_listed) * settings.epochs if last else 0
    # A conversation grows by a reply and an observation each turn, and is sent again whole.
    prompts, always = Prompts(settings.prompts), estimate_tokens(environment.instructions)
    asked = always + estimate_tokens(prompts.text("generator")) + shown + task + turns * MOVE_TOKENS
    told = always + estimate_tokens(prompts.text("reflector")), task + 2 * turns * MOVE_TOKENS
    given = estimate_tokens(prompts.text("curator")) + SHOWN_TOKENS + EVIDENCE_TOKENS
    played = _gated(settings, environment, gated) * turns * measuring
    gate = (Share(settings.model, played, played * asked, played * MOVE_TOKENS),) if played else ()
    return Expectation(
        (
            Share(settings.model, moves, moves * asked, moves * MOVE_TOKENS),
            _diagnoses(settings, between, requests, last, told),
            Share(settings.curator_model or settings.model, curations, curations * given, curations * CURATION_TOKENS),
            *gate,
        )
    )


def _gated(settings: RunSettings, environment: Environment, deltas: int) -> int:
    """The attempts that `trial` and `final` have played at most, where each of so many batches gives a delta: each pair takes
    two, and no task of a pool serves twice."""
    s, gates = settings, settings.gates
    said = str(s.gate_settings.get("final.revisions", s.gate_settings.get("revisions", REVISIONS)))
    most = int(said) if said.isdecimal() else REVISIONS
    left: int | None = pool_size(environment) if deltas and {"trial", "final"} & set(gates) else 0
    ended = s.gate_pairs if "final" in gates else 0
    ended = ended if left is None else min(ended, left)
    tried = -(-deltas // s.gate_every) * s.gate_pairs if "trial" in gates else 0
    tried = tried if left is None else min(tried, left - (min(ended, left // 2) if tried else 0))
    return 2 * tried + ended * (min(most, deltas) + 1)


def curates(settings: RunSettings) -> bool:
    """Whether the strategy, as it is set, asks the curator; one of the person's own is taken to."""
    if spends_of(settings.strategy, settings.strategy_settings) is not None:
        return False
    return settings.strategy != "frozen" and _on(settings, "curate", settings.strategy != "reflexion")


def _chains(settings: RunSettings) -> bool:
    """Whether the strategy, as it is set, tries a lost case again without a reflection; one of the person's own is taken not
    to."""
    spends = spends_of(settings.strategy, settings.strategy_settings)
    if spends is not None:
        return spends.chains
    if settings.strategy == "reflexion" and not curates(settings):
        return False
    return _as_ace(settings, "chains", CHAINS)


def _diagnoses(settings: RunSettings, between: int, requests: int, last: int, told: tuple[int, int]) -> Share:
    """What the reflector is asked `between` attempts, and in so many `requests` about the `last` ones. `told` are the tokens of
    its instructions, and of a case."""
    instructed, each = told
    calls, cases = between + requests, between + last
    prompts = calls * instructed + cases * each
    return Share(settings.reflector_model or settings.model, calls, prompts, cases * DIAGNOSIS_TOKENS)


def _together(settings: RunSettings, train: Sequence[Task], listed: bool) -> int:
    """Requests about the last attempts at the cases of `train`: the trusted ones of a batch are reflected on together where the
    strategy, as it is set, does so and answers are `listed`."""
    joint = curates(settings) and _as_ace(settings, "joint", JOINT)
    if not joint or not listed:
        return len(train)
    most, size = most_of(settings.sampling.get("max_tokens")), settings.batch
    batches = [train[n : n + size] for n in range(0, len(train), size)]
    trusted = [len(of_trust(Trust.TRUSTED, batch)) for batch in batches]
    return sum(-(-n // most) + len(batch) - n for n, batch in zip(trusted, batches, strict=True))


def _as_ace(settings: RunSettings, name: str, default: bool) -> bool:
    """Whether the setting `name`, which `ace` has on by `default`, is on in the strategy as it is set."""
    if settings.strategy == "route":
        said = settings.strategy_settings
        inner = replace(settings, strategy=said.get("of", ""), strategy_settings=pairs_in(said.get("of_settings", "")))
        return _as_ace(inner, name, default)
    if settings.strategy in ("addonly", "rewrite"):
        return _on(settings, name, False)
    return settings.strategy in ("ace", "pareto", "reflexion") and _on(settings, name, default)


def _on(settings: RunSettings, name: str, default: bool) -> bool:
    said = settings.strategy_settings.get(name, "").lower()
    return said in ("true", "yes", "on", "1") or (default and said not in ("false", "no", "off", "0"))


def _seen(environment: Environment, task: Task) -> list[Observation]:
    """What the oracle sees of `task`, or a policy that does nothing."""
    taken: list[Observation] = []
    policies: list[Policy] = []

    def counted(seen: Observation) -> str:
        taken.append(seen)
        # Asked for in here, because what the environment's own code raises is caught here.
        if not policies:
            policies.append(environment.oracle(task) or environment.nothing(task))
        return policies[0](seen)

    play(environment, task, counted, 0)
    return taken


def _turns(environment: Environment, seen: Sequence[Observation]) -> int:
    """Turns that a case may take: what the oracle takes, or every listed action once and an answer, if that is more."""
    listed = len(seen[0].actions) + 1 if seen else 1
    return min(environment.limits.steps, max(len(seen), listed, 1))
