"""Every door warns of a secret or of personal data before a bullet that holds it is committed, and never repeats it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import ace
from ace.errors import BadSetting
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.playbooks.operations import Delta
from ace.session.playbook import Playbook
from tests.commands.said import Ace
from tests.session.agents import play
from tests.stories import NAME, Story, add, revise

SECRET, KIND = "hunter2x", "password"
TEXT = f"Log in, the password is {SECRET}."
SAID = f"holds what looks like a {KIND}"


@pytest.fixture
def ace_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ace:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ACE_STORE", raising=False)
    return Ace(capsys)


@pytest.fixture
def playbook(tmp_path: Path) -> Iterator[Playbook]:
    with ace.open(NAME, store=tmp_path / "s.db") as opened:
        yield opened


def told(act: Callable[[], object]) -> list[str]:
    """The warnings of `act`, none of which repeats the secret."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        act()
    lines = [str(w.message) for w in heard if issubclass(w.category, ace.SensitiveWarning)]
    assert not any(SECRET in line for line in lines)
    return lines


def accepted(p: Playbook) -> None:
    p.accept(Story(p.store).held(add(TEXT)))


def merged(p: Playbook) -> None:
    p.add("Be kind.", "House")
    p.store.branches.fork(NAME, "other")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Story(p.store, "other").change(add(TEXT))
    p.merge("other")


def brought_in(p: Playbook) -> None:
    with Store.open(":memory:") as other, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Story(other).change(add(TEXT))
        history = other.histories.of(NAME)
    p.store.histories.bring_in(history, "copy")


def reworded(p: Playbook) -> None:
    p.revise(p.add("Be kind.", "House").bullets[0], TEXT)


DOORS: dict[str, Callable[[Playbook], object]] = {
    "added": lambda p: p.add(TEXT, "House"),
    "reworded": reworded,
    "imported": lambda p: p.import_(text=f"## House\n- {TEXT}\n"),
    "accepted in review": accepted,
    "merged": merged,
    "brought in as a history": brought_in,
    "learned": lambda p: Story(p.store).change(add(TEXT)),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_program_is_warned_once_at_every_door(playbook: Playbook, door: str) -> None:
    [line] = told(lambda: DOORS[door](playbook))
    assert SAID in line
    assert line.startswith("ace: playbook '")


def test_the_warning_names_the_bullet_and_comes_before_the_commit(playbook: Playbook) -> None:
    id = playbook.add("Be kind.", "House").bullets[0]
    [line] = told(lambda: playbook.revise(id, TEXT))
    assert line == f"ace: playbook 'support': bullet {id} {SAID}"
    seen: list[int] = []

    def looking(text: str) -> list[str]:
        seen.append(playbook.revision)
        return []

    with ace.open("other", store=Store.open(":memory:", detectors=[looking])) as other:
        before = playbook.revision
        other.add("Be brief.", "House")
    assert set(seen) == {before}


def test_what_is_not_committed_is_not_warned_of(playbook: Playbook) -> None:
    assert told(lambda: playbook.import_(text=f"- {TEXT}\n", dry_run=True)) == []
    assert len(told(lambda: playbook.import_(text=f"- {TEXT}\n"))) == 1
    assert told(lambda: playbook.import_(text=f"- {TEXT}\n")) == []
    assert told(lambda: Story(playbook.store).held(add("Call 415-555-2671."))) == []


def test_what_the_owners_hook_takes_out_is_not_warned_of() -> None:
    with Store.open(":memory:", redact=lambda t: t.replace(SECRET, "***")) as store:
        assert told(lambda: Story(store).change(add(TEXT))) == []


def test_a_detector_of_ones_own_is_asked_too_and_gives_kinds_alone(tmp_path: Path) -> None:
    def codename(text: str) -> list[str]:
        return ["code name"] if "Zeus" in text else []

    def leaking(text: str) -> list[str]:
        return [text] if "leak" in text else []

    def failing(text: str) -> list[str]:
        raise ValueError(text)

    with ace.open(NAME, store=tmp_path / "s.db", detectors=[codename]) as p:
        assert told(lambda: p.add("Ask Zeus first.", "House"))[0].endswith("holds what looks like a code name")
    with ace.open(NAME, store=tmp_path / "s.db", detectors=[leaking]) as p:
        [line] = told(lambda: p.add("Never leak 4711 hunter2x.", "House"))
        assert line.endswith("holds what looks like something that detector leaking knows")
    with ace.open(NAME, store=tmp_path / "s.db", detectors=[failing]) as p:
        [line] = told(lambda: p.add("Ask hunter2x twice.", "House"))
        assert line.endswith("detector failing failed (ValueError); what it would have found is not known")
        assert len(p.bullets()) == 3


@pytest.mark.parametrize("odd", [3, "stock", lambda: [], lambda a, b: []], ids=["number", "text", "none taken", "two taken"])
def test_what_is_not_a_detector_is_refused_when_the_store_is_opened(tmp_path: Path, odd: object) -> None:
    with pytest.raises(BadSetting, match="is not a detector; a detector is a function"):
        ace.open(NAME, store=tmp_path / "s.db", detectors=[odd])  # type: ignore[list-item]
    with Store.open(":memory:") as store, pytest.raises(BadSetting, match="belong to a store"):
        ace.open(NAME, store=store, detectors=[lambda text: []])


def test_a_detector_of_an_installed_package_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "house_words.py").write_text(
        "def words(text):\n    return ['house word'] if 'Olymp' in text else []\n", encoding="utf-8"
    )
    info = tmp_path / "house_words-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: house-words\nVersion: 1.0\n", encoding="utf-8")
    points = "[ace.detectors]\nhouse = house_words:words\nbroken = house_words:nothing\n"
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with Store.open(":memory:") as store:
        found, fault = told(lambda: Story(store).change(add("Ask at Olymp.")))
    assert found.endswith("holds what looks like a house word")
    assert fault.endswith("detector broken failed (BadInput); what it would have found is not known")


