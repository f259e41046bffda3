"""Importing bullets and histories through the library: what is added, what is left alone, and what comes out the same."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ace.errors import BadInput, Conflict
from ace.memory.exchange.imports import ImportSettings
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.formats.fields import load
from ace.playbooks.formats.history import History, parse_history, render_history
from ace.playbooks.formats.intake import vet
from ace.playbooks.formats.line import Copy, Line
from ace.playbooks.formats.markdown import render_markdown
from ace.playbooks.formats.registry import read
from ace.playbooks.formats.revision import render_revision
from ace.playbooks.operations import Delta, Judgement, Op, Operation, Refusal, Status
from tests.examples import tried
from tests.memory.acts import merged
from tests.playbooks.formats.texts import live_bullets, said
from tests.playbooks.making import any_operations

PLAIN = ImportSettings()
LIST = "## Refunds\n- Refund damaged goods.\n- Ask for the order number.\n## Fees\n- Charge 5 Euro for express.\n"


def lines(text: str) -> list[Line]:
    return [x for x in read(text)[1] if isinstance(x, Line)]


def bring(store: Store, text: str, how: ImportSettings = PLAIN, name: str = "support") -> dict[str, int]:
    """Import a file; gives how many bullets there are of each kind of outcome, where there are any."""
    done = store.imports.bullets(name, vet(lines(text)), how)
    kinds = ("added", "present", "repeated", "updated", "left", "retired", "merged")
    return {kind: n for kind in kinds if (n := len(getattr(done, kind)))}


def texts(store: Store, name: str = "support") -> list[str]:
    return [b.text for b in store.view(name).bullets()]


def commit(store: Store, *operations: Operation, author: str = "curator") -> None:
    store.commit(Batch(playbook="support", delta=Delta(store.head("support").hash, operations, author)))


def test_an_import_makes_the_playbook_and_is_one_delta_of_its_own_author(store: Store) -> None:
    assert bring(store, LIST, ImportSettings(reason="the old wiki")) == {"added": 3}
    (delta,) = store.log("support")
    assert (delta.author, delta.reason, delta.status, len(delta.operations)) == ("import", "the old wiki", Status.ACCEPTED, 3)
    assert texts(store) == ["Refund damaged goods.", "Ask for the order number.", "Charge 5 Euro for express."]
    assert [hit.bullet.text for hit in store.view("support").relevant("express fee", 1)] == ["Charge 5 Euro for express."]
    assert store.verify("support") == []


def test_importing_the_same_file_again_changes_nothing(store: Store) -> None:
    bring(store, LIST)
    head = store.head("support")
    assert bring(store, LIST) == {"present": 3}
    assert bring(store, LIST.replace("Refund damaged goods.", "refund  DAMAGED goods")) == {"present": 3}
    assert store.head("support") == head
    assert len(store.log("support")) == 1


def test_the_same_words_in_another_section_are_another_bullet_and_a_line_given_twice_is_one(store: Store) -> None:
    assert bring(store, "## A\n- Ask first.\n- Ask first.\n## B\n- Ask first.") == {"added": 2, "repeated": 1}


def test_bullets_of_the_same_words_with_ids_of_their_own_both_come_back(store: Store) -> None:
    assert bring(store, "## A\n- Ask first. <!-- ask-aaaa -->\n- Ask first. <!-- ask-bbbb -->") == {"added": 2}


def test_a_bullet_that_says_something_else_here_is_left_unless_an_update_is_asked_for(store: Store) -> None:
    bring(store, LIST)
    first, second, third = store.view("support").bullets()
    commit(store, Operation(Op.PIN, id=second.id), author="person")
    page = render_markdown("support", 1, [first, second, third])
    page = page.replace("damaged", "broken").replace("Ask for", "Demand").replace("## Fees", "## Charges")
    assert bring(store, page) == {"left": 3}
    assert bring(store, page, ImportSettings(update=True)) == {"updated": 2, "left": 1}
    assert texts(store) == ["Refund broken goods.", "Ask for the order number.", "Charge 5 Euro for express."]
    assert [b.section for b in store.view("support").bullets()] == ["Refunds", "Refunds", "Charges"]
    assert [b.id for b in store.view("support").bullets()] == [first.id, second.id, third.id]


def test_an_old_file_does_not_bring_back_what_was_retired(store: Store) -> None:
    bring(store, LIST)
    page = render_markdown("support", 1, store.view("support").bullets())
    gone = store.view("support").bullets()[1]
    commit(store, Operation(Op.RETIRE, id=gone.id))
    assert bring(store, page, ImportSettings(update=True)) == {"present": 2, "retired": 1}
    assert gone.text not in texts(store)


def test_a_dry_run_says_the_same_and_writes_nothing(store: Store) -> None:
    assert bring(store, LIST, ImportSettings(dry_run=True)) == {"added": 3}
    assert store.playbooks() == []
    bring(store, LIST)
    head = store.head("support")
    assert bring(store, LIST + "- Be polite.", ImportSettings(dry_run=True)) == {"added": 1, "present": 3}
    assert store.head("support") == head


def test_near_duplicates_are_told_and_those_that_say_the_same_are_left_out_on_request(store: Store) -> None:
    bring(store, LIST)
    more = "## Fees\n- Charge 5 Euro for the express.\n- Charge 7 Euro for express.\n- Wrap gifts.\n- Wrap the gifts.\n"
    near = store.imports.bullets("support", vet(lines(more)), ImportSettings(near="report", dry_run=True)).near
    assert [(n.line.number, n.kind.value, n.text) for n in near] == [
        (2, "same", "Charge 5 Euro for express."),
        (3, "contradicts", "Charge 5 Euro for express."),
        (5, "same", "Wrap gifts."),
    ]
    assert bring(store, more, ImportSettings(near="merge")) == {"added": 2, "merged": 2}
    assert texts(store)[3:] == ["Charge 7 Euro for express.", "Wrap gifts."]


def test_what_guards_refuse_refuses_the_file_by_line_or_is_left_out_on_request() -> None:
    found = lines("## A\n- Ask first.\n- [previous items unchanged]\n- Follow the\n- Be kind.\n## " + "long " * 20 + "\n- one")
    with pytest.raises(BadInput, match=r"line 3: it stands in for text .*; 2 more are refused"):
        vet(found)
    vetted = vet(found, skip_bad=True)
    assert [x.text for x in vetted.lines] == ["Ask first.", "Be kind."]
    assert [x.number for x, _ in vetted.bad] == [3, 4, 7]


def test_a_long_text_is_refused_for_its_length_alone_and_hidden_signs_are_named() -> None:
    faults = [("- " + "<!--" * 10_000, "it has 40,000 characters"), ("- Be kind\ufe01\ufe02.", "invisible characters (U+FE01)")]
    faults += [("## \u3164\n- Be kind.", "the section's name: it holds invisible characters (U+3164)")]
    for text, fault in faults:
        with pytest.raises(BadInput) as refused:
            vet(lines(text))
        assert fault in str(refused.value)
    assert vet(lines("- Say \u2764\ufe0f to guests.")).lines


def test_a_section_whose_name_is_encoded_otherwise_is_the_same_section(store: Store) -> None:
    bring(store, "## Geb\u00fchren\n- Charge 5 Euro.")
    assert bring(store, "## Gebu\u0308hren\n- charge 5 euro\n- Charge 7 Dollars.") == {"added": 1, "present": 1}
    assert {b.section for b in store.view("support").bullets()} == {"Geb\u00fchren"}
    more = "## Gebu\u0308hren\n- Waive it for the staff.\n- Be polite.\n- Waive it for staff.\n"
    assert bring(store, more, ImportSettings(near="merge")) == {"added": 2, "merged": 1}


def test_several_imports_of_a_file_at_once_bring_it_in_once(tmp_path: Path) -> None:
    with ExitStack() as stack:
        stores = [stack.enter_context(Store.open(tmp_path / "ace.db")) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda opened: bring(opened, LIST), stores))
    assert sorted(d.get("added", 0) for d in done) == [0, 0, 0, 3]


def test_what_a_hook_redacts_is_not_stored(tmp_path: Path) -> None:
    with Store.open(tmp_path / "ace.db", redact=lambda text: text.replace("order number", "#")) as opened:
        bring(opened, LIST)
        assert texts(opened)[1] == "Ask for the #."


@settings(tried(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(live_bullets(), st.sampled_from(["markdown", "json"]))
def test_what_was_exported_and_imported_elsewhere_reads_the_same(store: Store, bullets: list[Bullet], form: str) -> None:
    name = f"book {len(store.playbooks())}"
    r = store.ensure_playbook(name)
    copy = Copy(name, 0, r.hash, r.digest, bullets)
    text = render_markdown(name, 0, bullets) if form == "markdown" else render_revision(copy)
    done = store.imports.bullets(name, vet(lines(text), skip_bad=True) if bullets else vet([]))
    kept = {x.id for x in done.added}
    assert said(store.view(name).bullets()) == said(b for b in bullets if b.id in kept)
    assert kept == {b.id for b in bullets} - {x.id for x, _ in done.bad}


def learned(store: Store) -> None:
    """A playbook with all kinds of deltas in its past."""
    bring(store, LIST)
    first, second, third = store.view("support").bullets()
    commit(
        store,
        Operation(Op.REVISE, id=first.id, text="Refund broken goods.", reason="more \ud800 general\n"),
        Operation(Op.RETIRE, id="x-none"),
    )
    commit(store, Operation(Op.RETIRE, id="x-none"))
    commit(store, Operation(Op.MERGE, sources=(first.id, second.id), text="Refund broken goods; ask for the number."))
    held = Delta(store.head("support").hash, (Operation(Op.RETIRE, id=third.id),), reason="not sure")
    store.commit(Batch(playbook="support", delta=held, status=Status.QUARANTINED, why="the gate waits"))
    guarded = (Refusal(0, Operation(Op.ADD, section="A", text="..."), "it stands in for text"),)
    add = Operation(Op.ADD, section="A", text="Be kind.", after="top", state="candidate")
    store.commit(
        Batch(
            playbook="support", delta=Delta(store.head("support").hash, (add, Operation(Op.PIN, id=third.id))), refusals=guarded
        )
    )
    commit(store, Operation(Op.ADD, section="Fees", text="Charge 5 Euro for express."))


def moved(store: Store, target: Store, name: str = "support", ref: str = "support") -> None:
    """Bring the history of a playbook, through its file, into another store."""
    target.histories.bring_in(parse_history(load(render_history(store.histories.of(ref)))), name)


def told(store: Store, name: str) -> list[object]:
    """All that the log says, but for the keys of this store."""
    return [
        (
            d.status,
            d.author,
            d.reason,
            d.why,
            d.at,
            d.base,
            d.run,
            d.revision and d.revision.hash,
            d.operations,
            d.refusals,
            d.episodes,
        )
        for d in store.log(name)
    ]


def test_a_history_comes_into_another_store_with_every_hash_and_word(store: Store) -> None:
    learned(store)
    with Store.open(":memory:") as target:
        moved(store, target)
        assert [(r.number, r.hash, r.digest, r.at) for r in target.revisions("support")[1:]] == [
            (r.number, r.hash, r.digest, r.at) for r in store.revisions("support")[1:]
        ]
        assert told(target, "support") == told(store, "support")
        assert target.view("support").bullets(include_retired=True) == store.view("support").bullets(include_retired=True)
        assert target.view("support@1").bullets() == store.view("support@1").bullets()
        assert target.verify("support") == []
        assert render_history(target.histories.of("support")) == render_history(store.histories.of("support"))
        hits = [(hit.bullet.id, hit.score) for hit in target.view("support").relevant("express goods")]
        assert hits == [(hit.bullet.id, hit.score) for hit in store.view("support").relevant("express goods")]


@settings(tried(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(any_operations, max_size=4))
def test_any_history_comes_back(store: Store, parts: list[list[Operation]]) -> None:
    name = f"book {len(store.playbooks())}"
    store.ensure_playbook(name)
    for operations in parts:
        store.commit(Batch(playbook=name, delta=Delta(store.head(name).hash, tuple(operations))))
    with Store.open(":memory:") as target:
        moved(store, target, "copy", name)
        assert [r.hash for r in target.revisions("copy")] == [r.hash for r in store.revisions(name)]
        assert told(target, "copy") == told(store, name)
        assert target.verify("copy") == []


def test_a_history_up_to_an_old_revision_ends_there(store: Store) -> None:
    learned(store)
    with Store.open(":memory:") as target:
        moved(store, target, ref="support@1")
        assert target.head("support").hash == store.resolve("support@1").hash


def test_a_merged_playbook_brings_the_history_of_what_was_merged_into_it(store: Store) -> None:
    bring(store, LIST)
    store.branches.fork("support", "other")
    bring(store, "## Fees\n- Waive fees for gold customers.", name="other")
    bring(store, "## Fees\n- Be polite.")
    merged(store, "support", "other")
    merged(store, "other", "support")
    assert len(store.head("support").parents) == 2
    with Store.open(":memory:") as target:
        moved(store, target)
        assert {p.name: p.head.hash for p in target.playbooks()} == {
            "support": store.head("support").hash,
            "other": store.resolve("other@2").hash,
        }
        assert target.verify("support") == target.verify("other") == []
        assert not target.branches.plan("support", "other").merged.new
        moved(store, target, "again")
        assert len(target.playbooks()) == 3


def history(store: Store) -> list[History]:
    learned(store)
    return store.histories.of("support")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Refund broken goods.", "Refund all goods.", "histories[0].deltas[1]: the hash of revision 2 does not come out"),
        ('"op": "revise"', '"op": "retire"', "histories[0].deltas[1]: the hash of revision 2"),
        (
            '{"place": 0, "op": "revise"',
            '{"place": 0, "op": "restore"',
            "histories[0].deltas[1]: operation 0 cannot be applied",
        ),
        ('"number": 2,', '"number": 3,', "histories[0].deltas[1]: the number of revision 2"),
    ],
)
def test_a_history_that_was_changed_is_found_out_and_nothing_is_written(store: Store, old: str, new: str, said: str) -> None:
    text = unsealed(render_history(history(store)))
    assert old in text
    with Store.open(":memory:") as target:
        with pytest.raises(BadInput) as refused:
            target.histories.bring_in(parse_history(load(text.replace(old, new, 1))))
        assert str(refused.value).startswith(said)
        assert target.playbooks() == []


def unsealed(text: str) -> str:
    """A history as it was written before it had seals."""
    return re.sub(r', "seal": "[0-9a-f]{64}"', "", text)


JUDGED = (Judgement("check", "pass", "it helps", {"gain": 0.25, "cases": [1, 2]}), Judgement("own", "pass"))


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"gain": 0.25', '"gain": 0.75', 1),
        ('"reason": "it helps"', '"reason": "it helped"', 1),
        (', {"gate": "own", "answer": "pass"', ', {"gate": "mine", "answer": "pass"', 1),
        ('"cost_usd": 0.0', '"cost_usd": 9.0', 1),
        ('"by": "Ann"', '"by": "Bob"', 1),
        ('"author": "person"', '"author": "curator"', 1),
        ('"refused": "alike"', '"refused": "unlike"', 1),
        ("the last", "the very last", 2),
    ],
)
def test_what_no_hash_covers_of_a_history_is_sealed_and_an_older_history_has_no_seals(
    store: Store, old: str, new: str, place: int
) -> None:
    text = render_history(judged(store))
    assert old in text
    with pytest.raises(BadInput, match=rf"^histories\[0\]\.deltas\[{place}\] is not as it was exported"):
        parse_history(load(text.replace(old, new, 1)))
    assert parse_history(load(unsealed(text))) == parse_history(load(text))


def test_a_delta_or_a_seal_that_is_missing_from_a_history_is_found_out(store: Store) -> None:
    text = render_history(judged(store))
    for cut, told_of in (
        (0, "deltas[0] is not as"),
        (1, "deltas[1] is not as"),
        (2, "histories[0]: deltas are missing at its end"),
    ):
        row = json.loads(text)
        del row["histories"][0]["deltas"][cut]
        with pytest.raises(BadInput, match=re.escape(told_of)):
            parse_history(load(json.dumps(row)))
    for at in range(3):
        row = json.loads(text)
        del row["histories"][0]["deltas"][at]["seal"]
        with pytest.raises(BadInput, match=rf"deltas\[{at}\].seal is missing"):
            parse_history(load(json.dumps(row)))
    row = json.loads(text)
    del row["histories"][0]["seal"]
    with pytest.raises(BadInput, match=r"histories\[0\].seal is missing"):
        parse_history(load(json.dumps(row)))


def judged(store: Store) -> list[History]:
    """A history of two revisions, the second judged by gates, and of a delta that was refused after it."""
    bring(store, LIST)
    add = Operation(Op.ADD, new_id="ref-0000000001", text="Be polite.", section="Fees")
    delta = Delta(store.head("support").hash, (add,), "person", "kinder", by="Ann")
    store.commit(Batch(playbook="support", delta=delta, refusals=(Refusal(1, add, "alike"),), judgements=JUDGED))
    gone = Operation(Op.RETIRE, id="ref-00000000ff")
    store.commit(Batch(playbook="support", delta=Delta(store.head("support").hash, (gone,), "person", "the last")))
    return store.histories.of("support")


def test_a_history_with_a_revision_cut_out_is_found_out(store: Store) -> None:
    row = json.loads(unsealed(render_history(history(store))))
    del row["histories"][0]["deltas"][1]
    with Store.open(":memory:") as target, pytest.raises(BadInput, match=r"deltas\[2\]: (operation|the number)"):
        target.histories.bring_in(parse_history(load(json.dumps(row))))


def test_a_history_becomes_a_new_playbook_and_never_an_old_one(store: Store) -> None:
    found = history(store)
    with pytest.raises(Conflict, match="there is a playbook 'support' already"):
        store.histories.bring_in(found)
    assert store.histories.bring_in(found, "twin").hash == store.head("support").hash


def test_a_merge_whose_other_side_is_missing_is_refused(store: Store) -> None:
    bring(store, LIST)
    store.branches.fork("support", "other")
    bring(store, "## Fees\n- Waive fees for gold customers.", name="other")
    merged(store, "support", "other")
    alone = store.histories.of("support")[:1]
    with Store.open(":memory:") as target, pytest.raises(BadInput, match="which is neither in the file nor in the store"):
        target.histories.bring_in(alone)


def test_states_of_bullets_come_back_from_a_history(store: Store) -> None:
    found = history(store)
    store.histories.bring_in(found, "twin")
    states = {b.text: (b.state, b.pinned) for b in store.view("twin").bullets(include_retired=True)}
    assert states["Be kind."] == (State.CANDIDATE, False)
    assert states["Charge 5 Euro for express."] == (State.ACTIVE, True)


HELD = {"op": "retire", "id": "b-0001"}
ODD: dict[str, tuple[dict[str, object], str]] = {
    "author": ({"author": "a\x1b[31mred\nx"}, "author must be curator, person or import, not 'a [31mred x'"),
    "unknown author": ({"author": "martian"}, "author must be curator, person or import, not 'martian'"),
    "run": ({"run": "../x\x1b[1m"}, "run holds a control character (U+001B); take it out"),
    "turned run": ({"run": "r-\u202e1"}, "run holds a character that cannot be printed (U+202E)"),
    "half a character": ({"run": "\ud800"}, "run holds a character that cannot be printed (U+D800)"),
    "long run": ({"run": "r" * 1001}, "run has 1,001 characters; it may have 1,000"),
    "status": ({"status": "a\x1b[31m"}, "status is 'a [31m'; it can be accepted, quarantined, refused"),
    "no such day": ({"at": "2026-02-30T10:00:00.000000Z"}, "at is '2026-02-30T10:00:00.000000Z'; it must be a time such as"),
    "digits of another script": ({"at": "\u0662026-02-01T10:00:00.000000Z"}, "at is '\u0662026"),
    "episodes": ({"episodes": ["e-1", "e\n2"]}, "episodes[1] holds a control character (U+000A)"),
    "an id": (
        {"refused": [{"place": 9, "refused": "no", "operation": {**HELD, "id": "b\x1b"}}]},
        "refused[0].operation.id holds a control character (U+001B)",
    ),
    "a source": (
        {"guarded": [{"place": 9, "refused": "no", "operation": {"op": "merge", "sources": ["\x9b"]}}]},
        "guarded[0].operation.sources[0] holds a control character (U+009B)",
    ),
    "an anchor": (
        {"guarded": [{"place": 9, "refused": "no", "operation": {"op": "move", "after": "a\tb"}}]},
        "guarded[0].operation.after holds a control character (U+0009)",
    ),
    "a field": (
        {"refused": [{"place": 9, "refused": "no", "operation": {**HELD, "a\x1b": 1}}]},
        'refused[0].operation["a\\u001b"] is not a field of an operation',
    ),
    "a twin": (
        {"refused": [{"place": 9, "refused": "no", "operation": HELD, "twin": "b\ud800"}]},
        "refused[0].twin is 'b'; an id looks like",
    ),
    "a place taken": (
        {"refused": [{"place": 0, "refused": "no", "operation": HELD}]},
        "refused[0].place is 0, and another operation has that place in the delta already",
    ),
    "a place twice": (
        {"refused": [{"place": n, "refused": "no", "operation": HELD} for n in (9, 9)]},
        "refused[1].place is 9, and another",
    ),
    "a number": (
        {"refused": [{"place": 10**400, "refused": "no", "operation": HELD}]},
        "refused[0].place must be a whole number from 0, not a number of many digits",
    ),
}


@pytest.mark.parametrize("what", ODD)
def test_what_no_hash_covers_is_held_to_its_form(store: Store, what: str) -> None:
    changes, said = ODD[what]
    bring(store, LIST)
    row = json.loads(render_history(store.histories.of("support")))
    row["histories"][0]["deltas"][0] |= changes
    with Store.open(":memory:") as target:
        with pytest.raises(BadInput) as refused:
            target.histories.bring_in(parse_history(load(json.dumps(row))))
        assert str(refused.value).startswith("histories[0].deltas[0]." + said)
        assert target.playbooks() == []


def history_of_merged(store: Store, name: str) -> list[History]:
    """The history of a playbook that another one, called `name`, was merged into."""
    bring(store, LIST)
    store.branches.fork("support", "other")
    bring(store, "## Fees\n- Waive fees for gold customers.", name="other")
    bring(store, "## Fees\n- Be polite.")
    merged(store, "support", "other")
    main, beside = store.histories.of("support")
    return [main, replace(beside, playbook=name)]


@pytest.mark.parametrize(
    ("name", "called"),
    [("other", "other"), ("\uff33upport", "\uff33upport-2"), ("support", "support-2"), ("n" * 100, "n" * 100)],
)
def test_a_merged_playbook_gets_a_name_that_is_not_taken_for_another(store: Store, name: str, called: str) -> None:
    with Store.open(":memory:") as target:
        target.histories.bring_in(history_of_merged(store, name))
        assert {p.name for p in target.playbooks()} == {"support", called}


def test_a_long_name_that_is_taken_is_cut_for_its_number(store: Store) -> None:
    found = history_of_merged(store, "n" * 100)
    with Store.open(":memory:") as target:
        target.ensure_playbook("N" * 100)
        target.histories.bring_in(found)
        assert {p.name for p in target.playbooks()} == {"support", "N" * 100, "n" * 98 + "-2"}


def test_a_merged_playbook_whose_name_no_playbook_may_have_is_refused_by_its_path(store: Store) -> None:
    with Store.open(":memory:") as target, pytest.raises(BadInput, match=r"^histories\[1\]\.playbook: .*'/' is not accepted"):
        target.histories.bring_in(history_of_merged(store, "a/b"))


def test_a_history_that_nothing_was_merged_from_does_not_come_in_beside(store: Store) -> None:
    main, beside = history_of_merged(store, "other")
    with Store.open(":memory:") as target:
        with pytest.raises(BadInput, match=r"^histories\[1\]: it is merged into none of the others"):
            target.histories.bring_in([replace(main, deltas=main.deltas[:2]), beside])
        assert target.playbooks() == []
