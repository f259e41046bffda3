"""How likely a model finds each of several texts: the same figures by every way that a server allows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from ace.answered import Answered
from ace.errors import ModelError, ModelRefused
from ace.models.contract import Message, Model, Reply, Request
from ace.models.replies.parsing import reply
from ace.roles.scoring import chosen, score, values_of
from ace.types import OptionScore, Usage
from tests.answering import Answering
from tests.models.asking import provided, request, served
from tests.models.likely import LikelyServer, Weights
from tests.models.server import ModelServer, status

APART: Weights = {"refund": 0.5, "send a voucher": 0.3, "decline": 0.125}
ALIKE: Weights = {"look up the order": 0.4, "look up the item": 0.2, "look away": 0.1, "refund": 0.2}
HOW = Answered("likelihood")
EMPTY = (Message("user", "Nothing."),)
WHOLE = pytest.mark.parametrize("kind", ["llama.cpp", "vllm"])
ALL = pytest.mark.parametrize("kind", ["llama.cpp", "vllm", "plain"])


@contextmanager
def serving(kind: str, weights: Weights | Callable[..., Weights]) -> Iterator[LikelyServer]:
    with LikelyServer(kind, weights if callable(weights) else lambda body: weights) as server:
        yield server


async def asked(server: ModelServer, options: tuple[str, ...], how: Answered = HOW) -> tuple[OptionScore, ...]:
    model = served(server)
    try:
        return (await score(model, request(options=options), replace(request(options=options), messages=EMPTY), how)).scores
    finally:
        await model.close()


def logs(scores: tuple[OptionScore, ...]) -> list[float | None]:
    return [None if s.logprob is None else round(math.exp(s.logprob), 4) for s in scores]


@ALL
async def test_options_that_begin_differently_are_scored_by_one_request(kind: str) -> None:
    with serving(kind, APART) as server:
        scores = await asked(server, tuple(APART))
        assert logs(scores) == list(APART.values())
        assert [(s.option, s.tokens) for s in scores] == [(o, 1) for o in APART]
        [body] = server.scored()
    assert (body["max_tokens"], body["temperature"]) == (1, 0)
    assert [m["role"] for m in body["messages"]] == ["system", "user"]


@WHOLE
async def test_options_that_begin_alike_are_scored_where_they_part(kind: str) -> None:
    with serving(kind, ALIKE) as server:
        assert logs(await asked(server, tuple(ALIKE))) == list(ALIKE.values())
        # All; those that look, and those that look up.
        assert len(server.scored()) == 3


async def test_where_nothing_can_be_forced_what_begins_alike_has_no_score() -> None:
    with serving("plain", ALIKE) as server:
        scores = await asked(server, tuple(ALIKE))
        assert logs(scores) == [None, None, None, 0.2]
        assert len(server.scored()) == 1
    assert chosen(scores, HOW, None, 0) == "refund"


@WHOLE
async def test_all_tokens_count_where_scores_are_by_token(kind: str) -> None:
    how = Answered("likelihood", per_token=True)
    with serving(kind, APART) as server:
        scores = await asked(server, tuple(APART), how)
    assert logs(scores) == list(APART.values())
    assert [s.tokens for s in scores] == [2, 4, 2]
    # 0.3 over four tokens is more by token than a half over two.
    assert chosen(scores, how, None, 0) == "send a voucher"
    assert chosen(scores, HOW, None, 0) == "refund"


@ALL
async def test_what_is_likely_without_the_case_is_taken_off(kind: str) -> None:
    bare = {"refund": 0.8, "send a voucher": 0.05, "decline": 0.05}
    how = Answered("likelihood", calibrated=True)
    with serving(kind, lambda body: bare if body["messages"][-1]["content"] == "Nothing." else APART) as server:
        scores = await asked(server, tuple(APART), how)
    assert [round(math.exp(s.empty or 0), 4) for s in scores] == list(bare.values())
    assert chosen(scores, how, None, 0) == "send a voucher"


@WHOLE
async def test_an_option_that_another_begins_with_does_not_have_its_share(kind: str) -> None:
    weights = {"yes": 0.1, "yes please": 0.5, "no": 0.3}
    with serving(kind, weights) as server:
        scores = await asked(server, tuple(weights))
    assert logs(scores) == [0.6, 0.5, 0.3]
    assert {o: round(math.exp(v), 4) for o, v in values_of(scores, HOW).items()} == weights


@ALL
async def test_tokens_that_are_counted_are_the_servers(kind: str) -> None:
    with serving(kind, APART) as server:
        model = served(server)
        found = await score(model, request(options=tuple(APART)), replace(request(options=tuple(APART)), messages=EMPTY), HOW)
        await model.close()
    assert (found.usage.calls, found.usage.completion_tokens, found.usage.estimated) == (1, 1, 0)


async def test_a_server_that_ignores_the_question_gives_no_scores() -> None:
    with serving("none", APART) as server:
        model = served(server)
        said = await model.complete(request(options=("a", "b")))
        await model.close()
    assert [s.logprob for s in said.scores] == [None, None]
    assert (said.whole, said.problem != "") == (False, True)


async def test_a_server_that_turns_the_question_down_is_a_fault() -> None:
    refuses = status(400, "logprobs are not supported by this model")
    with ModelServer(always=refuses) as server, pytest.raises(ModelError, match="logprobs are not supported"):
        await asked(server, ("a", "b"))


async def test_a_provider_that_is_not_asked_so_is_refused_in_a_line(server: ModelServer) -> None:
    model = provided(server)
    with pytest.raises(ModelRefused, match=r"gives no log-probabilities \(.* api base\)") as caught:
        await model.complete(request(options=("a", "b")))
    await model.close()
    assert (server.seen, caught.value.usage and caught.value.usage.calls) == ([], 0)


class Own(Answering):
    """A model of one's own that scores by the length of a text."""

    def __init__(self, model_says: Callable[[Request], Reply]) -> None:
        super().__init__(lambda request, number: "")
        self._says = model_says

    async def _reply(self, request: Request) -> Reply:
        return self._says(request)


