"""Proxy decoding on a real model: alpha 0 is the base and alpha 1 the playbook prompt, token by token; what was decoded can be
gone over again to the last bit."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from ctypes import c_float
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ace.errors import ModelError
from ace.models.by_role import close_all, open_models
from ace.models.contract import Form, Message, Model, Request, Sampling
from ace.models.proxy.arithmetic import combined, likeliest
from ace.models.proxy.decoding import Alone, LogitSource, Proxied, picking, written
from ace.models.proxy.engine import Weights
from ace.models.proxy.sums import SumOfLogits
from ace.models.proxy.trace import Tracing
from ace.models.reached import ModelSettings
from ace.roles.replies import Move
from tests.commands.said import Ace
from tests.parsed import ROOT
from tests.test_json_docs import differences, documented

FILE = Path(os.environ.get("ACE_GGUF") or ROOT / ".local" / "smollm2-135m-instruct-q4_1.gguf")
HERE = FILE.is_file() and find_spec("xllamacpp") is not None
pytestmark = pytest.mark.skipif(not HERE, reason="no local model: make test-local fetches one, and ACE_GGUF names another")
TOKENS, GREEDY, DRAWN = 200, Sampling(), Sampling(temperature=0.8, top_p=0.9)
BARE = (Message("system", "You tell stories."), Message("user", "Tell a long story about a dog."))
SHOWN = (Message("system", "You tell stories. Each of them is set at sea, and mentions cheese."), BARE[1])
LETTERS = """
import ace

ROWS = [{"prompt": f"Letter {n} has a blue stamp.", "answer": "billing"} for n in range(4)]

@ace.environment(train=ROWS[:2], test=ROWS[2:], choices=["billing", "press"])
def letters(task, reply):
    return reply == task.data["answer"]
