"""Whatever a server does, a run on it ends, learns from nothing that failed, and keeps the same books as the server."""

from __future__ import annotations

import pytest
from aiohttp.web import StreamResponse

import ace as library
from ace.errors import ModelError
from ace.memory.store import Store
from ace.models.clients.language import LanguageModel
from ace.models.clients.openai_client import OpenAIClient
from ace.models.contract import Reply, Request
from ace.types import Verdict
from tests.commands.said import Ace
from tests.doing import do
from tests.models.server import Behaviour, Body, ModelServer, hang, status
from tests.models.taught import role_of, taught
from tests.served.running import asking, at_cases, books, case_of, digest, episodes, ledger, stored
from tests.worlds import Gate

FAULTS = {"429": 0.1, "500": 0.05, "truncated": 0.05, "malformed": 0.1, "empty": 0.05}


def test_a_run_on_a_server_with_every_fault_ends_and_its_books_are_the_servers(ace: Ace) -> None:
    with ModelServer(faults=FAULTS, writes=taught) as server:
        # A request left hanging takes seconds, so there is one, and it does not depend on a draw over what prompts say.
        server.then(hang)
        result = ace(*asking(server, "--episodes", "40", "--eval", "20", "--timeout", "5", "--json")).json
    assert (set(server.met), len(server.script)) == (set(FAULTS), 0)
    # A second layer that retried would send more than is counted.
    assert ledger(result) == books(server) == stored()
    assert sum(result["replies"].values()) == server.counts.calls
    assert (result["replies"]["empty"], result["replies"]["truncated"]) == (server.met["empty"], server.met["truncated"])
    assert (result["status"], result["episodes"], result["after"]["n"], result["invalid"]) == ("done", 40, 20, 0)
    # The faults are the same every time, so this is no matter of chance; a fifth of the replies cannot be read.
    assert result["after"]["success"] > result["before"]["success"]


def test_what_could_not_be_played_is_invalid_and_nothing_is_learned_from_it(ace: Ace, server: ModelServer) -> None:
    busy, too_long = status(503, "busy", {"retry-after": "0"}), status(422, "too long")
    server.always = at_cases(server, train3=too_long, train5=busy, test4=too_long)
    result = ace(*asking(server, "--json")).json
    invalid = {e.task.id: e for e in episodes() if not e.outcome.valid}
    assert [e.outcome.reason.partition(":")[0] for e in map(invalid.get, ("train-3", "train-5")) if e] == [
        "the model turned this request down",
        "the model could not answer",
    ]
    assert (set(invalid), result["invalid"]) == ({"train-3", "train-5", "test-4"}, 4)
    assert (result["before"]["n"], result["before"]["invalid"], result["reflections"]) == (9, 1, 18)
    with Store.open("ace.db") as store:
        assert all(store.reflections(e.id) == [] for e in invalid.values())
        log = store.log(result["playbook"])
    learned_from = {id for delta in log for o in delta.operations for id in o.episodes}
    assert learned_from
    assert not learned_from & {e.id for e in invalid.values()}
    assert ledger(result) == books(server) == stored()
    # Whether the server was there at all was asked once, of the case that was given up last.
    assert sum(role_of(body) is None for body in server.bodies) == 1


def test_a_reply_that_cannot_be_read_twice_is_the_agents_failure(ace: Ace, server: ModelServer) -> None:
    async def unreadable(body: Body) -> StreamResponse:
        return await server.says(body, "I would open it.")

    server.always = at_cases(server, train3=unreadable)
    result = ace(*asking(server, "--learn-only", "--json")).json
    [episode] = [e for e in episodes() if e.task.id == "train-3"]
    assert episode.outcome.verdict is Verdict.FAILURE
    assert sum(case_of(body) == "train3" for body in server.bodies) == 2
    assert (result["invalid"], result["reflections"]) == (0, 20)
    assert ledger(result) == books(server)


def test_an_online_run_goes_on_after_a_case_that_is_turned_down(ace: Ace, server: ModelServer) -> None:
    server.always = at_cases(server, train3=status(413, "too long"), train4=status(500, "boom", {"retry-after": "0"}))
    result = ace(*asking(server, "--batch", "1", "--learn-only", "--json")).json
    assert (result["status"], result["invalid"], result["reflections"]) == ("done", 2, 18)
    assert ledger(result) == books(server)