def test_strict_learning_holds_a_delta_for_review_instead(playbook: Playbook) -> None:
    play(playbook, range(20))
    codes = Store.open(
        playbook.store.upkeep.backup(None).path, detectors=[lambda text: ["word"] if "tier" in text.lower() else []]
    )
    with codes, ace.open(NAME, store=codes) as strict:
        result = strict.learn(hold_sensitive=True)
        held = strict.reviews()
        assert result.waiting == len(held) > 0
        assert all("holds what looks like a word" in w.delta.why for w in held)
        assert not any("tier" in b.text.lower() for b in strict.bullets())


CASES = {
    "add": ("add", NAME, "-s", "House", "-t", TEXT),
    "import": ("import", "rules.md", NAME),
    "merge": ("merge", NAME, "other"),
}


@pytest.mark.parametrize("command", CASES)
def test_the_command_line_warns_on_stderr_and_goes_on(ace_command: Ace, command: str) -> None:
    Path("rules.md").write_text(f"## House\n- {TEXT}\n", encoding="utf-8")
    with Store.open("ace.db") as store:
        Story(store).change(add("Be kind."))
        store.branches.fork(NAME, "other")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Story(store, "other").change(add(TEXT))
    said = ace_command("playbook", *CASES[command], "--json")
    assert said.status == 0
    json.loads(said.out)
    [line] = [line for line in said.err.splitlines() if KIND in line]
    assert line.startswith("ace: playbook 'support': ")
    assert SAID in line
    assert SECRET not in said.err


def test_many_bullets_are_counted(playbook: Playbook) -> None:
    lines = "".join(f"- Person {n} has the number 415-555-{n:04}.\n" for n in range(50))
    heard = told(lambda: playbook.import_(text=f"## House\n{lines}"))
    assert len(heard) == 21
    assert heard[-1].endswith("30 more bullets hold such things")


def test_a_section_counts_too_and_is_not_repeated(playbook: Playbook) -> None:
    [line] = told(lambda: playbook.add("Be kind.", "jane.doe@example.com"))
    assert line.endswith("is named with what looks like an e-mail address")
    assert "jane" not in line


def test_operations_that_write_no_text_are_not_looked_at(playbook: Playbook) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        id = playbook.add(TEXT, "House").bullets[0]
    assert told(lambda: playbook.pin(id)) == []
    head = playbook.store.head(NAME).hash
    assert (
        len(
            told(
                lambda: playbook.store.commit(Batch(playbook=NAME, delta=Delta(head, (revise(id, f"{TEXT} Now."),), "person")))
            )
        )
        == 1
    )
