"""Which model a name opens, and what is refused before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from ace.errors import AceError, BadInput, BadSetting, ModelError, ModelRefused, UnknownName
from ace.models.clients.language import LanguageModel
from ace.models.clients.litellm_client import LiteLLMClient
from ace.models.clients.manual import Manual
from ace.models.clients.openai_client import OpenAIClient
from ace.models.clients.own import Own
from ace.models.novice import Novice
from ace.models.reached import ModelSettings
from ace.models.registry import open_model
from ace.types import Usage
from tests.models.asking import Word, request
from tests.models.server import ModelServer

HERE = ModelSettings(api_base="http://127.0.0.1:9/v1")


@pytest.mark.parametrize(
    ("spec", "settings", "sent", "address"),
    [
        ("openai/qwen", HERE, "qwen", "http://127.0.0.1:9/v1"),
        ("hosted_vllm/org/qwen", HERE, "org/qwen", "http://127.0.0.1:9/v1"),
        ("llama3:8b", HERE, "llama3:8b", "http://127.0.0.1:9/v1"),
        ("org/qwen", HERE, "org/qwen", "http://127.0.0.1:9/v1"),
        ("x", ModelSettings(api_base="http://h:1/v1/chat/completions/ "), "x", "http://h:1/v1"),
    ],
)
def test_a_server_of_ones_own_is_reached_by_the_openai_client_without_a_key(
    spec: str, settings: ModelSettings, sent: str, address: str
) -> None:
    model = open_model(spec, settings)
    assert isinstance(model, LanguageModel)
    assert isinstance(model.client, OpenAIClient)
    assert (model.name, model.client.sent, model.client.address) == (spec, sent, address)


def test_openai_needs_its_key_and_may_be_moved_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadSetting, match=r"set OPENAI_API_KEY.*api_base="):
        open_model("openai/gpt-5-mini")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    moved = open_model("openai/gpt-5-mini")
    assert isinstance(moved, LanguageModel)
    assert moved.client.place.address == "http://127.0.0.1:9/v1"
    monkeypatch.delenv("OPENAI_BASE_URL")
    monkeypatch.setenv("OPENAI_API_KEY", "some-key-or-other")
    home = open_model("openai/gpt-5-mini")
    assert isinstance(home, LanguageModel)
    assert home.client.place.address == "https://api.openai.com/v1"
    assert "some-key" not in repr(home.client)
    monkeypatch.setenv("OPENAI_API_KEY", "two\nlines")
    with pytest.raises(BadSetting, match="OPENAI_API_KEY is not a usable key") as caught:
        open_model("openai/gpt-5-mini")
    assert "two" not in str(caught.value)


def test_other_providers_go_through_litellm_and_name_the_variable_of_their_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, variable in (("anthropic/claude-sonnet-4-5", "ANTHROPIC_API_KEY"), ("groq/llama-3.3-70b", "GROQ_API_KEY")):
        with pytest.raises(BadSetting, match=f"set {variable} in the environment"):
            open_model(name)
        monkeypatch.setenv(variable, "some-key-or-other")
        opened = open_model(name)
        assert isinstance(opened, LanguageModel)
        assert isinstance(opened.client, LiteLLMClient)
        assert "some-key" not in repr(opened.client)


@pytest.mark.parametrize(
    ("spec", "error", "says"),
    [
        ("novise", UnknownName, "did you mean 'novice'?"),
        ("gpt-5-mini", UnknownName, "write openai/gpt-5-mini"),
        ("antropic/claude", UnknownName, "did you mean 'anthropic'?"),
        ("nobody/x", UnknownName, "write provider/model"),
        ("", BadSetting, "no model is named"),
        ("openai/", BadSetting, "openai/NAME"),
        ("/x", BadSetting, "provider/model"),
        ("manual:", BadSetting, "manual:DIR"),
        ("replay:", BadSetting, "replay:FILE"),
        ("replay:absent.jsonl", BadInput, "absent.jsonl does not exist"),
        ("absent.py:Mine", BadInput, "absent.py does not exist"),
        ("absent_module:Mine", BadInput, "absent_module"),
    ],
)
def test_a_name_that_opens_nothing_is_refused_in_one_line(spec: str, error: type[AceError], says: str) -> None:
    with pytest.raises(error) as caught:
        open_model(spec)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_status == 2


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://h/v1", "http://", "http://h:0", "http://h:x/v1", "http://a b/v1"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(BadSetting, match="http://HOST:PORT/v1"):
        open_model("openai/x", ModelSettings(api_base=address))


def test_an_address_with_a_password_in_it_is_refused_without_repeating_it() -> None:
    with pytest.raises(BadSetting) as caught:
        open_model("openai/x", ModelSettings(api_base="http://me:hunter22@h/v1"))
    assert "hunter22" not in str(caught.value)


def test_what_is_local_is_opened_at_once(tmp_path: Path) -> None:
    assert isinstance(open_model("novice"), Novice)
    assert isinstance(open_model(f"manual:{tmp_path}", ModelSettings(deadline=5.0)), Manual)


OWN = """
from ace.models.contract import Reply
from ace.types import Usage

