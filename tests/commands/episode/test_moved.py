"""`ace proxy trace` of attempts that it has nothing to tell of, each refused in one line before a model is loaded."""

from __future__ import annotations

from pathlib import Path

import ace as library
from tests.commands.said import Ace
from tests.models.proxy.files import written

FILE = "m.gguf"


def test_an_attempt_that_cannot_be_gone_over_is_refused_with_what_it_lacks(ace: Ace) -> None:
    written(Path(FILE))
    said = ace("run", "desk", "--episodes", "6", "--eval", "2", "--retries", "0", "--json")
    assert said.status == 0
    learned, before = ("--phase", "after"), ("--phase", "before")
    after, bare = (ace("episode", "list", *phase, "--json").json[0]["episode"] for phase in (learned, before))
    for episode, options, told in (
        ("e-nope", (), "there is no episode 'e-nope'"),
        (after, (), f"episode {after} was made without a proxy; --proxy FILE.gguf goes over it with a model of yours"),
        (after, ("--proxy", "none.gguf"), "none.gguf does not exist"),
        (after, ("--proxy", "."), ". is not a file"),
        (after, ("--proxy", FILE, "--top", "0"), "--top is 0"),
        (bare, ("--proxy", FILE), f"episode {bare} was shown no playbook"),
    ):
        refused = ace("proxy", "trace", episode, *options)
        assert (refused.status, refused.out) == (2, "")
        assert told in refused.err
        assert len(refused.err.splitlines()) == 1
    assert ace("episode", "purge", after, "--yes").status == 0
    refused = ace("proxy", "trace", after, "--proxy", FILE)
    assert (refused.status, refused.out) == (2, "")
    assert f"episode {after} was purged" in refused.err
    assert "its prompts and replies are no longer stored" in refused.err


def test_an_attempt_of_another_program_has_no_reply_to_go_over(ace: Ace) -> None:
    with library.open("support", store="ace.db") as playbook, playbook.episode("A parcel is lost.") as attempt:
        attempt.finish(True, transcript="Refunded it.")
    refused = ace("proxy", "trace", ace("episode", "list", "--json").json[0]["episode"], "--proxy", FILE)
    assert refused.status == 2
    assert "no reply is stored of episode" in refused.err
