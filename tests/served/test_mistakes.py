"""What is wrong with a model, its key, its address: one line, status 2, one request at most, and nothing left behind."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from ace.installing import pip_install
from tests.commands.said import Ace
from tests.models.server import Behaviour, ModelServer, status
from tests.models.taught import role_of
from tests.served.running import GATE, asking, books, ledger, stored

SHORT = ("run", GATE, "--episodes", "20", "--eval", "10")
SEEN_AT_ONCE = {
    "name": (("--model", "novise"), "did you mean 'novice'?"),
    "provider": (("--model", "antropic/claude"), "did you mean 'anthropic'?"),
    "key": (("--model", "openai/gpt-5-mini"), "set OPENAI_API_KEY in the environment"),
    "provider's key": (("--model", "mistral/large"), "set MISTRAL_API_KEY in the environment"),
    "reflector": (("--reflector-model", "openai/gpt-5-mini"), "set OPENAI_API_KEY"),
    "curator": (("--model", "novice", "--curator-model", "groq/llama"), "set GROQ_API_KEY"),
    "no address": (("--model", "openai/x", "--api-base", "127.0.0.1:80"), "write http://HOST:PORT/v1"),
    "no scheme": (("--model", "openai/x", "--api-base", "localhost"), "write http://HOST:PORT/v1"),
    "nobody there": (
        ("--model", "openai/x", "--api-base", "http://127.0.0.1:9/v1"),
        "nothing answers at http://127.0.0.1:9/v1",
    ),
    "folder": (("--model", "manual:notes.txt"), "the folder notes.txt cannot be written"),
    "folder in a file": (("--model", "manual:notes.txt/inbox"), "the folder notes.txt/inbox cannot be written"),
    "recording": (("--model", "replay:notes.txt"), "is not a recording made by ace"),
    "no recording": (("--model", "replay:absent"), "absent does not exist"),
    "dollars": (("--max-usd", "-1"), "--max-usd is -1; it must be more than 0"),
    "unpriced": (("--max-usd", "1", "--model", "x", "--api-base", "http://127.0.0.1:9"), "the price of x is unknown"),
    "calls": (("--max-calls", "-5"), "--max-calls is -5;"),
    "tokens": (("--max-tokens-total", "0"), "--max-tokens-total is 0;"),
    "seconds": (("--max-seconds", "-0.5"), "--max-seconds is -0.5;"),
    "parameter": (("--model-set", "api_key=q7Zp0-Rb49xL"), "keys come from the environment"),
}


@pytest.mark.parametrize(("arguments", "says"), SEEN_AT_ONCE.values(), ids=SEEN_AT_ONCE)
def test_what_can_be_seen_at_once_is_one_line_and_leaves_nothing_behind(
    ace: Ace, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], says: str
) -> None:
    for name in ("MISTRAL_API_KEY", "GROQ_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    Path("notes.txt").write_text("mine\n")
    said = ace(*SHORT, *arguments, "--record", "calls.jsonl", "--store", "new.db")
    [line] = said.err.splitlines()
    assert (said.status, said.out) == (2, "")
    assert line.startswith("ace: ")
    assert says in line
    assert [p.name for p in Path().iterdir()] == ["notes.txt"]


FOUND_BY_ASKING: dict[str, tuple[Behaviour, str]] = {
    "key": (status(401, "Incorrect API key"), "(401: Incorrect API key); set OPENAI_API_KEY to a key that is valid there"),
    "right": (status(403, "not yours"), "this key may not use openai/"),
    "model": (status(404, "no such model"), "there is no model "),
    "money": (status(429, "no", code="insufficient_quota"), "add credit with the provider"),
}


@pytest.mark.parametrize(("behaviour", "says"), FOUND_BY_ASKING.values(), ids=FOUND_BY_ASKING)
def test_what_the_server_finds_ends_the_run_at_its_first_request(
    ace: Ace, server: ModelServer, behaviour: Behaviour, says: str
) -> None:
    """With sixteen requests at the same time, as always."""
    server.always = behaviour
    said = ace(*asking(server))
    *_, line = said.err.splitlines()
    assert (said.status, said.out) == (2, "")
    assert says in line
    assert "resume" not in said.err
    assert len(server.seen) == 1
    assert (
        ledger(ace("run", "show", ace("run", "list", "--json").json[0]["run"], "--json").json) == books(server) == (1, 0, 0, 0)
    )


def test_a_key_that_is_revoked_while_a_run_works_stops_it_and_a_new_one_goes_on(ace: Ace, server: ModelServer) -> None:
    revoked = status(401, "revoked")
    server.always = lambda body: revoked(body) if role_of(body) == "curator" else server.answers(body)
    stopped = ace(*asking(server))
    assert stopped.status == 2
    assert "revoked" in stopped.err.splitlines()[-1]
    assert "ace run resume" in stopped.err
    server.always = None
    result = ace("run", "resume", "--json").json
    assert (result["status"], result["invalid"], result["after"]["n"]) == ("done", 0, 10)
    assert ledger(result) == books(server)


def test_an_account_that_runs_dry_within_the_first_batch_says_how_to_go_on(ace: Ace, server: ModelServer) -> None:
    dry = status(400, "Your credit balance is too low")
    server.always = lambda body: dry(body) if len(server.seen) > 3 else server.answers(body)
    stopped = ace(*asking(server))
    assert stopped.status == 2
    assert "add credit with the provider" in stopped.err.splitlines()[-1]
    assert "what is done is kept; go on with: ace run resume" in stopped.err
    server.always = None
    assert ace("run", "resume", "--json").json["status"] == "done"


def test_another_model_for_one_role_that_is_refused_stops_the_run(ace: Ace, server: ModelServer) -> None:
    stopped = ace(*asking(server, "--curator-model", "openai/missing"))
    assert stopped.status == 2
    assert "there is no model 'missing'" in stopped.err.splitlines()[-1]
    assert sum(body["model"] == "missing" for body in server.bodies) == 1


def test_a_client_that_cannot_be_made_without_a_key_is_not_tried_again(ace: Ace, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    said = ace(*SHORT, "--model", "azure/x")
    assert said.status == 2
    assert "azure/x does not take the key" in said.err.splitlines()[-1]
    assert "tries" not in said.err
    assert stored() == (0, 0, 0, 0)


@pytest.mark.skipif(find_spec("google") is not None, reason="a package of Google's is installed")
def test_a_providers_package_that_is_missing_is_named_with_how_to_install_it(ace: Ace) -> None:
    said = ace(*SHORT, "--model", "vertex_ai/gemini-2.0-flash")
    assert said.status == 2
    told = f"needs the package google-auth, which is not installed: {pip_install('google-auth')}"
    assert said.err.splitlines()[-1].endswith(told)
    assert stored() == (0, 0, 0, 0)
