"""The environment `sql`: a query is right by the rows that it gives, and nothing can be written."""

from __future__ import annotations

import gc
import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ace.environments.check import check
from ace.environments.floors import measure_floors, play
from ace.environments.registry import open_environment
from ace.environments.sql import SqlQuestions
from ace.environments.sql.contract import QueryLimits
from ace.environments.sql.results import QueryFault, QueryRows, same, unlike
from ace.environments.sql.sqlite import SqliteDatabase
from ace.errors import BadInput, UserError
from ace.installing import pip_install
from ace.types import Observation, Outcome, Split, Task, Verdict
from tests.commands.said import Ace
from tests.environments.sql.shop import COUNT, DUMP, NAMES, SUM, dump, questions


@pytest.fixture
def shop(tmp_path: Path) -> SqlQuestions:
    return SqlQuestions(questions=questions(tmp_path / "q.jsonl", COUNT, NAMES, SUM), database=str(dump(tmp_path / "shop.sql")))


def task(environment: SqlQuestions, name: str) -> Task:
    return next(t for s in ("train", "test") for t in environment.tasks(s) if t.id == name)


def said(environment: SqlQuestions, name: str, *replies: str) -> list[Observation | Outcome]:
    scene = environment.open(task(environment, name), 0)
    with closing(scene):
        return [scene.act(reply) for reply in replies]


@pytest.mark.parametrize(
    ("name", "reply", "right"),
    [
        ("count", "answer: SELECT count(*) FROM item", True),
        ("count", "SELECT 3", True),
        ("count", "SELECT 3.0;", True),
        ("count", "```sql\nSELECT 3\n```", True),
        ("count", "Here it is:\n\n```sql\nSELECT 3;\n```\nIt counts.", True),
        ("count", "Answer: ```sql\nSELECT 3\n```", True),
        ("count", "answer: The query is\n```\nSELECT 3\n```\nas asked.", True),
        ("count", "SELECT '3'", False),
        ("count", "SELECT 3, 3", False),
        ("count", "SELECT 3 UNION ALL SELECT 3", False),
        ("count", "3", False),
        ("names", "SELECT name FROM item ORDER BY price", True),
        ("names", "SELECT name, price FROM item ORDER BY price, name", True),
        ("names", "SELECT price, name FROM item ORDER BY price", False),
        ("names", "SELECT name FROM item ORDER BY price DESC", False),
        ("sum", "SELECT 2, NULL UNION ALL SELECT 1, 3", True),
        ("sum", "SELECT 2, 0 UNION ALL SELECT 1, 3", False),
        ("sum", "WITH s AS (SELECT item AS i, sum(pieces) AS p FROM sale GROUP BY 1) SELECT * FROM s ORDER BY i DESC", True),
    ],
)
def test_an_answer_is_right_by_its_rows(shop: SqlQuestions, name: str, reply: str, right: bool) -> None:
    (outcome,) = said(shop, name, reply)
    assert isinstance(outcome, Outcome)
    assert outcome.valid
    assert outcome.success is right


def test_the_agent_may_look_before_it_answers(shop: SqlQuestions) -> None:
    seen = said(shop, "names", "schema", "look: SELECT name, price FROM item", "look nothing", "answer: SELECT 1")
    assert [type(s).__name__ for s in seen] == ["Observation"] * 3 + ["Outcome"]
    texts = [s.text for s in seen if isinstance(s, Observation)]
    assert "CREATE TABLE item (id integer, name text, price real);" in texts[0]
    assert texts[1] == "name | price\nlamp | 9.5\ndesk | 120.0\nsemi;colon | 1.0\n(3 rows)"
    assert texts[2].startswith("The query was not run: near")
    first = shop.open(task(shop, "names"), 0).first.text
    assert "CREATE TABLE sale" in first
    assert "in the order that is asked for.\n" in first


def test_what_is_told_of_a_wrong_answer(shop: SqlQuestions) -> None:
    (lost,) = said(shop, "count", "SELECT 4 AS n")
    how = "there are as many rows and columns as there should be, with other values"
    assert lost == Outcome(Verdict.FAILURE, feedback=f"These are not the rows that are asked for: {how}.\nn\n4\n(1 row)")
    (lost,) = said(shop, "names", "SELECT 4 AS n")
    assert lost == Outcome(Verdict.FAILURE)
    assert said(shop, "count", "SELECT 3", "SELECT 3")[1] == Outcome(Verdict.FAILURE, reason="the question was answered before")


