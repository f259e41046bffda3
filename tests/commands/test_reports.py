"""`report`: a page in a file, which replaces a page of ace alone; every mistake is one line, and nothing is lost."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ace.binding import unsigned
from ace.experiments.arms import arms_of
from ace.experiments.design import designed
from ace.memory.store import Store
from ace.memory.values import RunStatus
from ace.settings import RunSettings
from tests.commands.said import Ace
from tests.pages.reading import read
from tests.starting import started

_PROC = pytest.mark.skipif(sys.platform != "linux", reason="a folder that takes no file, not even of root")


@pytest.fixture
def run(ace: Ace) -> str:
    """The id of a run that has done nothing yet, in the store of the folder; its playbook is `book`."""
    with Store.open("ace.db") as store:
        store.ensure_playbook("book")
        begun = started(store, {"environment": "e", "model": "m", "strategy": "ace", "seed": 0, "batch": 2})
        design = designed(RunSettings(environment="e"), arms_of("empty,ace"), (0, 1))
        store.experiments.begin(design.as_json(), unsigned)
        store.set_run(begun.id, RunStatus.DONE, {"playbook": "book", "start": 0, "revision": 0})
    return begun.id


COMMANDS = (("run", "report", "RUN"), ("playbook", "report", "book"), ("playbook", "report", "book@0"), ("compare", "report"))


@pytest.fixture(params=COMMANDS, ids=lambda words: " ".join(words))
def report(request: pytest.FixtureRequest, run: str) -> tuple[str, ...]:
    return tuple(run if word == "RUN" else word for word in request.param)


def test_a_page_is_written_said_and_replaced_by_the_next_one(ace: Ace, report: tuple[str, ...]) -> None:
    said = ace(*report, "-o", "page.html")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("page.html: ace ")
    first = Path("page.html").read_text()
    read(first)
    for change in (bytes, lambda raw: raw.replace(b"\n", b"\r\n"), lambda raw: b"\xef\xbb\xbf" + raw):
        Path("page.html").write_bytes(change(first.encode()))
        assert ace(*report, "-o", "page.html").status == 0
    assert sorted(p.name for p in Path().glob("page*")) == ["page.html"]


def test_a_page_goes_to_standard_output_too(ace: Ace, report: tuple[str, ...]) -> None:
    for out in ((), ("-o", "-")):
        said = ace(*report, *out)
        assert said.status == 0
        read(said.out)


@pytest.mark.parametrize("there", ["", " \n"], ids=["empty", "blank"])
def test_a_file_that_holds_nothing_is_replaced(ace: Ace, report: tuple[str, ...], there: str) -> None:
    Path("page.html").write_text(there)
    assert ace(*report, "-o", "page.html").status == 0
    read(Path("page.html").read_text())


@pytest.mark.parametrize(
    ("there", "why"),
    [
        (b"<!doctype html><p>mine", "exists and is not a page that ace wrote"),
        (b"\x89PNG\r\n\x1a\n\0\0", "exists and is not a page that ace wrote"),
        (b"\xff\xfe<\0", "exists and is not a page that ace wrote"),
        (b"<!-- written by ace playbook export, sha256 " + b"0" * 32 + b" -->", "exists and is not a page that ace wrote"),
        (b"<!-- written by ace report, sha256 " + b"0" * 32 + b" -->", "was changed since ace wrote it"),
    ],
)
def test_any_other_file_is_kept_unless_forced_and_then_copied(
    ace: Ace, report: tuple[str, ...], there: bytes, why: str
) -> None:
    Path("page.html").write_bytes(there)
    said = ace(*report, "-o", "page.html")
    assert (said.status, said.out) == (2, "")
    assert said.err == f"ace: page.html {why}; name another file, or give --force, which keeps a copy\n"
    assert Path("page.html").read_bytes() == there
    assert ace(*report, "-o", "page.html", "--force").status == 0
    read(Path("page.html").read_text())
    assert Path("page.html.bak").read_bytes() == there


def test_an_export_does_not_replace_a_page(ace: Ace, report: tuple[str, ...]) -> None:
    assert ace(*report, "-o", "page.html").status == 0
    page = Path("page.html").read_bytes()
    assert ace("playbook", "export", "book", "-f", "json", "-o", "page.html").status == 2
    assert Path("page.html").read_bytes() == page


@pytest.mark.parametrize(
    ("out", "why"),
    [
        (".", "is not a file but a folder"),
        ("no/page.html", "cannot be written: there is no folder no; make it"),
        ("fifo", "not a file but a pipe"),
        pytest.param("/proc/page.html", "the folder /proc takes no new files", marks=_PROC),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_in_one_line(ace: Ace, report: tuple[str, ...], out: str, why: str) -> None:
    if out == "fifo":
        os.mkfifo("fifo")
    said = ace(*report, "-o", out)
    assert (said.status, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert why in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(ace: Ace, report: tuple[str, ...]) -> None:
    Path("shut").mkdir(mode=0o500)
    said = ace(*report, "-o", "shut/page.html")
    assert said.status == 2
    assert "cannot be written" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("run", "report", "r-nothere"),
        ("playbook", "report", "nothere"),
        ("playbook", "report", "book@9"),
        ("compare", "report", "x-nothere"),
    ],
)
def test_what_is_not_there_is_refused_and_no_file_is_made(ace: Ace, run: str, words: tuple[str, ...]) -> None:
    said = ace(*words, "-o", "page.html")
    assert (said.status, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert words[-1].partition("@")[0] in line
    assert not Path("page.html").exists()


def test_the_beginning_of_a_runs_id_is_enough(ace: Ace, run: str) -> None:
    assert ace("run", "report", run[:4], "-o", "page.html").status == 0


def test_without_a_store_none_is_made(ace: Ace) -> None:
    said = ace("run", "report", "r-1", "-o", "page.html")
    assert said.status == 2
    assert list(Path().iterdir()) == []


def test_an_experiment_is_one_page_with_its_arms_curves_and_runs(ace: Ace) -> None:
    small = ("desk", "--set", "level=easy", "--episodes", "6", "--eval", "4", "--batch", "3", "--seeds", "2")
    found = ace("compare", *small, "--arms", "empty,reflexion", "--json").json
    assert ace("compare", "report", "-o", "page.html").status == 0
    page = read(Path("page.html").read_text())
    text = page.text.replace("\xa0", " ")
    for row in found["arms"]:
        assert f"{100 * row['success']:.1f} %" in text
        assert all(run in text for run in row["runs"].values())
    assert found["conclusion"] in text
    titles = [s.findtext("title") or "" for s in page.all("svg") if s.get("class") == "chart"]
    assert titles[:2] == ["Change against empty", "Success on held-out tasks by arm"]
    assert len([t for t in titles if t.startswith("reflexion along")]) == 3
    assert page.all("polygon")
    assert ace("compare", "report", found["experiment"][:4], "-o", "page.html").status == 0
