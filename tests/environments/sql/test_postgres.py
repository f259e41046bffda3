"""PostgreSQL by its address, on a server of the test's own, where one is installed."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from ace.environments.check import check
from ace.environments.floors import play
from ace.environments.sql import SqlQuestions
from ace.environments.sql.contract import QueryLimits
from ace.environments.sql.postgres import PostgresDatabase
from ace.environments.sql.results import QueryFault
from ace.errors import BadInput
from ace.types import Outcome, Verdict
from tests.environments.sql.shop import COUNT, DUMP, NAMES, SUM, questions

INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(p) for p in [shutil.which("initdb")] if p]


def _as_nobody(folder: Path) -> dict[str, Any]:
    """The server refuses to run as root: it then runs as the user `nobody`, who owns the folder."""
    if os.geteuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server with the shop in it, without a user; `reader` may read, `owner` may do anything."""
    if not INSTALLED:
        pytest.skip("PostgreSQL is not installed: initdb was not found")
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed: pip install 'evolving-playbook[sql]'")
    home, port = INSTALLED[-1].parent, 5432  # In the name of a socket in a folder of its own.
    folder = Path(tempfile.mkdtemp(prefix="ace-pg-"))
    around: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, "check": True, **_as_nobody(folder)}
    place = str(folder / "data")
    subprocess.run(
        [home / "initdb", "-D", place, "-U", "owner", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"], **around
    )
    options = f"-p {port} -k {folder} -c listen_addresses='' -c fsync=off -c shared_buffers=16MB"
    subprocess.run([home / "pg_ctl", "-D", place, "-w", "-o", options, "-l", str(folder / "log"), "start"], **around)
    try:
        connection = importlib.import_module("psycopg").connect(
            f"host={folder} port={port} user=owner dbname=postgres", autocommit=True
        )
        with closing(connection):
            connection.execute(DUMP.replace("BEGIN TRANSACTION;", "").replace("COMMIT;", ""))
            connection.execute("CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
            connection.execute(
                "CREATE ROLE writer LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO writer; CREATE ROLE stranger LOGIN"
            )
        yield f"postgresql:///postgres?host={folder}&port={port}"
    finally:
        subprocess.run([home / "pg_ctl", "-D", place, "-m", "immediate", "stop"], **around)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def shop(server: str, tmp_path: Path) -> SqlQuestions:
    rows = questions(tmp_path / "q.jsonl", COUNT, NAMES, SUM)
    return SqlQuestions(questions=rows, database=f"{server}&user=reader")


def test_it_keeps_the_contract(shop: SqlQuestions) -> None:
    assert [c for c in check(shop, n=3).checks if not c.ok] == []
    for task in (*shop.tasks("train"), *shop.tasks("test")):
        assert play(shop, task, shop.oracle(task), 0).success
    (task,) = shop.tasks("train")
    with closing(shop.open(task, 0)) as scene:
        assert "CREATE TABLE item (\n    id integer,\n    name text,\n    price real\n);" in scene.first.text
    assert play(shop, task, lambda seen: "SELECT 3", 0) == Outcome(Verdict.SUCCESS)
    assert play(shop, task, lambda seen: "SELECT '3'", 0).verdict is Verdict.FAILURE


WRITES = """INSERT INTO item VALUES (9, 'x', 1)
DELETE FROM item
DROP TABLE item
CREATE TABLE x (a int)
CREATE TEMP TABLE x (a int)
SELECT * INTO x FROM item
WITH gone AS (DELETE FROM item RETURNING *) SELECT * FROM gone
SELECT 1; DELETE FROM item
SELECT 1; COMMIT; DELETE FROM item
COMMIT
SET TRANSACTION READ WRITE
SET default_transaction_read_only = off
COPY item TO '/tmp/x'
COPY item TO PROGRAM 'true'
SELECT pg_read_file('/etc/passwd')
SELECT lo_import('/etc/passwd')
SELECT nextval('no')
DO $$ BEGIN DELETE FROM item; END $$
LOCK TABLE item
SELECT * FROM item FOR UPDATE
VACUUM
CALL x()
PREPARE x AS SELECT 1
LISTEN x"""


@pytest.mark.parametrize("role", ["reader", "writer"])
def test_nothing_is_written(server: str, role: str) -> None:
    with closing(PostgresDatabase(f"{server}&user={role}", QueryLimits()).session()) as session:
        for query in WRITES.splitlines():
            with pytest.raises(QueryFault):
                session.run(query)
            assert session.run("SELECT count(*), min(name) FROM item").rows == ((3, "desk"),), query
        assert session.run("SELECT '%s', 100 % 7 -- %(x)s").rows == (("%s", 2),)
        # What earlier versions do not refuse goes with its transaction.
        with suppress(QueryFault):
            session.run("SELECT lo_create(0)")
        assert session.run("SELECT count(*) FROM pg_largeobject_metadata").rows == ((0,),)
        assert session.run("SELECT set_config('statement_timeout', '0', false)").rows == (("0",),)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT pg_sleep(60)", "not done within 0.5 seconds"),
        (
            "WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x % 7 + 1 FROM a) SELECT count(*) FROM a",
            "not done within 0.5 seconds",
        ),
        # Each batch of rows is in time, and all of them are not.
        ("SELECT pg_sleep(0.002) FROM generate_series(1, 900)", "not done within 0.5 seconds"),
        ("SELECT set_config('statement_timeout', '0', true), pg_sleep(0.002) FROM generate_series(1, 900)", "not done within"),
        ("SELECT repeat('x', 1000000) FROM generate_series(1, 200)", "too large"),
        ("SELECT \0", "no NUL"),
    ],
)
def test_a_query_that_takes_too_long_or_gives_too_much_is_ended(server: str, query: str, told: str) -> None:
    with closing(PostgresDatabase(f"{server}&user=reader", QueryLimits(seconds=0.5)).session()) as session:
        with pytest.raises(QueryFault, match=told):
            session.run(query)
        assert session.run("SELECT 1").rows == ((1,),)
    with closing(PostgresDatabase(f"{server}&user=reader", QueryLimits(seconds=60)).session()) as session:
        found = session.run("SELECT generate_series(1, 100000)")
        assert (len(found.rows), found.more) == (1_000, True)