@pytest.mark.parametrize(
    ("given", "how"),
    [
        (["a", "b", "c"], "the rows are right and their order is not"),
        (["b", "a", "x"], "with other values"),
        (["b", "a"], "too few rows"),
        (["b", "a", "c", "a"], "too many rows"),
        ([], "too few rows"),
    ],
)
def test_how_rows_are_unlike_the_nearest_accepted_ones(given: list[str], how: str) -> None:
    accepted = [QueryRows(("n",), (("b",), ("a",), ("c",))), QueryRows(("n", "m"), (("b", 1),))]
    assert how in unlike(QueryRows(("n",), tuple((x,) for x in given)), accepted)


def test_columns_are_counted_first() -> None:
    accepted = [QueryRows(("n", "m"), (("b", 1),))]
    assert unlike(QueryRows(("n",), (("b",),)), accepted) == "there are too few columns"
    assert unlike(QueryRows(("a", "b", "c"), ()), accepted) == "there are too many columns"


WRITES = """INSERT INTO item VALUES (9, 'x', 1)
UPDATE item SET price = 0
DELETE FROM item
DROP TABLE item
CREATE TABLE x (a)
CREATE TEMP TABLE x (a)
CREATE VIEW v AS SELECT 1
ALTER TABLE item ADD COLUMN x
REPLACE INTO item VALUES (1, 'x', 1)
PRAGMA query_only = off
PRAGMA writable_schema = on
PRAGMA journal_mode = wal
ATTACH DATABASE '{place}/other.db' AS other
VACUUM INTO '{place}/other.db'
VACUUM
REINDEX
BEGIN
COMMIT
SAVEPOINT a
EXPLAIN DELETE FROM item
SELECT load_extension('x')
SELECT writefile('{place}/other.db', 'x')
SELECT readfile('/etc/passwd')
SELECT 1; DELETE FROM item
SELECT 1;; DROP TABLE item
WITH x AS (SELECT 1) DELETE FROM item
SELECT * FROM pragma_database_list
CREATE VIRTUAL TABLE t USING fts5(a)"""


@pytest.mark.parametrize("query", WRITES.splitlines())
def test_nothing_is_written(tmp_path: Path, query: str) -> None:
    file = tmp_path / "shop.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(DUMP)
    before = file.read_bytes()
    with closing(SqliteDatabase(file, QueryLimits()).session()) as session:
        with pytest.raises(QueryFault):
            session.run(query.format(place=tmp_path))
        assert session.run("SELECT count(*) FROM item").rows == ((3,),)
    assert file.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["shop.db"]


ENDLESS = "WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a) SELECT "


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (f"{ENDLESS} count(*) FROM a", "not done within 0.2 seconds"),
        (f"{ENDLESS} x FROM a ORDER BY -x", "not done within 0.2 seconds"),
        ("SELECT a.sql, b.sql FROM sqlite_master a, sqlite_master b, item, item, item, item, item, item, item, item", ""),
        ("SELECT zeroblob(1000000000)", "not authorized"),
        ("SELECT replace(printf('%900000d', 1), ' ', 'ab')", "too big"),
        (f"{ENDLESS} x, printf('%1000000d', x) FROM a LIMIT 90", "the rows are too large"),
        (f"SELECT '{'a' * 90_000}' LIKE '{'%a' * 150}b'", "too complex"),
    ],
)
def test_a_query_that_takes_too_long_or_gives_too_much_is_ended(tmp_path: Path, query: str, told: str) -> None:
    database = SqliteDatabase(dump(tmp_path / "shop.sql"), QueryLimits(seconds=0.2))
    with closing(database.session()) as session:
        if told:
            with pytest.raises(QueryFault, match=told):
                session.run(query)
        else:
            assert len(session.run(query).rows) <= 1_000
        assert session.run(f"{ENDLESS} x FROM a LIMIT 2000").more


def test_it_keeps_the_contract(shop: SqlQuestions) -> None:
    report = check(shop, n=3)
    assert [c for c in report.checks if not c.ok] == []
    floors = measure_floors(shop, shop.tasks("test"), 0)
    assert floors.oracle is not None
    assert floors.nothing is not None
    assert (floors.oracle.success, floors.nothing.success, floors.random) == (1, 0, None)
    assert [t.kind for t in shop.tasks("test")] == ["order", ""]


def test_a_database_that_is_gone_makes_an_attempt_invalid(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(DUMP)
    environment = SqlQuestions(questions=questions(tmp_path / "q.jsonl", COUNT, NAMES), database=str(file))
    (one,) = environment.tasks("train")
    file.unlink()
    assert play(environment, one, environment.oracle(one), 0).verdict is Verdict.INVALID


def test_sixteen_scenes_at_once_and_no_descriptor_left(shop: SqlQuestions) -> None:
    (one,) = shop.tasks("train")
    before = len(list(Path("/proc/self/fd").iterdir()))
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(lambda _: play(shop, one, shop.oracle(one), 0), range(200)))
    assert all(outcome.success for outcome in outcomes)
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1


