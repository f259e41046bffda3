"""A program that changes a playbook: the same rules, names and reasons as on the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ace
from ace.errors import BadInput, BadSetting, Conflict, NotFound, UnknownName
from ace.session.playbook import Playbook
from ace.types import Task


@pytest.fixture
def playbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Playbook:
    monkeypatch.setenv("ACE_AUTHOR", "Ada")
    return ace.open("support", store=tmp_path / "support.db")


def texts(playbook: Playbook) -> list[str]:
    return [b.text for b in playbook.bullets()]


def last(playbook: Playbook) -> tuple[str, str, str]:
    d = playbook.store.log(playbook.name, 1)[0]
    return d.author, d.by, d.reason


def test_every_change_is_a_delta_with_a_name_and_a_reason(playbook: Playbook) -> None:
    one = playbook.add("Ask for the invoice.", "Refunds", reason="told by the shop", author="Bea").bullets[0]
    assert last(playbook) == ("person", "Bea", "told by the shop")
    two = playbook.add("Offer a voucher.", "Refunds", after="first").bullets[0]
    assert texts(playbook) == ["Offer a voucher.", "Ask for the invoice."]
    done = playbook.revise(one, "Ask for the order number.")
    assert (done.revision, done.bullets, done.reason) == (3, (one,), "reworded by hand")
    assert last(playbook) == ("person", "Ada", "reworded by hand")
    with pytest.raises(Conflict, match="is not a guess"):
        playbook.activate(one)
    assert playbook.pin(one, two).bullets == (one, two)
    assert [b.pinned for b in playbook.bullets()] == [True, True]
    playbook.unpin(one[:8])
    playbook.retire(two)
    assert texts(playbook) == ["Ask for the order number."]
    playbook.restore(two)
    assert playbook.revert(3).reason == "undo revision 3"
    assert texts(playbook) == ["Offer a voucher.", "Ask for the invoice."]
    assert playbook.rollback(1).bullets
    assert texts(playbook) == ["Ask for the invoice."]
    assert playbook.store.upkeep.check() == []


def test_what_looks_like_a_twin_is_warned_of_and_what_cannot_be_is_raised(playbook: Playbook) -> None:
    one = playbook.add("Always ask for the invoice.", "Refunds").bullets[0]
    [warning] = playbook.add("Never ask for the invoice.", "Refunds").warnings
    assert one in warning
    before = playbook.revision
    with pytest.raises(BadInput, match="needs a text"):
        playbook.add(" ", "Refunds")
    with pytest.raises(BadInput, match="must be one line"):
        playbook.add("one\ntwo", "Refunds")
    with pytest.raises(BadSetting, match="needs a section"):
        playbook.add("one", "")
    with pytest.raises(BadInput, match="give force=True"):
        playbook.add("[previous items unchanged]", "Refunds")
    with pytest.raises(NotFound, match="no bullet 'ref-0000000000'"):
        playbook.revise("ref-0000000000", "text")
    with pytest.raises(Conflict, match="has that text already"):
        playbook.revise(one, "Always  ask for the invoice.")
    with pytest.raises(Conflict, match="not pinned"):
        playbook.unpin(one)
    with pytest.raises(BadSetting, match="needs the id of a bullet"):
        playbook.retire()
    with pytest.raises(UnknownName, match="reasn"):
        playbook.pin(one, reasn="typo")  # type: ignore[call-arg]
    with pytest.raises(BadInput, match="the reason must be one line"):
        playbook.pin(one, reason="a\nb")
    assert playbook.revision == before
    playbook.retire(one)
    with pytest.raises(Conflict, match="was retired by revision"):
        playbook.revise(one, "text")
    assert playbook.add("[previous items unchanged]", "Refunds", force=True).revision == before + 2


def test_a_merge_decides_or_names_what_is_undecided(playbook: Playbook) -> None:
    one = playbook.add("one", "Refunds").bullets[0]
    playbook.store.branches.fork("support", "trial")
    trial = ace.open("trial", store=playbook.store)
    trial.revise(one, "uno")
    trial.add("two", "Refunds")
    playbook.revise(one, "ein")
    with pytest.raises(Conflict, match=one):
        playbook.merge("trial")
    assert texts(playbook) == ["ein"]
    assert playbook.merge("trial", take={one: "theirs"}, author="Bea").reason == "merge of trial@3"
    assert (texts(playbook), last(playbook)[1]) == (["uno", "two"], "Bea")
    again = playbook.merge("trial")
    assert (again.bullets, again.revision) == ((), playbook.revision)


def test_a_playbook_goes_out_into_files_and_comes_back(playbook: Playbook, tmp_path: Path) -> None:
    playbook.add("Ask for the invoice.", "Refunds")
    assert "Ask for the invoice." in playbook.export()
    assert playbook.export(format="json").startswith("{")
    assert '"histories"' in playbook.export(history=True)
    rules = tmp_path / "AGENTS.md"
    rules.write_bytes(b"# House\r\nBe kind.\r\n")
    playbook.export(rules)
    assert rules.read_bytes().startswith(b"# House\r\nBe kind.\r\n")
    notes = tmp_path / "notes.md"
    notes.write_text("my own\n")
    with pytest.raises(BadInput, match="force"):
        playbook.export(notes)
    assert notes.read_text() == "my own\n"
    playbook.export(notes, force=True)
    assert (tmp_path / "notes.md.bak").read_text() == "my own\n"
    other = ace.open("other", store=playbook.store)
    done = other.import_(notes)
    assert (len(done.added), texts(other)) == (1, texts(playbook))
    assert len(other.import_(text="## Fees\n- Ask twice.\n", dry_run=True).added) == 1
    assert len(other.import_(text="## Fees\n- Ask twice.\n", author="Bea").added) == 1
    assert last(other) == ("import", "Bea", "imported from a text (plain)")
    with pytest.raises(BadSetting, match="a file or a text"):
        other.import_()
    with pytest.raises(BadSetting, match="history"):
        other.import_(text=playbook.export(history=True))


def test_each_has_an_async_form(playbook: Playbook) -> None:
    async def edit() -> None:
        one = (await playbook.aadd("one", "Refunds", author="Bea")).bullets[0]
        await playbook.arevise(one, "two")
        with pytest.raises(Conflict, match="is not a guess"):
            await playbook.aactivate(one)
        await playbook.ademote(one)
        await playbook.aactivate(one)
        await playbook.apin(one)
        await playbook.aunpin(one)
        await playbook.aescalate(one)
        await playbook.adeescalate(one)
        await playbook.aadd("three", "Refunds")
        await playbook.aretire(one)
        await playbook.arestore(one)
        await playbook.arevert(2)
        await playbook.arollback(1)
        assert "one" in await playbook.aexport()
        await playbook.aimport(text="## Fees\n- four\n")

    asyncio.run(edit())
    assert texts(playbook) == ["one", "four"]


def test_programs_that_edit_at_once_lose_nothing(playbook: Playbook) -> None:
    async def edit() -> None:
        await asyncio.gather(*(playbook.aadd(f"lesson number {n} of its own", f"Part {n}") for n in range(20)))

    asyncio.run(edit())
    assert playbook.revision == 20
    assert len(texts(playbook)) == 20


def task(**said: Any) -> Task:
    """A task as a program may make one by mistake."""
    return Task(**{"id": "t", "text": "x", **said})


@pytest.mark.parametrize(
    ("change", "why"),
    {
        "a text": (lambda p: p.add(3, "Fees"), "the text is 3; it must be a text"),
        "a section": (lambda p: p.add("x", 3), "the section's name is 3; it must be a text"),
        "a place": (lambda p: p.add("x", "Fees", after=3), "after is 3; it must be a text"),
        "a reason": (lambda p: p.add("x", "Fees", reason=3), "the reason is 3; it must be a text"),
        "an author": (lambda p: p.add("x", "Fees", author=3), "the author's name is 3; it must be a text"),
        "an id to revise": (lambda p: p.revise(3, "x"), "the id of a bullet is 3; it must be a text"),
        "an id to retire": (lambda p: p.retire(None), "the id of a bullet is None; it must be a text"),
        "another playbook": (lambda p: p.merge(3), "the other playbook is 3; it must be a text"),
        "a format to write": (lambda p: p.export(format=3), "format is 3; it must be a text"),
        "a format to read": (lambda p: p.import_("x.md", format=3), "format is 3; it must be a text"),
        "a text to import": (lambda p: p.import_(text=b"- x"), "text is b'- x'; it must be a text"),
        "a text to search": (lambda p: p.relevant(3), "the text is 3; it must be a text"),
        "a number of bullets": (lambda p: p.relevant("x", limit=-1), "limit is -1; it must be a whole number, 1 or more"),
        "a number of attempts": (lambda p: p.fit("x"), "limit is 'x'; it must be a whole number, 1 or more"),
        "a task's text": (lambda p: p.episode(task(text=None)), "the text of a task is None; it must be a text"),
        "a task's data": (lambda p: p.episode(task(data=3)), "the data of a task is 3; it must be a mapping"),
        "a kind": (lambda p: p.effects(3), "kind is 3; it must be a text"),
        "a listener": (lambda p: p.listen(3), "a listener is 3; it must be a function, which is given each event"),
        "a key": (lambda p: p.report(b"k", True), "the key is b'k'; it must be a text"),
        "a key to keep": (lambda p: p.episode("x").later(3), "the key is 3; it must be a text"),
        "a file of attempts": (lambda p: p.import_attempts(3), "a file is 3; it must be its path, a text or a Path"),
        "a form": (lambda p: p.import_attempts("x", form=3), "form is 3; it must be a text"),
        "a file to write": (lambda p: p.export(3), "a file is 3; it must be its path, a text or a Path"),
        "how to export": (lambda p: p.export(history=1), "history is 1; it must be True or False"),
        "how to import": (lambda p: p.import_(text="- x", strict="no"), "strict is 'no'; it must be True or False"),
        "how firmly": (lambda p: p.add("x", "Fees", force="no"), "force is 'no'; it must be True or False"),
    }.values(),
)
def test_a_value_of_another_type_is_refused_in_one_line(
    playbook: Playbook, change: Callable[[Playbook], object], why: str
) -> None:
    with pytest.raises(BadSetting) as caught:
        change(playbook)
    assert str(caught.value) == why
    assert playbook.revision == 0


def test_what_export_refuses_names_the_keywords_of_python(playbook: Playbook, tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("# Ours\n\nprose\n", encoding="utf-8")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"to": "x.foo"}, "give format=, one of"),
        ({"format": "plain", "history": True}, "history=True is for the json format"),
        ({"to": tmp_path / "mine.md"}, "or give force=True"),
    ]
    for given, why in wrong:
        with pytest.raises((BadInput, BadSetting)) as caught:
            playbook.export(**given)
        assert why in str(caught.value)
        assert "--" not in str(caught.value)
