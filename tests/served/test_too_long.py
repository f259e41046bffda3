"""A prompt longer than the model takes: the learning roles ask with less, a case says so, and a stated size is kept to."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp.web import StreamResponse

from tests.commands.said import Ace
from tests.models.server import Behaviour, Body, ModelServer, status
from tests.models.taught import role_of
from tests.served.running import asking

WORDS = [
    (400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."),
    (400, "prompt is too long: 210000 tokens > 200000 maximum"),
    (400, "The input token count (40000) exceeds the maximum number of tokens allowed (32768)."),
    (413, "Payload Too Large"),
    (422, "Input validation error: `inputs` must have less than 4096 tokens: input length exceeds the limit"),
    (500, "the request exceeds the available context size, try increasing it"),
    (400, "too many tokens: size limit exceeded by 512 tokens"),
]
WORLD = """
from ace import Environment, Task, success, failure
from ace.types import Observation
class Scene:
    def __init__(self, n):
        text = f"Colour: {['red', 'blue'][n % 2]}\\n" + "Filler text. " * 900
        self.first = Observation(text, answers=("yes", "no"))
    def act(self, action): return success() if action == "yes" else failure()
class Mine(Environment):
    name = "mine"
    instant = True
    def tasks(self, split): return [Task(f"{split}-{n}", f"{split} {n}", split) for n in range(20)]
    def open(self, task, seed): return Scene(int(task.id.split("-")[1]))
"""


def size(body: Body) -> int:
    return sum(len(str(m["content"])) for m in body["messages"])


def refusing(server: ModelServer, roles: tuple[str, ...], most: int, code: int, words: str) -> Behaviour:
    """The server turns prompts of `roles` of more than `most` characters down, in these words."""

    async def behave(body: Body) -> StreamResponse:
        long = role_of(body) in roles and size(body) > most
        return await (status(code, words) if long else server.answers)(body)

    return behave


def command(tmp_path: Path, server: ModelServer, *more: str) -> tuple[str, ...]:
    (tmp_path / "mine.py").write_text(WORLD)
    _, _, *rest = asking(server)
    return ("run", "./mine.py:Mine", *rest, "--eval", "4", "--json", *more)


@pytest.mark.parametrize(("code", "words"), WORDS)
def test_reflector_and_curator_ask_again_with_half_the_evidence(
    ace: Ace, server: ModelServer, tmp_path: Path, code: int, words: str
) -> None:
    server.always = refusing(server, ("reflector", "curator"), 9000, code, words)
    done = ace(*command(tmp_path, server))
    assert done.status == 0, done.err
    assert done.json["reflections"] == 20
    assert done.json["invalid"] == 0
    sizes = [size(b) for b in server.bodies if role_of(b) == "reflector"]
    assert max(sizes) > 9000 > min(sizes)


@pytest.mark.parametrize("retries", ["0", "1"])
def test_that_a_part_of_the_evidence_was_shown_is_told_once(
    ace: Ace, server: ModelServer, tmp_path: Path, retries: str
) -> None:
    server.always = refusing(server, ("reflector", "curator"), 9000, *WORDS[0])
    done = ace(*(a for a in command(tmp_path, server, "--retries", retries) if a != "--json"))
    said = " ".join(done.err.split())
    for role in ("reflector", "curator"):
        assert said.count(f"the {role} was shown a part of the evidence only") == 1, done.err


def test_a_case_that_is_too_long_is_invalid_and_says_so(ace: Ace, server: ModelServer, tmp_path: Path) -> None:
    server.always = refusing(server, ("generator",), 9000, *WORDS[0])
    stopped = ace(*command(tmp_path, server))
    assert stopped.status == 1
    assert "the prompt exceeds the model's context size" in stopped.err
    assert "ace run resume" in stopped.err
    server.always = None
    assert ace("run", "resume", "--json").json["invalid"] == 0


def test_a_run_whose_own_context_nothing_fits_is_not_offered_to_be_resumed(
    ace: Ace, server: ModelServer, tmp_path: Path
) -> None:
    stopped = ace(*command(tmp_path, server, "--context", "10"))
    assert stopped.status == 1
    assert "no prompt fits its context, so it cannot go on" in stopped.err
    assert "ace run resume" not in stopped.err


def test_where_no_halving_is_enough_the_reason_is_told_and_the_run_goes_on(
    ace: Ace, server: ModelServer, tmp_path: Path
) -> None:
    server.always = refusing(server, ("curator",), 100, *WORDS[1])
    done = ace(*(a for a in command(tmp_path, server) if a != "--json"))
    assert done.status == 0
    assert "even with 1/16 of the evidence" in " ".join(done.err.split())
    assert ace("episode", "list", "--phase", "learn", "--json").json


def test_a_stated_context_is_kept_to_before_anything_is_sent(ace: Ace, server: ModelServer, tmp_path: Path) -> None:
    done = ace(*command(tmp_path, server, "--context", "reflector=2000"))
    assert (done.status, done.json["reflections"]) == (0, 20)
    assert all(size(b) <= 2000 * 5 for b in server.bodies if role_of(b) == "reflector")
    stopped = ace(*command(tmp_path, server, "--context", "2000"))
    assert stopped.status == 1
    assert "of 2,000 stated with --context" in " ".join(stopped.err.split())
    for wrong in ("many", "0", "judge=5"):
        refused = ace(*command(tmp_path, server, "--context", wrong))
        assert (refused.status, "TOKENS" in refused.err) == (2, True)
