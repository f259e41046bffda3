"""Killed, out of room or locked out: what was committed is there, what was paid for is used, and a line says what to do."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import killing
from tests.killing import EDITS, RUN, Ended, as_anybody, begin, book, end, in_flight, journaled, ran, reasons, sent
from tests.warm import ACE

KILLS, CHAINS = 3, 2

linux = pytest.mark.skipif(sys.platform != "linux", reason="root cannot give up its rights to files here")


@dataclass(frozen=True)
class Unbroken:
    """A run that nothing happened to: its playbook, and the requests it sent."""

    book: tuple[str, list[object]]
    sent: Counter[str]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Unbroken:
    cwd = tmp_path_factory.mktemp("unbroken")
    assert ran(*RUN, cwd=cwd).status == 0
    return Unbroken(book(cwd / "ace.db"), Counter(sent(cwd)))


def finish(cwd: Path) -> None:
    """Go on with the run in `cwd`, or begin it where there is none yet."""
    done = ran("run", "resume", cwd=cwd)
    if "every run in this store is finished" in done.err:
        # It was killed when nothing was left to do but to say so.
        return
    if done.status == 2 and ("no run" in done.err or "there is no store" in done.err or "is empty" in done.err):
        done = ran(*RUN, cwd=cwd)
    assert done.status == 0, done.err


def require_one_line(ended: Ended, *words: str) -> None:
    """It ended with a user's mistake, and the last line, which is no traceback, says these words."""
    assert ended.status == 2, ended
    assert "Traceback" not in ended.err
    last = ended.err.splitlines()[-1]
    assert last.startswith("ace: ")
    for word in words:
        assert word in last


# Killed


@pytest.mark.parametrize("chain", range(CHAINS))
def test_killed_again_and_again_a_run_ends_as_if_nothing_had_happened_and_pays_for_nothing_twice(
    tmp_path: Path, unbroken: Unbroken, chain: int
) -> None:
    draw, path = random.Random(chain), tmp_path / "ace.db"
    again = Counter[str]()
    for moment in sorted(draw.sample(range(1, sum(unbroken.sent.values())), KILLS)):
        process = begin(ACE, *(("run", "resume") if sent(tmp_path) else RUN), cwd=tmp_path)
        killing.wait_for(process, lambda m=moment: len(sent(tmp_path)) >= m)  # type: ignore[misc]
        time.sleep(draw.uniform(0, 0.02))
        process.kill()
        assert end(process).status != 2
        book(path)
        # What was sent is known to the journal, answered or not: a call is written down before it is made.
        assert Counter(sent(tmp_path)) <= journaled(path) + in_flight(path) + again
        again += in_flight(path)
    finish(tmp_path)
    assert book(path) == unbroken.book
    assert in_flight(path) == Counter()
    # Nothing but what was in flight was sent more often than in the run that nothing happened to.
    assert Counter(sent(tmp_path)) - unbroken.sent <= again
    assert journaled(path) == unbroken.sent


def test_killed_at_any_moment_edits_that_were_said_to_be_done_are_there(tmp_path: Path) -> None:
    draw, path = random.Random(2), tmp_path / "ace.db"
    known: list[str] = []
    for n in range(KILLS * CHAINS):
        process = begin(EDITS, str(100 * n), cwd=tmp_path)
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(1 + draw.randrange(10))]
        time.sleep(draw.uniform(0, 0.1))
        process.kill()
        ended = end(process)
        assert ended.status < 0, ended.err
        done = "".join([*said, ended.out]).splitlines()[1:]
        there = reasons(path) if path.exists() else []
        # The last one may have been committed, and the process killed before it could say so.
        assert there[: len(known) + len(done)] == known + done
        assert len(there) <= len(known) + len(done) + 1
        known = there
    assert len(known) > KILLS * CHAINS


# Out of room


@pytest.mark.parametrize("room", [3_000, 150_000, 450_000, 800_000])
def test_a_run_that_meets_the_limit_of_a_file_says_so_and_can_be_gone_on_with(
    tmp_path: Path, unbroken: Unbroken, room: int
) -> None:
    ended = end(begin(killing.starved(ACE), str(room), *RUN, cwd=tmp_path))
    require_one_line(ended, "ace.db", "make room", "all that was committed is there")
    told = "go on with: ace run resume" in ended.err
    path = tmp_path / "ace.db"
    again = in_flight(path) if told else Counter[str]()
    assert Counter(sent(tmp_path)) <= (journaled(path) if told else Counter()) + again
    finish(tmp_path)
    assert book(path) == unbroken.book
    assert Counter(sent(tmp_path)) - unbroken.sent <= again