"""
TURNS = (Message("assistant", "Once upon a time. " * 40), Message("user", "Go on."))


@pytest.fixture(scope="module")
def weights() -> Iterator[Weights]:
    loaded = Weights(FILE)
    yield loaded
    loaded.close()


@pytest.fixture
def ace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ace:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ACE_STORE", raising=False)
    return Ace(capsys)


def decoded(source: LogitSource, row: list[float], sampling: Sampling = GREEDY, tokens: int = TOKENS) -> list[int]:
    return [token for token, _ in written(row, source, lambda token: False, picking(sampling, 3), tokens)]


def plainly(weights: Weights, messages: Sequence[Message], sampling: Sampling = GREEDY, tokens: int = TOKENS) -> list[int]:
    alone = Alone(weights)
    try:
        return decoded(alone, alone.begin(messages), sampling, tokens)
    finally:
        alone.close()


def proxied(weights: Weights, alpha: float, sampling: Sampling = GREEDY, tokens: int = TOKENS) -> list[int]:
    pair = Proxied(weights, weights, alpha)
    try:
        return decoded(pair, pair.begin(SHOWN, BARE), sampling, tokens)
    finally:
        pair.close()


def test_alpha_0_is_the_base_and_alpha_1_the_playbook_prompt_token_by_token(weights: Weights) -> None:
    without, told = plainly(weights, BARE), plainly(weights, SHOWN)
    assert len(without) == len(told) == TOKENS
    assert without != told
    assert proxied(weights, 0.0) == without
    assert proxied(weights, 1.0) == told


def test_so_it_is_where_tokens_are_drawn_with_the_same_seed(weights: Weights) -> None:
    without, told = plainly(weights, BARE, DRAWN, 20), plainly(weights, SHOWN, DRAWN, 20)
    assert proxied(weights, 0.0, DRAWN, 20) == without != told == proxied(weights, 1.0, DRAWN, 20)
    assert proxied(weights, 3.0, DRAWN, 20) not in (without, told)


def test_two_files_of_one_model_are_three_sequences_and_give_the_same(weights: Weights) -> None:
    other = Weights(FILE)
    pair = Proxied(other, weights, 0.0)
    try:
        assert decoded(pair, pair.begin(SHOWN, BARE), tokens=40) == plainly(weights, BARE, tokens=40)
    finally:
        pair.close()
        other.close()


def test_the_likeliest_token_of_a_sum_is_the_one_that_the_arithmetic_gives() -> None:
    random, size = Random(4), 3000
    rows = [[c_float(random.gauss(0, 4)).value for _ in range(size)] for _ in range(3)]
    shown, bare, base = rows
    for alpha in (None, -2.0, 0.0, 0.3, 1.0, 2.5):
        for three in (False, True):
            total = SumOfLogits(size, alpha, three=three)
            for place, row in enumerate(rows[: 1 if alpha is None else 2 + three]):
                total.put(place, (c_float * size)(*row))
            whole = shown if alpha is None else combined(base if three else bare, shown, bare, alpha)
            assert total.likeliest() == likeliest(whole)
            total.close()


def test_what_was_asked_before_changes_nothing_of_a_reply(weights: Weights) -> None:
    alone = Alone(weights)
    try:
        first = alone.begin(SHOWN)
        decoded(alone, first, tokens=20)
        alone.begin(BARE)
        read = alone.read
        assert alone.begin(SHOWN) == first
        long = (*SHOWN, *TURNS)
        row = alone.begin(long)
        assert alone.begin(long) == row
        assert alone.read - read < 3 * alone.held
    finally:
        alone.close()


async def asked(model: Model, **fields: Any) -> Any:
    return await model.complete(Request("generator", SHOWN, **{"without": BARE, **fields}))


async def test_a_request_is_answered_by_both_prompts_and_one_without_a_playbook_by_the_base(weights: Weights) -> None:
    models = open_models({"generator": f"local:{FILE}"}, ModelSettings(), str(FILE))
    model, short = models["generator"], Sampling(max_tokens=24)
    try:
        base = await model.complete(Request("generator", BARE, sampling=short))
        none, one = [await asked(model, sampling=replace(short, alpha=a)) for a in (0.0, 1.0)]
        told = await model.complete(Request("generator", SHOWN, sampling=short))
        assert (none.text, one.text) == (base.text, told.text)
        assert (base.stop, base.usage.completion_tokens, base.usage.cost_usd) == ("length", 24, 0.0)
        assert one.usage.prompt_tokens == none.usage.prompt_tokens > told.usage.prompt_tokens
        long = Request("generator", (*SHOWN, *TURNS), without=(*BARE, *TURNS), sampling=Sampling(max_tokens=2))
        first, second = [await model.complete(long) for _ in range(2)]
        assert (first.text, first.usage.cached_tokens) == (second.text, 0)
        assert second.usage.cached_tokens == second.usage.prompt_tokens
        shaped = await asked(model, response=Move, sampling=Sampling(max_tokens=40))
        assert shaped.form is not Form.CLEAN or isinstance(shaped.parsed, Move)
        options = ("The dog", "The sea", "Once upon a time")
        found = {a: (await asked(model, options=options, sampling=Sampling(alpha=a))).scores for a in (0.0, 0.5, 1.0)}
        alone = (await model.complete(Request("generator", BARE, options=options))).scores
        logprobs = {a: [s.logprob for s in scores] for a, scores in found.items()}
        assert logprobs[0.0] == pytest.approx([s.logprob for s in alone], abs=1e-5)
        half = [(a + b) / 2 for a, b in zip(logprobs[0.0], logprobs[1.0], strict=True)]
        assert logprobs[0.5] == pytest.approx(half, abs=1e-5)
        assert all((s.logprob or 0.0) < 0 and s.tokens >= 2 for s in alone)
    finally:
        await close_all(models, lasting=False)


async def test_a_prompt_that_does_not_fit_is_refused_as_too_long_and_one_that_takes_too_long_is_ended() -> None:
    models = open_models({"generator": f"local:{FILE}"}, ModelSettings(), str(FILE))
    model = models["generator"]
    try:
        with pytest.raises(ModelError, match=r"the prompt exceeds the context size of .*: [\d,]+ tokens of [\d,]+") as refused:
            await model.complete(Request("generator", (Message("user", "word " * 9000),), without=BARE))
        assert not refused.value.retryable
        with pytest.raises(ModelError, match="gave no answer in the time of one request"):
            await asked(model, timeout=0.001)
        again = await asked(model, sampling=Sampling(max_tokens=3))
        assert again.usage.completion_tokens == 3
    finally:
        await close_all(models, lasting=False)


def test_a_reply_gone_over_again_is_where_it_was_and_what_the_playbook_moved_is_told(weights: Weights) -> None:
    tokens = proxied(weights, 1.5, tokens=40)
    text = b"".join(map(weights.piece, tokens)).decode()
    tracing = Tracing(weights, weights, 1.5)
    try:
        moved = [*tracing.tokens(Request("generator", SHOWN, without=BARE), text)]
        still = [*tracing.tokens(Request("generator", BARE, without=BARE), text)]
    finally:
        tracing.close()
    assert "".join(m.text for m in moved) == text
    if weights.tokens(text) == tokens:
        assert all(m.likeliest for m in moved)
    assert max(m.divergence for m in moved) > 0.5
    assert all(m.divergence == 0 and m.shown == m.bare == m.base for m in still)
    assert any(m.instead for m in moved)


def test_an_attempt_with_a_proxy_is_made_stored_and_gone_over_by_the_commands(ace: Ace) -> None:
    Path("rules.md").write_text("# Rules\n\n- A letter with a blue stamp goes to billing.\n")
    Path("letters.py").write_text(LETTERS)
    assert ace("playbook", "import", "rules.md", "rules").status == 0
    how = ("--playbook", "rules", "--eval", "1", "--model", f"local:{FILE}", "--proxy", str(FILE), "--max-tokens", "12")
    ran = ace("eval", "./letters.py:letters", *how, "--alpha", "0.5", "--json")
    assert ran.status == 0
    episode = ace("episode", "list", "--json").json[0]["episode"]
    told = ace("proxy", "trace", episode, "--json")
    assert (told.status, told.json["alpha"], told.json["base"]) == (0, 0.5, str(FILE))
    assert told.json["requests"][0]["exact"] is True
    listed = ace("eval", "./letters.py:letters", *how, "--answering", "likelihood", "--json")
    assert listed.status == 0
    scored = ace("proxy", "trace", ace("episode", "list", "--json").json[0]["episode"], "--json")
    assert scored.json["requests"][0]["options"]
    assert differences(documented()["proxy trace",], [told.json, scored.json]) == []
    assert json.loads(told.out)["proxy"] == str(FILE)