class Mine:
    name = "mine"
    async def complete(self, request):
        return Reply('{"word": "mine", "count": 1}', usage=Usage(2, 10, 0, 1, 0.5))

async def function(request):
    return '{"word": "function", "count": 1}'

async def silent(request):
    return Reply("free text")

async def crashing(request):
    raise ValueError("the key sk-abcdefgh12345678 is wrong")

async def odd(request):
    return 7

def factory():
    return Mine()

def broken():
    raise RuntimeError("no weights")

nothing = 3
instance = Mine()
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "own_models.py").write_text(OWN, encoding="utf-8")
    points = tmp_path / "own-1.0.dist-info"
    points.mkdir()
    (points / "METADATA").write_text("Metadata-Version: 2.1\nName: own\nVersion: 1.0\n", encoding="utf-8")
    (points / "entry_points.txt").write_text("[ace.models]\nhousemade = own_models:Mine\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return str(tmp_path / "own_models.py")


@pytest.mark.parametrize("attribute", ["Mine", "factory", "instance"])
async def test_a_class_a_factory_and_an_object_of_ones_own_are_models(own: str, attribute: str) -> None:
    for spec in (f"{own}:{attribute}", f"own_models:{attribute}", "housemade"):
        model = open_model(spec)
        reply = await model.complete(request(Word))
        assert reply.parsed == Word(word="mine", count=1)
        assert reply.usage == Usage(2, 10, 0, 1, 0.5)
        assert model.name == spec
        await model.close()


async def test_a_function_of_ones_own_is_a_model_whose_calls_count_at_an_unknown_price(own: str) -> None:
    reply = await open_model(f"{own}:function").complete(request(Word))
    assert reply.parsed == Word(word="function", count=1)
    silent = await open_model(f"{own}:silent").complete(request())
    assert silent.text == "free text"
    for usage in (reply.usage, silent.usage):
        assert (usage.calls, usage.cost_usd) == (1, None)


def test_an_installed_model_is_among_the_valid_names(own: str) -> None:
    with pytest.raises(UnknownName, match=r"did you mean 'housemade'.*valid: housemade, novice"):
        open_model("housemad")


async def test_what_ones_own_model_raises_or_gives_is_told_in_a_line_without_keys(own: str) -> None:
    with pytest.raises(ModelError, match="crashing raised ValueError: the key") as caught:
        await open_model(f"{own}:crashing").complete(request(Word))
    assert "abcdefgh" not in str(caught.value)
    assert isinstance(open_model(f"{own}:odd"), Own)
    with pytest.raises(ModelRefused, match="gave int"):
        await open_model(f"{own}:odd").complete(request(Word))
    with pytest.raises(BadInput, match="no weights"):
        open_model(f"{own}:broken")
    with pytest.raises(BadInput, match="is not a model"):
        open_model(f"{own}:nothing")


async def test_opening_a_model_sends_nothing(server: ModelServer) -> None:
    await open_model("openai/x", ModelSettings(api_base=server.url)).close()
    assert not server.seen
