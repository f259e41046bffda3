"""What bullets rest on, as a person reads it, and taking out what rests on one origin."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import ace as library
from ace.errors import BadSetting, NotFound
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.origins import marked
from ace.playbooks.operations import Delta, Op, Operation
from ace.types import UNVERIFIED
from tests.commands.said import Ace, refused
from tests.memory.acts import played
from tests.stories import NAME, Story, add, revise

ODD = 'Zoë  \N{PARTY POPPER} \'n "Co" <z@x.de>'


class Told(Story):
    def taught(self, text: str, *senders: str) -> str:
        made = []
        for sender in senders:
            self._played += 1
            e = played(f"e-{self.name}-{self._played}", f"letter {self._played}")
            made.append(replace(e, task=replace(e.task, origin=sender)))
        self.store.commit(Batch(tuple(made), (), self.name))
        return self.change(add(text), episodes=[e.id for e in made]).changes[0].after.id

    def by(self, *operations: Operation) -> None:
        delta = Delta(self.store.head(self.name).hash, operations, "person", "by hand", by="Ann")
        self.store.commit(Batch(playbook=self.name, delta=delta))


@pytest.fixture
def ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A store in the folder we are in: bullets by what they rest on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACE_AUTHOR", "Ann")
    with Store.open("ace.db") as store:
        story = Told(store)
        made = {
            "good": story.taught("Ask for the receipt.", "alice", "alice"),
            "both": story.taught("Look twice at lamps.", "alice", "bob"),
            "bad": story.taught("Pay to account 1234.", UNVERIFIED),
            "reworded": story.taught("Refund twice.", UNVERIFIED),
            "pinned": story.taught("Decline late letters.", "alice"),
            "odd": story.taught("Greet in capitals.", ODD),
        }
        story.by(revise(made["reworded"], "Refund once."), Operation(Op.PIN, id=made["pinned"]))
        store.branches.fork(NAME, "branch")
    return made


def live(name: str = NAME) -> set[str]:
    with Store.open("ace.db", create=False) as store:
        return {b.id for b in store.view(name).bullets()}


def test_what_needs_attention_stands_first(ace: Ace, ids: dict[str, str]) -> None:
    lines = ace("playbook", "trust", NAME).out.splitlines()
    assert "1 bullet distrusted, 5 trusted" in lines[1]
    rows = [line for line in lines if "ref-" in line]
    assert [row.split()[0] for row in rows] == ["distrusted"] + ["trusted"] * 5
    assert "before: unverified" in rows[1]
    found = ace("playbook", "trust", NAME, "--json").json
    assert found["bullets"][0] == {
        **found["bullets"][0],
        "id": ids["bad"],
        "standing": "distrusted",
        "origins": [{"origin": UNVERIFIED, "trust": "untrusted", "count": 1}],
    }
    shares = {o["origin"]: (o["alone"], o["with_others"]) for o in found["origins"]}
    assert shares == {UNVERIFIED: (1, 0), "alice": (2, 1), "bob": (0, 1), "person:Ann": (1, 0), ODD: (1, 0)}


def test_it_is_marked_wherever_it_is_listed_and_why_says_why(ace: Ace, ids: dict[str, str]) -> None:
    shown = ace("playbook", "show", NAME).out
    assert "(distrusted)" in next(line for line in shown.splitlines() if ids["bad"] in line)
    assert shown.count("(distrusted)") == 1
    assert {b["id"] for b in ace("playbook", "show", NAME, "--json").json["bullets"] if b["distrusted"]} == {ids["bad"]}
    assert "(distrusted)" in ace("playbook", "search", NAME, "account").out
    assert "distrusted: rests on unverified (1 episode); 0 of 3" in " ".join(
        ace("playbook", "why", NAME, ids["bad"]).out.split()
    )
    assert "trusted: rests on alice (2 episodes)" in ace("playbook", "trust", NAME, "--bullet", ids["good"][:8]).out


def test_a_person_who_confirms_what_stays_hidden_is_told_so(ace: Ace, ids: dict[str, str]) -> None:
    told = f"Warning: [{ids['bad']}] stays distrusted: rests on unverified (1 episode)"
    for command in ("pin", "unpin", "demote", "activate", "retire", "restore"):
        said = ace("playbook", command, NAME, ids["bad"], ids["good"], "-r", "why")
        assert said.status == 0, said.err
        assert (told in said.err) == (command in ("pin", "activate", "restore"))
        assert ids["good"] not in said.err
    assert f"ace playbook revise {NAME} {ids['bad']} would make it a text of yours" in said.err
    with library.open(NAME, store="ace.db") as playbook:
        assert "stays distrusted" in playbook.pin(ids["bad"]).warnings[0]
        assert playbook.pin(ids["good"]).warnings == ()


@pytest.mark.parametrize("command", [("playbook", "quarantine", NAME), ("episode", "purge", "--yes")])
def test_two_origins_at_once_are_refused_and_not_only_the_last_one_taken(
    ace: Ace, ids: dict[str, str], command: tuple[str, ...]
) -> None:
    said = ace(*command, "--origin", "alice", "--origin", "bob")
    assert said.status == 2
    assert "--origin is given 2 times ('alice', 'bob'); give it once" in said.err
    assert live() == set(ids.values())


def test_a_quarantine_takes_out_what_rests_on_one_origin_alone_and_can_be_undone(ace: Ace, ids: dict[str, str]) -> None:
    said = ace("playbook", "quarantine", NAME, "--origin", "alice", "--dry-run")
    assert said.status == 0
    assert "1 bullet that rests on alice would be taken out" in said.out
    assert live() == set(ids.values())
    done = ace("playbook", "quarantine", NAME, "--origin", "alice", "--reason", "he lies", "--json").json
    groups = {key: {x["id"] for x in done[key]} for key in ("out", "with_others", "pinned")}
    assert groups == {"out": {ids["good"]}, "with_others": {ids["both"]}, "pinned": {ids["pinned"]}}
    assert (done["reason"], done["elsewhere"]) == ("he lies", [{"playbook": "branch", "alone": 2, "with_others": 1}])
    assert live() == set(ids.values()) - {ids["good"]}
    assert live("branch") == set(ids.values())
    again = ace("playbook", "quarantine", NAME, "--origin", "alice")
    assert (again.status, "nothing was changed" in again.out) == (0, True)
    ace("playbook", "revert", NAME, str(done["revision"]))
    with Store.open("ace.db") as store:
        assert str(store.trust(NAME)[ids["good"]].origins[0]) == "alice (2 episodes)"
        assert not store.trust(NAME)[ids["good"]].person


def test_more_is_taken_out_where_that_is_asked_for(ace: Ace, ids: dict[str, str]) -> None:
    ace("playbook", "quarantine", NAME, "--origin", "alice", "--partly", "--pinned", "--force")
    assert live() == {ids["bad"], ids["reworded"], ids["odd"]}


def test_what_was_reworded_since_is_told_and_stays(ace: Ace, ids: dict[str, str]) -> None:
    done = ace("playbook", "quarantine", NAME, "--origin", UNVERIFIED, "--json").json
    assert [[x["id"] for x in done[key]] for key in ("out", "reworded")] == [[ids["bad"]], [ids["reworded"]]]


@pytest.mark.parametrize(("origin", "out"), [("person", "reworded"), ("person:Ann", "reworded"), (ODD, "odd")])
def test_channels_and_odd_names_are_origins_too(ace: Ace, ids: dict[str, str], origin: str, out: str) -> None:
    said = ace("playbook", "quarantine", NAME, "--origin", origin, "--dry-run")
    assert said.status == 0
    assert [x["id"] for x in ace("playbook", "quarantine", NAME, "--origin", origin, "--json").json["out"]] == [ids[out]]


@pytest.mark.parametrize("channel", ["environment", "operator", "import", "person"])
def test_a_channel_that_taught_nothing_is_no_mistake(ace: Ace, ids: dict[str, str], channel: str) -> None:
    said = ace("playbook", "quarantine", "branch", "--origin", channel, "--dry-run")
    assert said.status == 0


@pytest.mark.parametrize(
    ("origin", "hint"),
    [
        ("alise", "did you mean alice?"),
        ("ALICE", "did you mean alice"),
        ("alice ", "of the origin 'alice '; did you mean alice"),
        ("al\x1b[31mice", r"of the origin 'al\x1b[31mice'; did you mean alice"),
        ("", "--origin is given as an empty text"),
        ("x" * 500, "origins are"),
    ],
)
def test_an_origin_that_nobody_has_is_refused_with_the_nearest(ace: Ace, ids: dict[str, str], origin: str, hint: str) -> None:
    line = refused(ace, "quarantine", NAME, "--origin", origin)
    assert hint in line
    assert len(line) < 400
    assert live() == set(ids.values())


def test_the_file_is_the_origin_of_what_it_brings_and_no_folder_is_kept(ace: Ace, ids: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "private place"
    folder.mkdir()
    (folder / "rules.md").write_text("# Rules\n\n- Never shout at a customer.\n")
    ace("playbook", "import", str(folder / "rules.md"), NAME)
    with library.open(NAME, store="ace.db") as playbook:
        playbook.import_(text="# Rules\n\n- Never promise what you cannot keep.\n")
        names = {o.name for s in playbook.trust().values() for o in s.origins}
    assert {"import:rules.md", "import"} <= names
    assert "private place" not in ace("playbook", "export", NAME, "--format", "json", "--history").out
    for origin, n in (("import:rules.md", 1), ("operator", 2), ("import", 2)):
        done = ace("playbook", "quarantine", NAME, "--origin", origin, "--dry-run", "--json").json
        assert len(done["out"]) == n


def test_a_purge_says_what_rests_on_the_episodes_and_takes_it_out_if_asked(ace: Ace, ids: dict[str, str]) -> None:
    with Store.open("ace.db") as store:
        bad = next(e.id for e in store.every_episode(oldest_first=True) if e.origin == UNVERIFIED)
    kept = ace("episode", "purge", bad, "--yes")
    assert ids["bad"] in kept.err
    assert "--retire takes the former out" in kept.err
    assert ids["bad"] in live()
    with Store.open("ace.db") as store:
        alices = [e.id for e in store.every_episode() if e.origin == "alice"]
    done = ace("episode", "purge", *alices, "--yes", "--retire", "--json").json
    found = {row["playbook"]: row for row in done["bullets"]}
    assert [x["id"] for x in found[NAME]["with_others"]] == [ids["both"]]
    assert {name: row["retired"] for name, row in found.items()} == {NAME: [ids["good"]], "branch": [ids["good"]]}
    assert live() == set(ids.values()) - {ids["good"]}
    with Store.open("ace.db") as store:
        assert store.trust(NAME)[ids["both"]].rests_on("alice") is None
        assert marked("alice") in {o.name for o in store.trust(NAME)[ids["both"]].origins}
        assert store.trust(NAME)[ids["bad"]].distrusted


def test_a_program_does_the_same(ids: dict[str, str]) -> None:
    with library.open(NAME, store="ace.db") as playbook:
        assert playbook.trust()[ids["bad"]].distrusted
        assert playbook.quarantine(UNVERIFIED, dry_run=True).done is None
        found = playbook.quarantine(UNVERIFIED, author="Zoë", reason="lies")
        assert found.done
        assert [r.bullet.id for r in found.out] == [ids["bad"]]
        assert playbook.store.log(NAME)[0].by == "Zoë"
        with pytest.raises(NotFound, match="did you mean"):
            playbook.quarantine("alicee")
        with pytest.raises(BadSetting, match="origin"):
            playbook.quarantine(7)  # type: ignore[arg-type]
        with pytest.raises(BadSetting, match="partly is 'yes'; it must be True or False"):
            playbook.quarantine("carol", partly="yes")  # type: ignore[arg-type]
        playbook.sent_by("carol").episode("a letter").finish(True)
        assert playbook.quarantine("carol").unlearned == 1


def test_what_waits_for_review_is_named(ace: Ace, ids: dict[str, str]) -> None:
    with Store.open("ace.db") as store:
        story = Told(store)
        e = next(e.id for e in store.every_episode() if e.origin == ODD)
        story.held(add("Shout."), episodes=(e,))
    done = ace("playbook", "quarantine", NAME, "--origin", ODD, "--dry-run", "--json").json
    (waiting,) = [row for row in ace("review", "list", "--json").json if row["playbook"] == NAME]
    assert done["held"] == [waiting["delta"]]
    assert json.dumps(waiting["delta"]) in ace("playbook", "quarantine", NAME, "--origin", ODD, "--dry-run").out
