"""Runs whose agent answers by the likelihood of what is listed: stored, stopped, recorded and refused like any other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ace.memory.store import Store
from tests.command import WORLDS
from tests.commands.said import Ace
from tests.models.likely import LikelyServer, as_the_novice
from tests.models.server import Body, ModelServer, refusing, says, valid
from tests.models.taught import taught
from tests.served.running import asking, digest, episodes, ledger, stored

LIKELY = ("--answering", "likelihood")


def writes(body: Body) -> str:
    """What the novice does; whether it keeps to a shape is asked with another one."""
    return valid(body) if "Colour" in str(body.get("response_format")) else taught(body)


@pytest.fixture
def likely() -> Iterator[LikelyServer]:
    with LikelyServer("llama.cpp", as_the_novice, writes=writes) as running:
        yield running


def test_a_run_learns_with_it_and_its_books_are_the_servers(ace: Ace, likely: LikelyServer) -> None:
    result = ace(*asking(likely, *LIKELY, "--episodes", "40", "--json")).json
    assert result["after"]["success"] > result["before"]["success"] + 0.3
    asked = sum("messages" in body for body in likely.bodies)
    assert ledger(result)[0] == stored()[0] == asked
    [step, *_] = [s for e in episodes("after") for s in e.steps]
    assert [s.option for s in step.scores] == ["read the badge", "open", "close", "ring"]
    assert step.action == max(step.scores, key=lambda s: s.logprob or -99).option
    assert step.thought == ""


def test_an_attempt_shows_its_scores(ace: Ace, likely: LikelyServer) -> None:
    ace(*asking(likely, *LIKELY))
    [e, *_] = episodes("after")
    assert "by likelihood: read the badge 78 %," in ace("episode", "show", e.id).out
    trace = ace("episode", "show", e.id, "--json").json["trace"]
    assert trace[0]["scores"][0]["option"] == "read the badge"
    assert trace[0]["scores"][0]["tokens"] == 1
    [request, *_] = ace("episode", "show", e.id, "--prompts", "--json").json["requests"]
    assert request["exact"] is True


def test_a_stopped_run_goes_on_and_pays_for_nothing_twice(ace: Ace, likely: LikelyServer) -> None:
    whole = ace(*asking(likely, *LIKELY, "--json", model="likely")).json
    asked = len(likely.scored())
    assert ace(*asking(likely, *LIKELY, "--max-calls", "60", model="likely")).status == 3
    again = ace("run", "resume", "--max-calls", "100000", "--json").json
    assert digest(again["playbook"]) == digest(whole["playbook"])
    assert again["after"] == whole["after"]
    assert len(likely.scored()) == 2 * asked


def test_a_recording_plays_it_back(ace: Ace, likely: LikelyServer) -> None:
    first = ace(*asking(likely, *LIKELY, "--record", "calls.jsonl", "--json")).json
    sent = len(likely.seen)
    again = ace(*asking(likely, *LIKELY, "--json", model="x")[:6], *LIKELY, "--model", "replay:calls.jsonl", "--json").json
    assert digest(again["playbook"]) == digest(first["playbook"])
    assert ledger(again) == ledger(first)
    assert len(likely.seen) == sent


def test_two_arms_are_compared_with_it(ace: Ace, likely: LikelyServer) -> None:
    _, env, *rest = asking(likely, *LIKELY, "--json")
    said = ace("compare", env, "--arms", "empty,ace", "--seeds", "2", *rest)
    assert said.status == 0, said.err
    with Store.open("ace.db") as store:
        runs = store.runs()
        asked = sum("messages" in body for body in likely.bodies)
        assert sum(store.usage(run.id).calls for run in runs) == asked
        assert all(s.scores for run in runs for e in store.episodes(run=run.id, limit=None) for s in e.steps)


def test_by_token_and_calibrated_ask_for_more(ace: Ace, likely: LikelyServer) -> None:
    sent = []
    for more in ((), ("--answering-calibrated",), ("--answering-per-token",)):
        before = len(likely.scored())
        assert ace(*asking(likely, *LIKELY, *more, "--learn-only", "--episodes", "4", "--retries", "0")).status == 0
        sent.append(len(likely.scored()) - before)
        [e, *_] = episodes("learn")
        assert all((s.empty is not None) == (more == ("--answering-calibrated",)) for s in e.steps[0].scores)
    assert sent[0] < sent[1] < sent[2]


def test_auto_keeps_json_where_the_model_does(ace: Ace, likely: LikelyServer) -> None:
    said = ace(*asking(likely, "--answering", "auto"))
    assert (said.status, "answering: json (openai/" in said.err) == (0, True), said.err
    assert not likely.scored()
    assert not any(s.scores for e in episodes() for s in e.steps)
    assert "answering: auto: json (" in ace("run", "show", ace("run", "list", "--json").json[0]["run"]).out


def test_auto_scores_where_the_model_does_not_keep_to_json(ace: Ace) -> None:
    with LikelyServer("llama.cpp", as_the_novice, writes=lambda body: "The answer is yellow, I think.") as server:
        said = ace(*asking(server, "--answering", "auto", "--strategy", "frozen", "--episodes", "1"))
        assert "answering: likelihood (openai/" in said.err
        assert all(s.scores for e in episodes() for s in e.steps)
        assert stored()[0] == sum("messages" in b for b in server.bodies)


def test_auto_says_why_it_falls_back(ace: Ace) -> None:
    with LikelyServer("none", as_the_novice, writes=lambda body: "The answer is yellow, I think.") as server:
        said = ace(*asking(server, "--answering", "auto", "--strategy", "frozen", "--episodes", "1", "--eval", "2"))
    assert "answering: json (" in said.err
    assert "none of the listed options" in said.err or "gives no log-probabilities" in said.err


REFUSED = {
    "no log-probabilities": ("none", "begins a reply with none of the listed options"),
    "first tokens alone, by token": ("plain", "which --answering-per-token needs"),
}


@pytest.mark.parametrize(("kind", "why"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("command", ["run", "compare"])
def test_what_cannot_be_scored_is_refused_before_anything_is_stored(ace: Ace, kind: str, why: str, command: str) -> None:
    with LikelyServer(kind, as_the_novice, writes=writes) as server:
        more = ("--answering-per-token",) if kind == "plain" else ()
        arms = ("--arms", "empty,ace") if command == "compare" else ()
        _, *rest = asking(server, *LIKELY, *more)
        said = ace(command, *rest, *arms)
    [line] = said.err.splitlines()
    assert (said.status, why in line) == (2, True), line
    assert ace("run", "list").out.strip() in ("No such runs.", "") or "no store" in ace("run", "list").err


def test_where_nothing_is_listed_it_is_refused(ace: Ace, likely: LikelyServer) -> None:
    rest = asking(likely, *LIKELY)[2:]
    said = ace("run", f"{WORLDS}:FreeGate", *rest)
    [line] = said.err.splitlines()
    assert (said.status, "lists neither actions nor answers" in line, likely.seen) == (2, True, [])
    rest = asking(likely, "--answering", "auto", "--strategy", "frozen", "--episodes", "1", "--eval", "1")[2:]
    assert "answering: json (environment" in ace("run", f"{WORLDS}:FreeGate", *rest).err


@pytest.mark.parametrize("model", ["novice", "manual:answers"])
def test_models_that_have_no_likelihoods_are_refused(ace: Ace, model: str) -> None:
    said = ace("run", "desk", "--model", model, *LIKELY)
    [line] = said.err.splitlines()
    assert (said.status, f"{model} gives no log-probabilities" in line) == (2, True)


MISTAKES = {
    "unknown": ("--answering", "logits"),
    "by token as JSON": ("--answering-per-token",),
    "calibrated as JSON": ("--answering", "json", "--answering-calibrated"),
}


@pytest.mark.parametrize("given", MISTAKES.values(), ids=MISTAKES)
def test_other_mistakes_are_a_line(ace: Ace, given: tuple[str, ...]) -> None:
    said = ace("run", "desk", *given)
    assert (said.status, said.out) == (2, "")
    assert "answering" in said.err


def test_a_server_that_refuses_the_question_is_told_with_its_words(ace: Ace) -> None:
    with ModelServer(always=says("ready")) as server:
        server.always = refusing("json_schema")
        said = ace(*asking(server, *LIKELY))
    assert said.status == 2
    assert len(said.err.splitlines()) == 1