def at(role: str, number: int, server: ModelServer, fault: Behaviour) -> Behaviour:
    """`fault` for the request of that `number` of a role, counted from 1, and for all that come after it."""
    met = 0

    async def behave(body: Body) -> StreamResponse:
        nonlocal met
        met += role_of(body) == role
        return await (fault if met >= number else server.answers)(body)

    return behave


DEATHS = {
    "measuring before": ("generator", 6),
    "measuring the last of them": ("generator", 13),
    "learning": ("generator", 24),
    "reflecting": ("reflector", 4),
    "curating": ("curator", 1),
    "the last curation": ("curator", 2),
    "measuring after": ("generator", -3),
    "the last of all": ("generator", -1),
}
"""The request at which the server dies: the role that asks, and its number from 1, or from the end if it is negative."""


@pytest.fixture(scope="module")
def unbroken() -> tuple[str, int]:
    """What the playbook says after the same run on a server that lives, and how often the generator asked."""
    with ModelServer(writes=taught) as server, Store.open(":memory:") as store:
        model = LanguageModel("openai/unbroken", OpenAIClient("openai/unbroken", "unbroken", server.url))
        done = do(store, Gate(), model, episodes=20, eval=10)
        asked = sum(role_of(body) == "generator" for body in server.bodies)
        return store.head(str(done.run.result["playbook"])).digest, asked


@pytest.mark.parametrize(("role", "number"), DEATHS.values(), ids=DEATHS)
def test_a_server_that_dies_stops_the_run_and_once_it_is_back_nothing_is_missing(
    ace: Ace, unbroken: tuple[str, int], role: str, number: int
) -> None:
    read_so, asked = unbroken
    number = number if number > 0 else asked + 1 + number
    with ModelServer(writes=taught) as server:
        server.always = at(role, number, server, server.dies)
        stopped = ace(*asking(server, "--concurrency", "1"))
    assert stopped.status == 1
    assert "ace run resume" in stopped.err
    assert "Traceback" not in stopped.err
    assert ace("run", "list", "--json").json[0]["status"] == "failed"
    # Nobody listens there: nothing is begun.
    still = ace("run", "resume")
    assert (still.status, "nothing answers at" in still.err) == (2, True)
    with ModelServer(port=server.port, writes=taught) as back:
        result = ace("run", "resume", "--json").json
    assert (result["status"], result["before"]["n"], result["after"]["n"], result["invalid"]) == ("done", 10, 10, 0)
    assert digest(result["playbook"]) == read_so
    assert ledger(result) == books(server, back)


def test_a_server_that_is_there_and_answers_nothing_any_more_stops_the_run_too(ace: Ace, server: ModelServer) -> None:
    server.always = at("generator", 10, server, status(502, "bad gateway", {"retry-after": "0"}))
    stopped = ace(*asking(server))
    assert stopped.status == 1
    assert "the model does not answer any more" in stopped.err.splitlines()[-1]
    assert len(stopped.err.splitlines()[-1]) < 400
    assert episodes() == []
    server.always = None
    result = ace("run", "resume", "--json").json
    assert (result["status"], result["before"]["n"], result["after"]["n"], result["invalid"]) == ("done", 10, 10, 0)
    assert ledger(result) == books(server)


async def broken(request: Request) -> Reply:
    """A model that was written wrongly."""
    raise ZeroDivisionError


@pytest.mark.parametrize(("batch", "tried", "kept"), [(1, 2, 1), (10, 10, 0)])
def test_a_model_of_ones_own_that_always_raises_does_not_go_on_for_ever(batch: int, tried: int, kept: int) -> None:
    learner = library.Learner(Gate(), model=broken, batch=batch, learn_only=True)
    with pytest.raises(
        ModelError, match=f"none of {tried} cases could be played: the model could not answer: broken raised Zero"
    ):
        learner.run(50)
    assert learner.store.count_episodes() == learner.store.count_episodes(verdict="invalid") == kept