async def test_a_model_of_ones_own_gives_scores_and_they_are_read_from_its_text_again() -> None:
    def says(request: Request) -> Reply:
        return Reply("", scores=tuple(OptionScore(o, -float(len(o)), 1) for o in request.options))

    wanted = request(options=("longer", "short"))
    model: Model = Own(says)
    said = await model.complete(wanted)
    assert [s.logprob for s in said.scores] == [-6.0, -5.0]
    assert reply(wanted, said.text, "", said.usage).scores == said.scores


def test_a_request_without_options_is_the_same_as_ever() -> None:
    plain = request()
    assert plain.hash == Request("generator", plain.messages).hash
    assert len({plain.hash, request(options=("a",)).hash, request(options=("a", "b")).hash}) == 3


@pytest.mark.parametrize(
    "text", ["", "ready", "{}", '{"scores":[[-1,1]],"whole":true}', '{"scores":[[-1,0],[NaN,1]],"whole":true}', "[]"]
)
def test_a_text_that_holds_no_scores_of_the_options_gives_none(text: str) -> None:
    said = reply(request(options=("a", "b")), text, "", Usage(1))
    assert (said.scores, said.problem) == ((), "it has no log-probabilities of the 2 options")


def test_at_a_temperature_options_are_drawn_by_their_shares() -> None:
    scores = tuple(OptionScore(o, math.log(p), 1) for o, p in (("a", 0.75), ("b", 0.25)))
    drawn = [chosen(scores, HOW, 1.0, seed) for seed in range(400)]
    assert 260 < drawn.count("a") < 340
    assert {chosen(scores, HOW, 0.0, seed) for seed in range(20)} == {"a"}
    assert chosen((OptionScore("a"), OptionScore("b")), HOW, None, 0) is None
