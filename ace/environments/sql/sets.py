"""Questions about databases, with accepted queries, from JSON Lines; and the databases that they are about."""

from __future__ import annotations

import difflib
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ace.environments.splitting import kind_field, records, require_both, split_by_content, split_field, text_field
from ace.environments.sql.contract import QueriedDatabase, QueryLimits
from ace.environments.sql.postgres import PREFIXES, PostgresDatabase
from ace.environments.sql.results import QueryFault
from ace.environments.sql.sqlite import SqliteDatabase
from ace.errors import BadInput, no_file
from ace.types import SPLITS, Split, Task

ROW = 'a question is {"question": ..., "gold": [one or more accepted queries], "db": the database, where there are several}'
_ORDER = re.compile(
    r"\b(?:order(?:ed|ing)?|sort(?:ed|ing)?|rank(?:ed|ing)?|ascending|descending|alphabetical(?:ly)?|chronological(?:ly)?)\b",
    re.I,
)
_ORDER_BY = re.compile(r"\border\s+by\b", re.I)
_INNERMOST = re.compile(r"\([^()]*\)")
_SUFFIXES = (".sql", ".db", ".sqlite", ".sqlite3")
_NAME = re.compile(r"\w[\w.-]{0,99}")
_PLACE = "{db}"


class Databases:
    """The databases of one setting: a file, a folder of files, or an address with or without `{db}`. Each is opened once, when
    it is first asked for."""

    def __init__(self, place: str, limits: QueryLimits) -> None:
        self._place, self._limits = place, limits
        self._opened: dict[str, QueriedDatabase] = {}
        self._lock = threading.Lock()

    def of(self, name: str) -> QueriedDatabase:
        """The database called `name`; empty where there is one only. Raises `BadInput`."""
        key = name if self.several else ""
        with self._lock:
            if key not in self._opened:
                self._opened[key] = self._open(key)
            return self._opened[key]

    def require(self) -> None:
        """Raise `BadInput` where there is no file and no folder of databases; a server is asked when a database is opened."""
        place = Path(self._place)
        if not self._by_address and not place.exists():
            raise BadInput(f"database={place} {no_file(place)}; a database is a file, a dump, a folder or an address")

    @property
    def several(self) -> bool:
        return _PLACE in self._place if self._by_address else Path(self._place).is_dir()

    @property
    def _by_address(self) -> bool:
        return self._place.startswith(PREFIXES)

    def _open(self, name: str) -> QueriedDatabase:
        if self.several and not _NAME.fullmatch(name):
            raise BadInput(
                f"the database {name[:60]!r} cannot be named so; letters, digits, dots, dashes and underscores are accepted"
            )
        if self._by_address:
            return PostgresDatabase(self._place.replace(_PLACE, name), self._limits)
        self.require()
        place = Path(self._place)
        return SqliteDatabase(_file(place, name) if self.several else place, self._limits)


def _file(folder: Path, name: str) -> Path:
    found = next((folder / f"{name}{suffix}" for suffix in _SUFFIXES if (folder / f"{name}{suffix}").is_file()), None)
    if found is None:
        names = sorted(p.stem for p in folder.iterdir() if p.suffix in _SUFFIXES)
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; it has {', '.join(names[:8]) or 'none'}"
        raise BadInput(f"{folder} has no database {name!r}{hint}")
    return found


def read_questions(path: Path, databases: Databases, shares: tuple[int, int, int]) -> dict[Split, list[Task]]:
    """The questions of `path` by split, with their accepted queries tried for what they name. Raises `BadInput` by line."""
    if not path.is_file():
        raise BadInput(f"{path} {no_file(path)}; questions are a file of JSON Lines")
    databases.require()
    found: dict[Split, list[Task]] = {split: [] for split in SPLITS}
    for where, task, stated in _questions(path):
        _try(where, task, databases)
        split = stated or split_by_content(f"{task.data['db']} {task.text}", shares)
        found[split].append(Task(task.id, task.text, split, task.data, task.kind))
    counts = {split: len(tasks) for split, tasks in found.items()}
    require_both(counts, path, "give more questions, other shares, or a split in each row")
    return found


def _questions(path: Path) -> Iterator[tuple[str, Task, Split | None]]:
    ids: dict[str, str] = {}
    asked: dict[str, str] = {}
    for where, row in records(path):
        task = _question(row, where)
        content = " ".join(f"{task.data['db']} {task.text}".split())
        for known, key, what in ((ids, task.id, f"the id {task.id!r} stands"), (asked, content, "the same is asked")):
            if key in known:
                raise BadInput(f"{where}: {what} at {known[key]} already")
            known[key] = where
        yield where, task, split_field(row, where)


def _question(row: dict[str, Any], where: str) -> Task:
    question, gold = text_field(row, "question", where, ROW), row.get("gold")
    accepted = [gold] if isinstance(gold, str) else gold
    if not isinstance(accepted, list) or not accepted or not all(isinstance(q, str) and q.strip() for q in accepted):
        raise BadInput(f"{where}: 'gold' must be a query or a list of queries that are not empty; {ROW}")
    hints, db, ordered = row.get("instructions") or "", row.get("db") or "", row.get("ordered")
    if not isinstance(hints, str) or not isinstance(db, str) or not isinstance(ordered, bool | None):
        raise BadInput(f"{where}: 'instructions' and 'db' must be texts, 'ordered' true or false, or left out")
    if ordered is None:
        ordered = bool(_ORDER.search(f"{question} {hints}")) and all(map(_is_ordered, accepted))
    name = str(row.get("id") or where.rpartition(" ")[2])
    kind = kind_field(row, where) or kind_field(row, where, "category")
    text = "\n\n".join(filter(None, (question.strip(), hints.strip())))
    return Task(name, text, data={"db": db, "gold": accepted, "ordered": ordered}, kind=kind)


def _is_ordered(query: str) -> bool:
    """Whether a query orders its rows: an ORDER BY within parentheses is that of a subquery or a window."""
    inside = 1
    while inside:
        query, inside = _INNERMOST.subn(" ", query)
    return _ORDER_BY.search(query) is not None


def _try(where: str, task: Task, databases: Databases) -> None:
    """Refuse a row whose accepted queries cannot be run, by what the database says of them without running them."""
    if databases.several and not task.data["db"]:
        raise BadInput(f"{where}: there are several databases, and the row names none in 'db'")
    try:
        session = databases.of(str(task.data["db"])).session()
    except BadInput as error:
        raise BadInput(f"{where}: {error}") from None
    try:
        for query in task.data["gold"]:
            session.run(f"SELECT * FROM (\n{query.strip().rstrip(';')}\n) AS tried LIMIT 0")
    except QueryFault as fault:
        raise BadInput(f"{where}: an accepted query cannot be run: {fault}") from None
    finally:
        session.close()