def test_what_cannot_be_used_is_refused_in_one_line(server: str, tmp_path: Path) -> None:
    refusals = {
        f"{server}&user=owner": "this role may do anything or use files of the server",
        f"{server}&user=stranger": "this role can read no tables",
        f"{server}&user=nobody_such": "cannot be connected to: ",
        "postgresql:///x?host=/no/such/folder": "cannot be connected to: ",
        "postgresql://127.0.0.1:1/x": "cannot be connected to: ",
        "postgresql://reader:hunter2@127.0.0.1:1/x": "cannot be connected to: ",
        "postgresql://[": "",
    }
    for address, message in refusals.items():
        with pytest.raises(BadInput) as found:
            SqlQuestions(questions=questions(tmp_path / "q.jsonl", COUNT, NAMES), database=address).tasks("train")
        assert message in str(found.value), address
        assert "\n" not in str(found.value)
        assert "hunter2" not in str(found.value)


def test_connections_are_used_again(server: str, shop: SqlQuestions) -> None:
    (task,) = shop.tasks("train")
    for _ in range(50):
        assert play(shop, task, shop.oracle(task), 0).success
    with closing(importlib.import_module("psycopg").connect(f"{server}&user=owner", autocommit=True)) as owner:
        (count,) = owner.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'").fetchone()
        assert count <= 4
        owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")
    outcomes = [play(shop, task, shop.oracle(task), 0) for _ in range(4)]
    assert outcomes[-1].success
    assert {o.verdict for o in outcomes} <= {Verdict.SUCCESS, Verdict.INVALID}