def test_edits_that_meet_the_limit_of_a_file_are_there_or_refused(tmp_path: Path) -> None:
    first = begin(EDITS, "0", cwd=tmp_path)
    assert first.stdout is not None
    known = [first.stdout.readline() for _ in range(5)][1:]
    first.kill()
    known = "".join([*known, end(first).out]).splitlines()
    there = reasons(tmp_path / "ace.db")
    assert there[: len(known)] == known
    room = (tmp_path / "ace.db").stat().st_size + 20_000
    ended = end(begin(killing.starved(EDITS), str(room), "100", cwd=tmp_path))
    require_one_line(ended, "ace.db", "make room", "all that was committed is there")
    done = ended.out.splitlines()[1:]
    assert done
    assert reasons(tmp_path / "ace.db") == there + done
    added = ran("playbook", "add", "support", "-s", "Refunds", "-t", "there is room again", "-r", "room", cwd=tmp_path)
    assert added.status == 0, added.err
    assert reasons(tmp_path / "ace.db") == [*there, *done, "room"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own, which is soon full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if _mount("-t", "tmpfs", "-o", "size=600k", "none", str(folder)):
        pytest.skip("a disk of its own takes the right to mount one")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def _mount(*arguments: str) -> bool:
    """Try to mount; gives whether that failed."""
    try:
        return subprocess.run(["mount", *arguments], capture_output=True).returncode != 0
    except FileNotFoundError:
        return True


def test_on_a_full_disk_a_run_stops_with_what_to_do_and_goes_on_when_there_is_room(
    small_disk: Path, tmp_path: Path, unbroken: Unbroken
) -> None:
    # The disk is the store's alone.
    ended = end(begin(ACE, *RUN, cwd=small_disk, requests=tmp_path / "sent"))
    require_one_line(ended, "the disk is full; free some space", "all that was committed is there")
    assert "go on with: ace run resume" in ended.err
    path = small_disk / "ace.db"
    assert not _mount("-o", "remount,size=20m", str(small_disk))
    again = in_flight(path)
    assert Counter(sent(tmp_path)) <= journaled(path) + again
    assert end(begin(ACE, "run", "resume", cwd=small_disk, requests=tmp_path / "sent")).status == 0
    assert book(path) == unbroken.book
    assert Counter(sent(tmp_path)) - unbroken.sent <= again


def test_a_full_disk_takes_nothing_from_what_is_there(small_disk: Path) -> None:
    assert ran("playbook", "add", "support", "-s", "A", "-t", "one", "-r", "first", cwd=small_disk).status == 0
    with (small_disk / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while filler.write(bytes(4096)):
            pass
    ended = ran("playbook", "add", "support", "-s", "A", "-t", "two", "-r", "second", cwd=small_disk)
    require_one_line(ended, "ace.db", "all that was committed is there")
    (small_disk / "filler").unlink()
    assert reasons(small_disk / "ace.db") == ["first"]
    assert not _mount("-o", "remount,size=20m", str(small_disk))
    assert ran("playbook", "add", "support", "-s", "A", "-t", "two", "-r", "second", cwd=small_disk).status == 0
    assert reasons(small_disk / "ace.db") == ["first", "second"]


# Locked out


def lock(folder: Path) -> None:
    for path in folder.glob("ace.db*"):
        path.chmod(0o444)
    folder.chmod(0o555)


def unlock(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.glob("ace.db*"):
        path.chmod(0o644)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that can be written again afterwards."""
    path = tmp_path / "work"
    path.mkdir()
    yield path
    unlock(path)


@linux
def test_a_run_whose_store_is_made_read_only_ends_well_or_says_so_and_is_gone_on_with(
    folder: Path, tmp_path: Path, unbroken: Unbroken
) -> None:
    process = begin(ACE, *RUN, cwd=folder, before=as_anybody, requests=tmp_path / "sent")
    killing.wait_for(process, lambda: len(sent(tmp_path)) >= 60)
    lock(folder)
    ended = end(process)
    assert "Traceback" not in ended.err
    if ended.status:
        require_one_line(ended, "read-only")
    resumed = end(begin(ACE, "run", "resume", cwd=folder, before=as_anybody, requests=tmp_path / "sent"))
    require_one_line(resumed, "read-only; make it writable")
    unlock(folder)
    if ended.status:
        assert end(begin(ACE, "run", "resume", cwd=folder, requests=tmp_path / "sent")).status == 0
    assert book(folder / "ace.db") == unbroken.book
    assert Counter(sent(tmp_path)) == unbroken.sent


@linux
def test_edits_of_a_store_that_is_made_read_only_are_there_or_refused(folder: Path) -> None:
    process = begin(EDITS, "0", cwd=folder, before=as_anybody)
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(6)]
    lock(folder)
    ended = end(process)
    require_one_line(ended, "read-only")
    unlock(folder)
    done = "".join([*said, ended.out]).splitlines()[1:]
    there = reasons(folder / "ace.db")
    assert there[: len(done)] == done
    assert len(there) <= len(done) + 1


@linux
def test_what_a_killed_program_left_can_be_read_where_nothing_may_be_written(folder: Path) -> None:
    process = begin(EDITS, "0", cwd=folder)
    assert process.stdout is not None
    for _ in range(4):
        process.stdout.readline()
    process.kill()
    process.communicate()
    lock(folder)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    log = end(begin(ACE, "playbook", "log", "support", "--json", cwd=folder, before=as_anybody))
    assert log.status == 0, log.err
    assert log.out.count('"reason": "0 ') >= 3
    checked = end(begin(ACE, "store", "check", cwd=folder, before=as_anybody))
    assert checked.status == 0, checked.err
    added = end(begin(ACE, "playbook", "add", "support", "-s", "A", "-t", "b", "-r", "c", cwd=folder, before=as_anybody))
    require_one_line(added, "read-only; make it writable")
    after = {p.name: p.read_bytes() for p in folder.iterdir()}
    # Who reads marks the place up to which he does, in the index of the log, if he can.
    before.pop("ace.db-shm", after.pop("ace.db-shm", None))
    assert after == before