def test_what_was_loaded_goes_with_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    environment = SqlQuestions(
        questions=questions(tmp_path / "q.jsonl", COUNT, NAMES), database=str(dump(tmp_path / "shop.sql"))
    )
    assert environment.describe()["databases"] == 1
    assert len(list((tmp_path / "temporary").iterdir())) == 1
    del environment
    gc.collect()
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"question": "x"}, "line 1: 'gold' must be a query or a list of queries"),
        ({"Question": "x"}, "line 1: this is not a task: it has no 'question'; did you mean 'Question'?"),
        (COUNT | {"gold": []}, "line 1: 'gold' must be a query or a list of queries"),
        (COUNT | {"gold": "SELECT no FROM item"}, "line 1: an accepted query cannot be run: no such column: no"),
        (COUNT | {"gold": "SELECT 1; SELECT 2"}, "line 1: an accepted query cannot be run: "),
        (COUNT | {"gold": "DELETE FROM item"}, "line 1: an accepted query cannot be run: "),
        (COUNT | {"ordered": "yes"}, "'ordered' true or false"),
        (COUNT | {"db": 3}, "'instructions' and 'db' must be texts"),
        (COUNT | {"split": 3}, "'split' is 3; it must be one of train, val, test"),
        (NAMES | {"id": "count2"}, "line 2: the same is asked at"),
        (COUNT | {"question": "Another?", "id": "names"}, "line 2: the id 'names' stands at"),
        ([1], "line 1: this is not a JSON object"),
    ],
)
def test_a_line_that_is_not_a_question_is_refused_by_line(tmp_path: Path, row: Any, message: str) -> None:
    with pytest.raises(BadInput) as found:
        SqlQuestions(questions=questions(tmp_path / "q.jsonl", row, NAMES), database=str(dump(tmp_path / "shop.sql"))).tasks(
            "train"
        )
    assert message in str(found.value)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("query", "ordered"),
    [
        ("SELECT name FROM item GROUP BY name ORDER BY count(*) DESC, (lower((name)))", True),
        ("SELECT name FROM (SELECT name FROM item ORDER BY price)", False),
        ("SELECT rank() OVER (ORDER BY price) FROM item", False),
    ],
)
def test_an_order_within_parentheses_is_not_that_of_the_rows(tmp_path: Path, query: str, ordered: bool) -> None:
    file = questions(tmp_path / "q.jsonl", COUNT, NAMES | {"gold": query})
    environment = SqlQuestions(questions=file, database=str(dump(tmp_path / "shop.sql")))
    assert task(environment, "names").data["ordered"] is ordered


def test_a_folder_of_questions_and_a_missing_database_are_named(tmp_path: Path) -> None:
    file = questions(tmp_path / "q.jsonl", COUNT, NAMES)
    for given, why in (
        ({"questions": tmp_path, "database": str(tmp_path)}, f"^{tmp_path} is a folder; questions are a file"),
        ({"questions": file, "database": "no_such"}, rf"^database=no_such does not exist \(looked for {Path.cwd()}/no_such\);"),
        ({"questions": file, "database": f"{tmp_path}/none"}, f"^database={tmp_path}/none does not exist; a database is"),
    ):
        with pytest.raises(BadInput, match=why):
            SqlQuestions(**given).tasks("train")  # type: ignore[arg-type]


