"""A key among settings is refused before anything is stored; what a user's own code raises is stored and printed without it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import ace as library
from ace.errors import AceError
from tests.commands.said import Ace
from tests.memory.acts import holding
from tests.models.server import ModelServer
from tests.served.running import asking
from tests.worlds import Gate

KEY = "q7Zp0-Rb49xLmV2sWc81"
PLAIN = "hunter22"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch, ace: Ace) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-A1b2C3d4E5f6G7h8")


def nowhere(*said: str) -> None:
    for part in (KEY, KEY[:9], PLAIN):
        assert not any(part in text for text in said)
        assert [name for name in holding(Path(), part) if not name.endswith(".py")] == []


REFUSED = {
    "a header": ("--model-set", f'extra_headers={{"Ocp-Apim-Subscription-Key": "{KEY}"}}'),
    "a part of the address": ("--model-set", f'extra_query={{"code": "{PLAIN}"}}'),
    "deep in the body": ("--model-set", f'extra_body={{"a": [{{"b": ["{KEY}"]}}]}}'),
    "a header that is written out": ("--model-set", f"extra_headers=X-Gateway: {PLAIN}"),
    "headers in a list": ("--model-set", f'extra_headers=["X-Gateway: {PLAIN}"]'),
    "pairs of an address": ("--model-set", f'extra_query=[["code", "{PLAIN}"]]'),
    "a cookie": ("--model-set", f'extra_body={{"cookies": {{"a": "{PLAIN}"}}}}'),
    "a parameter of an address among the parameters": ("--model-set", f"api_base=http://127.0.0.1:9/v1?sig={PLAIN}"),
    "a name": ("--model-set", f'extra_body={{"{KEY}": 1}}'),
    "a setting's name": ("--set", f"{KEY}=1"),
    "a parameter of the address": ("--api-base", f"http://127.0.0.1:9/v1?key={PLAIN}"),
    "a parameter without a name": ("--api-base", f"http://127.0.0.1:9/v1?{PLAIN}"),
    "a password in the address": ("--api-base", f"http://me:{PLAIN}@127.0.0.1:9/v1"),
    "a broken address with a password": ("--api-base", f"http://me:{PLAIN}/x@127.0.0.1:9/v1"),
    "an address without a scheme": ("--api-base", f"me:{PLAIN}@127.0.0.1/v1"),
    "an address with a bad port": ("--api-base", f"http://127.0.0.1:{PLAIN}/v1"),
    "a step of the address": ("--api-base", f"http://127.0.0.1:9/v1/{KEY}"),
    "a setting by its name": ("--set", f"token={PLAIN}"),
    "a setting by another name": ("--set", f"shopApiKey={PLAIN}"),
    "a setting by its value": ("--set", f"where={KEY}"),
    "a password in a setting": ("--set", f"url=postgresql://me:{PLAIN}@db/shop"),
    "a strategy's setting": ("--strategy-set", f"secret={PLAIN}"),
    "a model's name": ("--curator-model", f"sk-{KEY}"),
    "a playbook's name": ("--playbook", f"sk-{KEY}"),
}


@pytest.mark.parametrize("options", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("model", ["openai/m", "novice"])
def test_a_key_in_a_setting_is_refused_in_one_line_and_stored_nowhere(ace: Ace, options: tuple[str, str], model: str) -> None:
    said = ace("run", "desk", "--model", model, *options)
    assert (said.status, said.out, len(said.err.splitlines())) == (2, "", 1), said.err
    nowhere(said.err)
    assert not Path("ace.db").exists()


def test_a_key_that_is_named_reaches_the_server_and_nothing_else(
    ace: Ace, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_KEY", KEY)
    monkeypatch.setenv("SAS_SECRET", PLAIN)
    header, query = '{"X-Gateway": "env:GATEWAY_KEY", "X-Title": "me"}', '{"sig": "env:SAS_SECRET"}'
    more = ("--model-set", f"extra_headers={header}", "--model-set", f"extra_query={query}", "--record", "calls.jsonl")
    done = ace(*asking(server, *more))
    assert done.status == 0, done.err
    assert {s.headers["x-gateway"] for s in server.seen} == {KEY}
    assert "extra_headers" not in json.dumps([s.body for s in server.seen])
    run = ace("run", "list", "--json").json[0]["run"]
    page = ace("run", "show", run).out
    assert "env:GATEWAY_KEY" in page
    nowhere(done.out, done.err, page, ace("run", "show", run, "--json").out)
    monkeypatch.delenv("GATEWAY_KEY")
    missing = ace(*asking(server, *more))
    assert (missing.status, "put the key into the environment variable GATEWAY_KEY" in missing.err) == (2, True)


def test_a_key_in_a_file_of_instructions_is_refused_and_one_in_a_file_of_settings_is_not_shown(ace: Ace) -> None:
    Path("rows.jsonl").write_text('{"prompt": "a", "answer": "b"}')
    Path("system.txt").write_text(f"Send Authorization: {KEY}")
    said = ace(
        "run", "dataset", "--set", "eval=rows.jsonl", "--set", "train=rows.jsonl", "--set", "system=@system.txt", "--eval", "1"
    )
    assert (said.status, len(said.err.splitlines())) == (2, 1), said.err
    Path("keys.toml").write_text(f'[run]\nmodel = "openai/m"\napi-base = "http://me:{PLAIN}@h/v1"\n')
    shown = ace("config", "show", "run", "--config", "keys.toml")
    assert "api-base" in shown.out
    assert not any(part in text for part in (KEY, PLAIN) for text in (said.err, shown.out, ace("config", "show", "--json").out))
    assert not Path("ace.db").exists()


SHOP = """
from tests.worlds import Gate
import ace

