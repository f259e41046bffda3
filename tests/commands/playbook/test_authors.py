"""In whose name a change stands in the log, and what its reason is where none was given."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ace.editing import author
from tests.commands.playbook.test_edit import added, require_refused
from tests.commands.said import Ace


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No name from this machine's settings."""
    for name in ("ACE_AUTHOR", "GIT_CONFIG_COUNT", "USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    author._git.cache_clear()


def by(ace: Ace, *more: str) -> str:
    return str(ace("playbook", "log", "support", "--json", *more).json[0]["by"])


@pytest.mark.usefixtures("nobody")
def test_the_name_is_that_which_was_said_nearest(ace: Ace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    added(ace, "one")
    assert by(ace) == "ada"
    subprocess.run(["git", "config", "--file", str(tmp_path / "gitconfig"), "user.name", "Ada Lovelace"], check=True)
    author._git.cache_clear()
    added(ace, "two")
    assert by(ace) == "Ada Lovelace"
    monkeypatch.setenv("ACE_AUTHOR", "Augusta")
    added(ace, "three")
    assert by(ace) == "Augusta"
    added(ace, "four", "--author", "Countess")
    assert by(ace) == "Countess"


@pytest.mark.usefixtures("nobody")
def test_where_there_is_no_git_the_system_s_user_is_named(ace: Ace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("LOGNAME", "ada")
    added(ace, "one")
    assert by(ace) == "ada"


def test_every_change_by_hand_bears_the_name_and_has_a_reason(ace: Ace, tmp_path: Path) -> None:
    one = added(ace, "one")
    (tmp_path / "more.txt").write_text("## Fees\n- Ask twice.\n")
    changes = [
        (("revise", "support", one, "-t", "two"), "reworded by hand"),
        (("pin", "support", one), "pinned by hand"),
        (("unpin", "support", one), "unpinned by hand"),
        (("retire", "support", one, "--force"), "retired by hand"),
        (("restore", "support", one), "restored by hand"),
        (("add", "support", "-s", "Fees", "-t", "three"), "added by hand"),
        (("revert", "support", "7"), "undo revision 7"),
        (("rollback", "support", "1"), "back to revision 1"),
        (("import", "more.txt", "support"), "imported from more.txt (plain)"),
    ]
    for arguments, reason in changes:
        assert ace("playbook", *arguments, "--author", "Ada").status == 0, arguments
        [delta] = ace("playbook", "log", "support", "--json", "-n", "1").json
        assert (delta["by"], delta["reason"]) == ("Ada", reason)
    assert ace("playbook", "fork", "support@1", "trial").status == 0
    assert ace("playbook", "add", "trial", "-s", "Fees", "-t", "four").status == 0
    assert ace("playbook", "merge", "support", "trial", "--author", "Bea").status == 0
    assert by(ace) == "Bea"


def test_the_name_is_told_wherever_the_change_is(ace: Ace, tmp_path: Path) -> None:
    one = added(ace, "one", "--author", "Ada")
    ace("playbook", "revise", "support", one, "-t", "two", "--author", "Bea Bell")
    assert "Bea Bell" in ace("playbook", "log", "support").out
    assert "Ada" in ace("playbook", "why", "support", one).out
    assert "Bea Bell" in ace("playbook", "blame", "support").out
    assert len(ace("playbook", "log", "support", "--author", "Ada", "--json").json) == 1
    assert len(ace("playbook", "log", "support", "--author", "person", "--json").json) == 2
    require_refused(ace("playbook", "log", "support", "--author", "Cy"), "no delta by 'Cy'", "Ada, Bea Bell, person")
    # A history takes the names along, and comes in with them.
    assert ace("playbook", "export", "support", "--history", "-o", "all.json").status == 0
    assert ace("playbook", "import", "all.json", "copy").status == 0
    assert [d["by"] for d in ace("playbook", "log", "copy", "--json").json] == ["Bea Bell", "Ada"]
    assert ace("playbook", "verify", "copy").status == 0
    assert ace("store", "check").status == 0


def test_a_name_does_not_stand_in_for_a_person_s_right_over_pins(ace: Ace) -> None:
    """What a pin holds against is the kind of author; a name changes nothing in it."""
    one = added(ace, "one", "--author", "curator")
    assert ace("playbook", "pin", "support", one, "--author", "import").status == 0
    assert ace("playbook", "revise", "support", one, "-t", "two", "--author", "curator").status == 0
    assert ace("playbook", "log", "support", "--json").json[0]["author"] == "person"


@pytest.mark.parametrize(
    ("name", "words"),
    [("a\x1b[31mb", "control character"), ("two\nlines", "must be one line"), ("x" * 101, "it may have 100")],
)
def test_what_cannot_be_a_name_is_refused_and_nothing_is_written(
    ace: Ace, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    add = ("playbook", "add", "support", "-s", "A", "-t", "one")
    require_refused(ace(*add, "--author", name), "the author's name", words)
    monkeypatch.setenv("ACE_AUTHOR", name)
    require_refused(ace(*add), words)
    assert not Path("ace.db").exists()