def places(folder: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Databases that cannot be used, what is said of each, and the row that asks for it."""
    yield str(folder / "missing.sql"), "does not exist", COUNT
    yield (
        str(dump(folder / "half.sql", "CREATE TABLE a (b);\n\nINSERT INTO a\nVALUES (1, 2);\n")),
        "half.sql, line 3: the dump does not load",
        COUNT,
    )
    yield (
        str(dump(folder / "attach.sql", "ATTACH '/tmp/x.db' AS x;\n")),
        "line 1: the dump does not load into SQLite: not authorized",
        COUNT,
    )
    yield str(dump(folder / "text.sql", "hello\n")), "line 1: the dump does not load", COUNT
    yield (
        str(dump(folder / "open.sql", "CREATE TABLE a (b);\nINSERT INTO a VALUES ('x);\n")),
        "line 2: the dump does not load",
        COUNT,
    )
    yield str(dump(folder / "none.sql", "-- nothing\n")), "has no tables", COUNT
    (folder / "bytes.sql").write_bytes(b"\xff\xfe\x00")
    yield str(folder / "bytes.sql"), "neither an SQLite database nor a dump in UTF-8", COUNT
    (folder / "broken.db").write_bytes(b"SQLite format 3\0" + b"x" * 2_000)
    yield str(folder / "broken.db"), "cannot be used as an SQLite database", COUNT
    yield str(folder), "line 1: there are several databases, and the row names none in 'db'", COUNT
    yield str(folder), "has no database 'hals'; did you mean 'half'?", COUNT | {"db": "hals"}
    yield str(folder), "cannot be named so", COUNT | {"db": "../half"}


def test_databases_that_cannot_be_used_are_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "databases").mkdir()
    for place, message, row in places(tmp_path / "databases"):
        with pytest.raises(BadInput) as found:
            SqlQuestions(questions=questions(tmp_path / "q.jsonl", row, NAMES), database=place).tasks("train")
        assert message in str(found.value), place
        assert "\n" not in str(found.value)
    assert not Path("/tmp/x.db").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "sql needs questions"),
        ({"questions": "q"}, "sql needs database"),
        ({"questions": "q", "database": "d", "seconds": "soon"}, "seconds"),
        ({"questions": "q", "database": "d", "seconds": "0"}, "seconds"),
        ({"questions": "q", "database": "d", "seconds": "1e9"}, "seconds=1e+09 is out of range"),
        ({"questions": "q", "database": "d", "rows": "many"}, "rows"),
        ({"questions": "q", "database": "d", "rows": "0"}, "rows"),
        ({"questions": "q", "database": "d", "shares": "1/2/3"}, "shares=1/2/3 cannot be used"),
    ],
)
def test_settings_that_cannot_be_used(settings: dict[str, str], message: str) -> None:
    with pytest.raises(UserError) as found:
        open_environment("sql", settings)
    assert message in str(found.value)


def test_rows_are_compared_with_types() -> None:
    def rows(*values: Any) -> QueryRows:
        return QueryRows(("a",), tuple((v,) for v in values))

    assert same(rows(1, 2), rows(2, 1), False)
    assert not same(rows(1, 2), rows(2, 1), True)
    assert same(rows(0.1 + 0.2), rows(Decimal("0.3")), True)
    assert same(rows(2), rows(2.0), True)
    assert same(rows(0.0), rows(-0.0), True)
    assert not same(rows(2**53 + 1), rows(2**53 + 2), True)
    for one, other in ((1, "1"), (1, True), (None, ""), (None, 0), ("a", "A"), (b"a", "a"), (1, 1.001)):
        assert not same(rows(one), rows(other), False)
    assert not same(rows(1, 1, 2), rows(1, 2, 2), False)
    assert not same(QueryRows(("a",), ()), QueryRows(("a", "b"), ()), False)
    assert not same(QueryRows(("a",), ((1,),), more=True), QueryRows(("a",), ((1,),), more=True), False)


def test_postgresql_without_its_driver_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(BadInput) as found:
        SqlQuestions(questions=questions(tmp_path / "q.jsonl", COUNT, NAMES), database="postgresql:///x").tasks("train")
    told = "sql with PostgreSQL needs the package psycopg, which is not installed here: "
    assert str(found.value).endswith(told + pip_install("'evolving-playbook[sql]'"))


AGENT = '''
import json


class Agent:
    """Looks at the schema, and counts."""

    name = "agent"

    async def complete(self, request):
        fields = request.response.model_json_schema()["properties"] if request.response else {}
        reply = {name: [] if field.get("type") == "array" else "" for name, field in fields.items()}
        looked = "(3 rows)" in str(request.messages)
        action = "answer: SELECT count(*) FROM item" if looked else "look: SELECT * FROM item"
        return json.dumps(reply | {"action": action} if "action" in fields else reply)
'''


def test_a_run_with_a_scripted_agent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "agent.py").write_text(AGENT)
    questions(tmp_path / "q.jsonl", COUNT, NAMES)
    dump(tmp_path / "shop.sql")
    words = ["--set", "questions=q.jsonl", "--set", "database=shop.sql"]
    work = ["--model", "./agent.py:Agent", "--episodes", "1", "--eval", "1", "--json"]
    ran = Ace(capsys)("run", "sql", *words, *work)
    assert ran.status == 0, ran.err
    (episode,) = Ace(capsys)("episode", "list", "--phase", "learn", "--json").json
    assert episode["verdict"] == "success"
    assert Ace(capsys)("episode", "show", episode["episode"], "--json").json["steps"] == 2
    assert "accepted queries: 3" in Ace(capsys)("env", "show", "sql", *words).out


def test_all_accepted_queries_of_real_questions_pass(data: Path) -> None:
    environment = SqlQuestions(questions=data / "sql" / "questions.jsonl", database=str(data / "sql"))
    splits: list[Split] = ["train", "val", "test"]
    tasks = [t for s in splits for t in environment.tasks(s)]
    assert len(tasks) == 105
    for one in tasks:
        for query in one.data["gold"]:
            assert play(environment, one, lambda seen, query=query: f"answer: {query}", 0).success, one.id  # type: ignore[misc]
        assert play(environment, one, lambda seen: "SELECT NULL", 0).verdict is Verdict.FAILURE, one.id
