"""A run that was recorded is played back: the same playbook, the same books, and no call."""

from __future__ import annotations

from pathlib import Path

from tests.commands.said import Ace
from tests.models.server import ModelServer, status
from tests.models.taught import role_of, taught
from tests.served.running import GATE, after, asking, at_cases, digest, ledger

AGAIN = ("run", GATE, "--episodes", "20", "--eval", "10", "--model", "replay:calls.jsonl")
SAME = ("before", "after", "gain", "curve", "episodes", "attempted", "invalid", "reflections", "replies", "accepted", "refused")


def test_a_recorded_run_is_played_back_without_a_call(ace: Ace, server: ModelServer) -> None:
    first = ace(*asking(server, "--record", "calls.jsonl", "--json")).json
    sent = len(server.seen)
    for concurrency in ("1", "16"):
        again = ace(*AGAIN, "--concurrency", concurrency, "--json").json
        assert digest(again["playbook"]) == digest(first["playbook"])
        assert [again[key] for key in SAME] == [first[key] for key in SAME]
        assert ledger(again) == ledger(first)
    assert len(server.seen) == sent


def test_faults_are_played_back_with_what_came_of_them(ace: Ace) -> None:
    """Replies that could not be read, requests that were tried again, given up, or turned down."""
    with ModelServer(faults={"429": 0.1, "malformed": 0.1, "empty": 0.05}, writes=taught) as server:
        faulty = at_cases(server, train3=status(422, "too long"), train5=status(500, "boom", {"retry-after": "0"}))
        server.always = lambda body: faulty(body) if "test" not in str(body["messages"][1:]) else server.by_chance(body)
        first = ace(*asking(server, "--record", "calls.jsonl", "--json")).json
        sent = len(server.seen)
        again = ace(*AGAIN, "--json").json
        assert len(server.seen) == sent
    assert server.met
    assert first["invalid"] == 2
    assert digest(again["playbook"]) == digest(first["playbook"])
    # Whether the model was there at all is asked of a model alone.
    present = sum(role_of(body) is None for body in server.bodies)
    first["replies"]["clean"] -= present
    assert [again[key] for key in SAME] == [first[key] for key in SAME]
    assert ledger(again)[0] == ledger(first)[0] - present


def test_a_run_that_was_stopped_and_resumed_is_recorded_in_one_piece(ace: Ace, server: ModelServer) -> None:
    assert ace(*asking(server, "--record", "calls.jsonl", "--max-calls", "40")).status == 3
    first = ace("run", "resume", "--max-calls", "100000", "--record", "calls.jsonl", "--json").json
    again = ace(*AGAIN, "--json").json
    assert digest(again["playbook"]) == digest(first["playbook"])
    assert ledger(again) == ledger(first)


def test_a_run_whose_server_died_and_came_back_is_played_back_as_if_it_had_not(ace: Ace) -> None:
    with ModelServer(writes=taught) as server:
        server.always = after(25, server.dies, server.answers)
        assert ace(*asking(server, "--record", "calls.jsonl")).status == 1
    with ModelServer(port=server.port, writes=taught) as back:
        first = ace("run", "resume", "--record", "calls.jsonl", "--json").json
        assert back.seen
    again = ace(*AGAIN, "--json").json
    assert digest(again["playbook"]) == digest(first["playbook"])
    assert (again["after"], again["invalid"]) == (first["after"], 0)


def test_roles_with_models_of_their_own_are_recorded_to_one_file(ace: Ace, server: ModelServer) -> None:
    more = ("--curator-model", "openai/large", "--reflector-model", "openai/small", "--record", "calls.jsonl", "--json")
    first = ace(*asking(server, *more)).json
    assert {body["model"] for body in server.bodies} >= {"large", "small"}
    assert digest(ace(*AGAIN, "--json").json["playbook"]) == digest(first["playbook"])


def test_a_recording_of_another_run_names_the_first_request_that_differs(ace: Ace, server: ModelServer) -> None:
    ace(*asking(server, "--record", "calls.jsonl", "--learn-only"))
    for more, why in (
        (("--seed", "7", "--learn-only"), "another seed"),
        (("--temperature", "0.5", "--learn-only"), "another seed, sampling or shape"),
        ((), "its last message says "),
    ):
        other = ace(*AGAIN, *more)
        *_, line = other.err.splitlines()
        assert (other.status, other.out) == (2, "")
        assert "replay:calls.jsonl has no reply to a request of the generator" in line
        assert why in line
        assert line.endswith("record this run anew")


def test_nothing_is_recorded_of_a_run_that_never_got_an_answer(ace: Ace, server: ModelServer) -> None:
    server.always = status(401, "no")
    assert ace(*asking(server, "--record", "calls.jsonl")).status == 2
    assert not Path("calls.jsonl").exists()
    assert ace(*asking(server, "--record", "no/folder")).status == 2
    Path("calls.jsonl").write_text("mine\n")
    assert "is not a recording made by ace" in ace(*asking(server, "--record", "calls.jsonl")).err
    assert Path("calls.jsonl").read_text() == "mine\n"
