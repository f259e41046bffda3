"""A real model behind llama.cpp's server, in this process: what runs rely on is so."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from openai import AsyncOpenAI

from ace.answered import Answered
from ace.errors import ModelError
from ace.models.clients.language import LanguageModel
from ace.models.contract import Form, Message, Request, Sampling
from ace.models.errors.too_long import is_too_long
from ace.models.probe import SHAPE, SHAPED
from ace.models.wrappers.together import together
from ace.roles.scoring import score
from tests.commands.said import Ace
from tests.local.conftest import address

ASKED = (
    Message("system", "Reply with the exact text of one listed option, and nothing else."),
    Message("user", "# Answers\n- refund\n- refuse politely\n- replace\n\nThe item is broken. Broken items get a refund."),
)
OPTIONS = ("refund", "refuse politely", "replace")
HOW = Answered("likelihood")
EIGHT = Sampling(max_tokens=8, extra={"ignore_eos": True})
"""Eight tokens, also where the model would say less."""


async def told(model: LanguageModel, path: str, **body: object) -> dict[str, object]:
    """What the server says at a path of its own."""
    root = (await address(model)).removesuffix("/v1")
    async with AsyncOpenAI(base_url=root, api_key="none", max_retries=0) as client:
        found: dict[str, object] = json.loads(await client.post(path, cast_to=str, body=body))
    return found


async def by_hand(model: LanguageModel, text: str) -> float:
    """The log-probability of `text` as the reply: token by token, each from the whole vocabulary, without our client."""
    turns = [{"role": m.role, "content": m.content} for m in ASKED]
    prompt = (await told(model, "/apply-template", messages=turns))["prompt"]
    tokens = (await told(model, "/tokenize", content=prompt, add_special=True, parse_special=True))["tokens"]
    ids, total = (await told(model, "/tokenize", content=text))["tokens"], 0.0
    assert isinstance(tokens, list)
    assert isinstance(ids, list)
    for id in ids:
        said = await told(model, "/completion", prompt=tokens, n_predict=1, n_probs=5_000, temperature=0.0)
        rows: Any = said["completion_probabilities"]
        total += next(t["logprob"] for t in rows[0]["top_logprobs"] if t["id"] == id)
        tokens.append(id)
    return total


async def test_scores_are_those_of_the_models_vocabulary(model: LanguageModel) -> None:
    request = Request("generator", ASKED, options=OPTIONS)
    whole = await score(model, request, request, Answered("likelihood", per_token=True))
    for s in whole.scores:
        assert s.logprob == pytest.approx(await by_hand(model, s.option), abs=0.05)
    parted = await score(model, request, request, HOW)
    # They begin alike ("ref"), so the first two are told apart by their second token.
    assert [s.tokens for s in parted.scores] == [2, 2, 1]
    assert parted.scores[0].logprob == pytest.approx(whole.scores[0].logprob, abs=0.05)
    assert (parted.scores[1].logprob or 0) > (whole.scores[1].logprob or 0)


async def test_the_same_question_has_the_same_scores(model: LanguageModel) -> None:
    request = Request("generator", ASKED, options=OPTIONS)
    first, second = [await score(model, request, request, HOW) for _ in range(2)]
    for a, b in zip(first.scores, second.scores, strict=True):
        assert a.logprob == pytest.approx(b.logprob, abs=0.05)
    assert second.usage.cached_tokens > 0.8 * second.usage.prompt_tokens


async def test_replies_keep_to_a_shape(model: LanguageModel) -> None:
    hot = Sampling(temperature=1.0, max_tokens=200)
    replies = [await model.complete(Request("generator", SHAPED, SHAPE, hot, timeout=60)) for _ in range(3)]
    assert [r.form for r in replies] == [Form.CLEAN] * 3
    assert all(isinstance(r.parsed, SHAPE) for r in replies)


async def test_two_requests_are_answered_at_the_same_time(model: LanguageModel) -> None:
    asked = [Request("generator", (Message("user", f"Count to {n}."),), sampling=EIGHT) for n in (3, 4)]
    assert [r.usage.completion_tokens for r in await together(model.complete(a) for a in asked)] == [8, 8]


async def test_a_prompt_that_is_too_long_is_told_in_a_line_and_the_model_goes_on(model: LanguageModel) -> None:
    with pytest.raises(ModelError) as caught:
        await model.complete(Request("generator", (Message("user", "word " * 4000),)))
    assert is_too_long(caught.value)
    assert "available context size (2048 tokens)" in str(caught.value)
    assert "context=TOKENS behind the file's name sets that" in str(caught.value)
    assert (await model.complete(Request("generator", ASKED, sampling=Sampling(max_tokens=3)))).text


async def test_a_stream_ends_with_its_usage(model: LanguageModel) -> None:
    async with AsyncOpenAI(base_url=await address(model), api_key="none") as client:
        stream = await client.chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": "Say: ready."}],
            max_tokens=5,
            stream=True,
            stream_options={"include_usage": True},
            # It may say less than it is allowed to.
            extra_body={"ignore_eos": True},
        )
        used = [part.usage async for part in stream if part.usage]
    assert [(u.completion_tokens, u.prompt_tokens > 5) for u in used] == [(5, True)]


async def test_its_server_ends_with_it(model: LanguageModel) -> None:
    where = urlsplit(await address(model))
    await model.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((where.hostname or "", where.port or 0), 5).close()
    # Asked again it is loaded again.
    assert (await model.complete(Request("generator", ASKED, sampling=Sampling(max_tokens=3)))).text


@pytest.mark.timeout(60)
async def test_it_ends_however_soon_it_is_closed(model: LanguageModel) -> None:
    for _ in range(6):
        assert await address(model)
        await model.close()


@pytest.fixture
def ace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ace:
    monkeypatch.chdir(tmp_path)
    return Ace(capsys)


def test_a_check_tells_its_speed(ace: Ace, gguf: Path) -> None:
    found = ace("model", "check", f"local:{gguf},context=2048", "--json").json
    assert (found["structured"], found["logprobs"], found["context"], found["problem"]) == ("json_schema", "each", 2048, "")
    assert found["load_seconds"] > 0
    assert found["read_per_second"] > 0
    assert found["written_per_second"] > 0


@pytest.mark.parametrize("answering", ["likelihood", "json"])
def test_a_playbook_is_measured_with_it(ace: Ace, gguf: Path, answering: str) -> None:
    Path("rules.md").write_text("- If the colour is red, answer keep.\n- If the colour is green, answer sell.\n")
    Path("q.jsonl").write_text(
        "".join(
            json.dumps({"prompt": f"The boat {n} is {c}. Keep it or sell it?", "answer": a, "choices": ["keep", "sell"]}) + "\n"
            for n, (c, a) in enumerate([("red", "keep"), ("green", "sell")])
        )
    )
    assert ace("playbook", "import", "rules.md", "rules").status == 0
    Path("train.jsonl").write_text(json.dumps({"prompt": "Is it late?", "answer": "keep", "choices": ["keep", "sell"]}) + "\n")
    files = ("--set", "train=train.jsonl", "--set", "eval=q.jsonl")
    asked = (*files, "--playbook", "rules", "--model", f"local:{gguf},slots=1,context=2048")
    said = ace("eval", "dataset", *asked, "--answering", answering, "--max-tokens", "60", "--json")
    assert said.err.count(f"ace: loading the model {gguf} (") == 1
    assert said.status == 0, said.err
    assert said.json["usage"]["cached_tokens"] > 0
    trace = ace("episode", "show", ace("episode", "list", "--json").json[0]["episode"], "--json").json["trace"]
    # So small a model may write nothing that can be read; an attempt by likelihood always has its step.
    assert [len(t["scores"]) for t in trace] == ([2] if answering == "likelihood" else [0] * len(trace))
