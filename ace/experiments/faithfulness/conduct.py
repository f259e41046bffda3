"""Probing the decisions of a stored run with the model that made them, or another one, within limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ace.budget import Budget, Ledger
from ace.errors import Conflict
from ace.experiments.faithfulness.answer import Faithfulness, faithfulness
from ace.experiments.faithfulness.asking import CALLS, Prober
from ace.experiments.faithfulness.decisions import Looked, PastDecision
from ace.memory.values import Run
from ace.models.by_role import close_all, open_models
from ace.models.clients.connectivity import require_listeners
from ace.models.clients.prices import require_prices
from ace.models.contract import Model, Sampling
from ace.models.reached import ModelSettings
from ace.models.wrappers.replay import Recording
from ace.models.wrappers.stack import stacked
from ace.models.wrappers.together import together
from ace.runs.stored import settings_of_run
from ace.runs.trust import doubt
from ace.types import Usage

_SENT = {"model", "api_base", "extra"}
"""What a stored run says of where its requests go and what they carry."""


@dataclass(frozen=True, slots=True)
class Probing:
    """Which model is asked and how: a `model` and the `api_base` of its server, where they are stated, else those of the run;
    `record` is a file for its replies."""

    model: str = ""
    api_base: str = ""
    concurrency: int = 16
    budget: Budget = Budget()
    record: str = ""


@dataclass(frozen=True, slots=True)
class ProbedAgent:
    """The opened model, and how it samples."""

    models: dict[str, Model]
    sampling: Sampling
    timeout: float

    @property
    def name(self) -> str:
        return self.models["generator"].name


def agent_of(run: Run, asked: Probing, *, sending: bool = True) -> ProbedAgent:
    """The agent that made the decisions of `run`, its model opened. Raises `Conflict` where the run may be another person's and
    no model is stated: a store is not trusted with keys; and the user's mistakes."""
    s, doubted = settings_of_run(run), doubt(run)
    if doubted and _SENT & set(doubted.names) and not asked.model:
        raise Conflict(
            f"run {run.id} may not be yours ({doubted.why}), so nothing was sent to the model it names, {s.model}; "
            "state the model to ask with --model"
        )
    sampling = dict(s.sampling)
    if doubted:
        sampling.pop("extra", None)
    where = asked.api_base or (s.api_base if not asked.model else "")
    models = open_models({"generator": asked.model or s.model}, ModelSettings(api_base=where or None, sending=sending))
    if asked.budget.usd is not None:
        require_prices([m.name for m in models.values()])
    if sending:
        require_listeners(models.values())
        if asked.record:
            models = {role: Recording(m, asked.record) for role, m in models.items()}
    return ProbedAgent(models, Sampling(**sampling), s.timeout)


def calls_for(decisions: Sequence[PastDecision]) -> int:
    """Requests that probing `decisions` takes, at most, if each reply can be read."""
    return sum(CALLS + len(d.parts) for d in decisions)


async def probe(decisions: Sequence[PastDecision], looked: Looked, agent: ProbedAgent, asked: Probing) -> Faithfulness:
    """Probe all `decisions`. Raises limits and `ModelRefused`."""
    try:
        model = stacked(agent.models, Ledger(asked.budget, Usage()), asked.concurrency)["generator"]
        prober = Prober(model, agent.sampling, agent.timeout)
        return faithfulness(await together(prober.probe(d) for d in decisions), looked)
    finally:
        await close_all(agent.models, lasting=False)
