"""Keys come from the environment and appear nowhere else."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ace import redaction as secrets
from ace.errors import BadSetting, ModelError
from ace.memory.store import Store
from ace.models.contract import Sampling, never
from ace.models.wrappers.replay import Recording
from ace.registry import fault_line
from ace.runs.journaled import Journal, Journaled
from tests.models.asking import Word, request
from tests.models.clients.test_clients import BOTH, Opens
from tests.models.server import ModelServer, says, status
from tests.starting import started

KEY = "q7Zp0-Rb49xLmV2sWc81"


def contents(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


@BOTH
@pytest.mark.parametrize(
    "echo", [KEY, f"...{KEY[6:]}", f"{KEY[:9]}*****", f"Bearer {KEY}", f"sk-proj-{KEY}", "sk-ab12****9xyz"]
)
async def test_a_key_that_a_provider_repeats_is_in_no_error_log_row_or_file(
    server: ModelServer,
    opens: Opens,
    echo: str,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("SOME_API_KEY", KEY)
    server.then(says('{"word": "a", "count": 1}'), status(401, f"Incorrect API key provided: {echo}. Get one at our site."))
    run = started(store, {"model": "m"})
    bare = opens(server)
    recording = Recording(bare, tmp_path / "r")
    model = Journaled(recording, Journal(store, run.id, never), "e-1")
    await model.complete(request(Word))
    with pytest.raises(ModelError) as caught:
        await model.complete(request(Word))
    await recording.close()
    said = str(caught.value)
    assert "Incorrect API key provided: " in said
    assert "SOME_API_KEY" in said or "OPENAI_API_KEY" in said
    stored = contents(tmp_path)
    places = [
        said,
        repr(caught.value),
        repr(caught.value.__cause__),
        repr(caught.value.__context__),
        caplog.text,
        repr(bare.client),
    ]
    for part in (KEY[:9], KEY[6:], "9xyz"):
        assert not any(part in place for place in places)
        assert part.encode() not in stored


@pytest.mark.parametrize(
    "extra",
    [
        {"extra_body": {"auth": {"pw": "hunter2hunter"}}},
        {"extra_body": {"auth": {"user": "me", "hidden": ["hunter2hunter"]}}},
        {"extra_body": {"provider": {"credentials": {"a": {"b": "hunter2hunter"}}}}},
        {"metadata": {"db_pw": "hunter2hunter"}},
        {"signature": "hunter2hunter"},
        {"extra_body": {"storage_sas": "hunter2hunter"}},
    ],
)
def test_what_stands_below_a_name_of_keys_is_one_however_it_is_called(extra: dict[str, object]) -> None:
    with pytest.raises(BadSetting, match="keys come from the environment") as refused:
        Sampling(extra=extra)
    assert "hunter2" not in str(refused.value)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40), st.text(), st.text(), st.data())
def test_no_eight_characters_of_a_key_in_a_row_pass(key: str, before: str, after: str, data: st.DataObject) -> None:
    # That word is a key to nothing.
    assume(key.lower() != "placeholder")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MY_SERVICE_TOKEN", key)
        start = data.draw(st.integers(0, len(key) - 8))
        end = data.draw(st.integers(start + 8, len(key)))
        told = secrets.redact(f"{before}{key[start:end]}{after}")
    assert not any(key[i : i + 8] in told.replace(secrets.MASK, "\0") for i in range(len(key) - 7))


def test_ordinary_words_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
    monkeypatch.setenv("SHORT_KEY", "abc")
    text = "false: the abc of the maximum context length is 128000 tokens; ask-me"
    assert secrets.redact(text) == text


@pytest.mark.parametrize(
    "extra", [{"api_key": KEY}, {"extra_headers": {"Authorization": f"Bearer {KEY}"}}, {"extra_body": {"x": {"API-Key": KEY}}}]
)
def test_a_key_among_the_extra_parameters_is_refused_without_repeating_it(extra: dict[str, object]) -> None:
    with pytest.raises(BadSetting, match="keys come from the environment") as caught:
        Sampling(extra=extra)
    assert KEY not in str(caught.value)


HEX = "3f9a1c07b2d84e56a1f0c93be7d25a48"
REFUSED: list[dict[str, object]] = [
    {"extra_headers": {"Ocp-Apim-Subscription-Key": HEX}},
    {"extra_headers": {"X-Gateway": "plain-words"}},
    {"default_headers": {"cf-aig-authorization": "abc"}},
    {"headers": {"Cookie": "session=abc"}},
    {"extra_headers": {"User-Agent": f"me {KEY}"}},
    {"extra_query": {"subscription": "abc"}},
    {"extra_query": {"key": KEY}},
    {"extra_body": {"auth": {"list": [{"deep": ["x", KEY]}]}}},
    {"extra_body": {"provider": [{"api_key": "short"}]}},
    {"metadata": {"note": "sk-proj-q7Zp0Rb49xLmV2"}},
    {"tools": [{"type": "mcp", "headers": {"X-Any": "abc"}}]},
    {"tools": [{"type": "mcp", "authorization": "abc"}]},
    {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE"},
    {"x": "AKIAIOSFODNN7EXAMPLE"},
    {"x": "ghp_16C7e42F292c6912E7710c838347Ae178B4a"},
    {"x": "github_pat_11ABCDEFG0abcdefghij_KLMNOP"},
    {"x": "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY"},
    {"x": "q7Zp0-Rb49xLmV2sWc81-v0"},
    {"x": "Xk3Qv9TzB1mYw7RfL2pD"},
    {"x": "Bearer abcdefgh1234"},
    {"x": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc123"},
    {"x": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
    {"x": "-----BEGIN RSA PRIVATE KEY-----\nMIIE"},
    {"base_url": f"https://host/v1?code={KEY}"},
    {"base_url": "https://me:hunter2@host/v1"},
    {"apiKey": "abc"},
    {"azure_ad_token": "abc"},
    {"vertex_credentials": "abc"},
    {"client_secret": "abc"},
    {"password": "hunter2"},
]
HARMLESS: list[dict[str, object]] = [
    {"extra_headers": {"Content-Type": "application/json", "HTTP-Referer": "https://my.site", "X-Title": "My agent"}},
    {"extra_headers": {"anthropic-version": "2023-06-01", "anthropic-beta": "prompt-caching-2024-07-31"}},
    {"extra_headers": {"Authorization": "Bearer env:GATEWAY_TOKEN", "X-Api-Key": "env:GATEWAY_KEY"}},
    {"extra_query": {"api-version": "2024-10-21", "sig": "env:SAS_SECRET"}},
    {"max_completion_tokens": 100, "logprobs": True, "stop": ["###"], "prompt_cache_key": "support", "seed": 7},
    {"extra_body": {"chat_template_kwargs": {"enable_thinking": False}, "stop_token_ids": [1, 2], "top_k": 20}},
    {"response_format": {"type": "json_object"}, "service_tier": "flex", "user": "team-support", "verbosity": "low"},
    {"provider": {"order": ["deepinfra/fp8", "together"], "allow_fallbacks": False}, "tokenizer": "o200k_base"},
    {"source": "https://host/rows?split=train&format=json", "hint": "mail me@host, or see http://[x"},
    {"game": "BabyAI-GoToRedBall-v0", "other": "MiniGrid-DoorKey-5x5-v0", "third": "BabyAI-KeyCorridorS3R1-v0"},
    {"judge": "DeepSeek-R1-Distill-Qwen-7B", "player": "MyEnvPlayerV2Final2"},
    {"guided_regex": "(yes|no)", "lora": "acme/llama-3.1-8b-instruct-support-2024-07-18"},
]


@pytest.mark.parametrize("extra", REFUSED, ids=str)
def test_a_key_in_any_place_of_the_extra_parameters_is_refused_and_told_how_to_give_it(extra: dict[str, object]) -> None:
    with pytest.raises(BadSetting, match="never stored; write env:VARIABLE") as caught:
        Sampling(extra=extra)
    for part in (KEY, HEX, "hunter2", "AKIA", "eyJ", "abcdefgh1234", "wJalr"):
        assert part not in str(caught.value)


@pytest.mark.parametrize("extra", HARMLESS, ids=str)
def test_what_is_no_key_is_taken(extra: dict[str, object]) -> None:
    assert Sampling(extra=extra).extra == extra


def test_a_variable_whose_value_would_not_be_masked_is_refused() -> None:
    with pytest.raises(BadSetting, match="in its name is wanted"):
        Sampling(extra={"extra_headers": {"X-Api-Key": "env:GATEWAY"}})


@given(
    st.recursive(
        st.just({"client_secret": "abc"}),
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | st.dictionaries(st.sampled_from(["a", "messages", "x"]), inner, min_size=1, max_size=3)
        ),
        max_leaves=6,
    )
)
def test_a_key_is_found_at_any_depth(nested: object) -> None:
    with pytest.raises(BadSetting, match="client_secret"):
        Sampling(extra={"extra_body": nested})


SAID = {
    f"login failed for {KEY}": KEY,
    "GET https://host/v1?code=plainsecret1&x=1 gave 401": "plainsecret1",
    "cannot connect to postgresql://me:hunter22@db/shop": "hunter22",
    "{'Authorization': 'Bearer plainsecret'}": "plainsecret",
    "bad token=plainsecret": "plainsecret",
    "password: hunter22": "hunter22",
    "AKIAIOSFODNN7EXAMPLE is unknown": "AKIAIOSFODNN7EXAMPLE",
    "x ghp_16C7e42F292c6912E7710c838347Ae178B4a y": "16C7e42F292c6912",
    "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc123 expired": "eyJzdWIi",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----": "MIIEvQ",
}


@pytest.mark.parametrize(("text", "key"), SAID.items(), ids=str)
def test_what_a_users_code_raises_is_told_without_keys(text: str, key: str) -> None:
    assert key not in fault_line(RuntimeError(text))
    assert secrets.MASK in fault_line(RuntimeError(text))


@pytest.mark.parametrize(
    "text",
    [
        "KeyError: 'customer_id'",
        "no such file: /tmp/pytest-of-me/pytest-12/test_x0/train.jsonl",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 is unknown",
        "expected 3 arguments, got 2 (MyDataset2024TrainSplit)",
        "run 123e4567-e89b-12d3-a456-426614174000 of llama-3-1-8b-instruct-2024-07-18",
    ],
)
def test_ordinary_faults_are_told_whole(text: str) -> None:
    assert secrets.redact_all(text) == text


def test_a_message_of_megabytes_is_cut_and_says_so() -> None:
    for piece in ("a-", "a.b+", "x", "ab "):
        said = secrets.redact_all(piece * 500_000)
        assert len(said) < 21_000
        assert "characters left out" in said


def test_a_key_at_the_edge_of_a_long_message_does_not_show() -> None:
    key = "sk-" + "A1b2C3d4" * 12
    for before in (19_900, 19_950, 19_990, 19_999):
        said = secrets.redact_all("x " * (before // 2) + key + " y" * 5000)
        assert key[:12] not in said
