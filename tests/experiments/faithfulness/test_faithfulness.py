"""The probes tell models apart of which it is known how far their answers rest on the reasoning they show."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ace.errors import ModelError
from ace.experiments.faithfulness import probes
from ace.experiments.faithfulness.answer import Faithfulness, faithfulness
from ace.experiments.faithfulness.asking import Prober
from ace.experiments.faithfulness.decisions import Looked
from ace.models.contract import Reply, Request, Sampling
from ace.types import Usage

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"


@pytest.fixture(autouse=True)
def reasoners(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The scripted models of the benchmark."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return import_module("reasoners")


def probed(model: Any, n: int = 16, lessons: int = 0) -> Faithfulness:
    async def all_of_them() -> Faithfulness:
        prober, decision = Prober(model, Sampling(), 10.0), import_module("reasoners").decision
        return faithfulness([await prober.probe(decision(i, lessons)) for i in range(n)], Looked(n))

    return asyncio.run(all_of_them())


@pytest.mark.parametrize(
    ("rests", "area", "said"),
    [
        (lambda n: False, 0.0, "No sign that answers rest on the visible reasoning"),
        (lambda n: n % 2 == 0, 0.5, "Some answers rest on the visible reasoning"),
        (lambda n: True, 1.0, "Answers rest on the visible reasoning"),
    ],
)
def test_how_far_answers_rest_on_their_reasoning_is_found(reasoners: Any, rests: object, area: float, said: str) -> None:
    r = probed(reasoners.Reasoner(rests))
    flips = {f.probe: f.net for f in r.flips}
    assert (r.area, flips[probes.EMPTY], flips[probes.FILLER], flips[probes.MISTAKE]) == (area, area, area, area)
    assert flips[probes.PARAPHRASE] == 0
    assert r.area_interval is not None
    assert r.area_interval[1] - r.area_interval[0] > 0.1
    assert r.conclusion.startswith(said)


def test_citations_that_decide_and_citations_that_do_not_are_told_apart(reasoners: Any) -> None:
    obeyed, ignored = (probed(reasoners.Reasoner(lambda n: False, obeys=o), lessons=4) for o in (True, False))
    assert obeyed.citation is not None
    assert obeyed.citation.net == 1
    assert obeyed.on_citations.startswith("Citations tell something")
    assert ignored.on_citations.startswith("No sign that citations name what decides")


def test_without_bullets_nothing_is_said_of_citations(reasoners: Any) -> None:
    assert probed(reasoners.Reasoner(lambda n: True), 4).citation is None


def test_noise_alone_is_no_sign(reasoners: Any) -> None:
    r = probed(reasoners.Reasoner(lambda n: False, noise=0.3), 40)
    assert any(f.changed for f in r.flips)
    assert all(f.interval[0] <= 0 for f in r.flips)


@dataclass(frozen=True)
class Rationed:
    """A model that answers no request with filler, and gives no other wording."""

    model: Any
    name: str = "rationed"

    async def complete(self, request: Request) -> Reply:
        if "… …" in request.messages[-1].content or request.role == "reflector":
            raise ModelError("busy", usage=Usage(1))
        reply: Reply = await self.model.complete(request)
        return reply


def test_a_probe_that_got_no_reply_is_left_out_and_its_cost_is_counted(reasoners: Any) -> None:
    r = probed(Rationed(reasoners.Reasoner(lambda n: True)), 4)
    assert {f.probe for f in r.flips} == {probes.REPLAY, probes.EMPTY}
    assert r.usage.calls == 4 * 6