class Shop(Gate):
    name = "shop"
    instant = False

    def __init__(self, *, token: str = "{plain}"):
        self.token = token

    def open(self, task, seed):
        if task.id.endswith(("2", "4")):
            raise RuntimeError(f"401 for https://me:{{self.token}}@host/v1?code={{self.token}}, token={{self.token}}, or {key}")
        return super().open(task, seed)

class Closed(Shop):
    def __init__(self):
        raise RuntimeError("cannot log in with password={plain}")

def scorer(reply, answer):
    raise ValueError("bad key {key}")

async def model(request):
    raise ValueError("bad key {key} or password: {plain}")
"""


@pytest.fixture
def shop() -> None:
    Path("shop.py").write_text(SHOP.format(plain=PLAIN, key=KEY))
    for split in ("train", "eval"):
        Path(f"{split}.jsonl").write_text(json.dumps({"prompt": f"{split}?", "answer": "1"}))


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "command",
    [
        ("run", "shop.py:Shop", "--episodes", "10", "--eval", "10"),
        ("run", "shop.py:Closed"),
        ("run", "dataset", "--set", "train=train.jsonl", "--set", "eval=eval.jsonl", "--set", "scorer=shop.py:scorer"),
        ("run", "desk", "--model", "shop.py:model", "--episodes", "4", "--eval", "4"),
        ("env", "check", "shop.py:Shop"),
        ("env", "show", "shop.py:Closed"),
        ("model", "check", "shop.py:model"),
    ],
    ids=lambda c: " ".join(c[:3]),
)
def test_what_a_users_code_raises_is_stored_and_printed_without_its_keys(ace: Ace, command: tuple[str, ...]) -> None:
    said = ace(*command)
    assert "(key)" in said.out + said.err or command[1] == "shop.py:Shop"
    nowhere(said.out, said.err)
    shown = [ace("episode", "list", "--json").out, ace("run", "list", "--json").out] if Path("ace.db").exists() else []
    if command[:2] == ("run", "shop.py:Shop"):
        assert any("(key)" in text for text in shown)
    nowhere(*shown)


@pytest.mark.usefixtures("shop")
def test_a_setting_of_an_environment_can_name_a_variable(ace: Ace, monkeypatch: pytest.MonkeyPatch) -> None:
    short = ("run", "shop.py:Shop", "--episodes", "3", "--eval", "3", "--set", "token=env:SHOP_TOKEN")
    assert "SHOP_TOKEN" in ace(*short).err
    monkeypatch.setenv("SHOP_TOKEN", "a-word-in-the-shop")
    done = ace(*short)
    assert done.status == 0, done.err
    [run] = ace("run", "list", "--json").json
    assert run["config"]["settings"] == {"token": "env:SHOP_TOKEN"}
    assert list(holding(Path(), "a-word-in-the-shop")) == []


def test_the_library_refuses_them_too_and_stores_nothing(tmp_path: Path) -> None:
    for arguments in (
        {"sampling": {"extra": {"extra_headers": {"X-Any": PLAIN}}}},
        {"api_base": f"http://h/v1?key={PLAIN}"},
        {"strategy_settings": {"secret": PLAIN}},
    ):
        with pytest.raises(AceError) as caught:
            library.Learner(Gate(), model="openai/m", store=tmp_path / "ace.db", **arguments).run(2, 2)
        assert PLAIN not in str(caught.value)
    playbook = library.open("support", store=tmp_path / "ace.db")
    try:
        with playbook.episode(task="Open the door."):
            raise RuntimeError(f"the lock says token={PLAIN}")
    except RuntimeError:
        pass
    with playbook.episode(task="Open the door.") as episode:
        episode.finish(success=False, transcript="no")
    with pytest.raises(AceError):
        playbook.learn(model="novice", extra={"extra_headers": {"X-Any": PLAIN}})
    playbook.close()
    assert list(holding(tmp_path, PLAIN)) == []
