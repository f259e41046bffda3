"""`sql`: questions about a database, answered with a query and judged by the rows that it gives.

The agent may look: at the schema, and at what reading queries give. Only a query ends the attempt. Nothing can be written: the
database is opened so that it cannot be.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from ace.environments.contract import Environment, Limits, Policy, Scene
from ace.environments.splitting import SHARES, SHARES_HELP, shares_of
from ace.environments.sql.contract import QueriedDatabase, QueryLimits, Session
from ace.environments.sql.results import QueryFault, same, unlike
from ace.environments.sql.sets import Databases, read_questions
from ace.errors import BadSetting
from ace.options import Least
from ace.types import SPLITS, Observation, Outcome, Split, Task, failure, invalid, success

OFFERS = {"sql": "SqlQuestions"}
HELP = {"sql": "Questions about a database, answered with a query and judged by the rows that it gives."}
NEEDS = {"extra": "sql", "modules": "psycopg", "for": "PostgreSQL"}

ABOUT = (
    "Answer the question about the {dialect} database below with one SQL query. Each reply is a line that begins with a word:\n"
    "schema: shows the tables and columns.\n"
    "look: SELECT ... runs a query that reads and shows the first rows.\n"
    "answer: SELECT ... is your answer and ends the attempt. A reply that begins with none of these words is your answer.\n"
    "There are at most {steps} replies, the answer included.\n"
    "What counts are the rows and columns that the query gives{order}."
)
_WORD = re.compile(r"\s*(schema|look|answer)\b\s*:?\s*", re.IGNORECASE)
_BLOCK = re.compile(r"^\s*`{3,}[ ]*\w*[ ]*\n(.*?)\n?[ ]*`{3,}[ ]*$", re.DOTALL | re.MULTILINE)
_LONGEST = 20_000
_LONGEST_SCHEMA = 20_000


class SqlQuestions(Environment):
    """Questions about a database, answered with a query and judged by the rows that it gives.

    Nothing is opened before `tasks`, `open` or `describe` is called; the first of these raises `BadInput` where the questions
    or a database cannot be used."""

    name = "sql"

    def __init__(
        self,
        *,
        questions: Annotated[
            Path, "a file of JSON Lines: question, gold (accepted queries), and db, instructions, category, ordered"
        ],
        database: Annotated[
            str, "a database file or SQL dump, a folder of them by db, or postgresql://HOST/NAME ({db} for the row's db)"
        ],
        schema: Annotated[bool, "show the schema with the question, and not only when it is asked for"] = True,
        seconds: Annotated[float, Least(0.1), "seconds that a query may take"] = 5.0,
        rows: Annotated[int, Least(1), "rows of a query that are read; an answer with more is wrong"] = 10_000,
        shown: Annotated[int, Least(1), "rows that the agent is shown of a query"] = 20,
        steps: Annotated[int, Least(1), "replies that an attempt may take, the answer included"] = 8,
        shares: Annotated[str, SHARES_HELP] = SHARES,
    ) -> None:
        if seconds > 3_600:
            raise BadSetting(f"seconds={seconds:g} is out of range; it must be at most 3600")
        self._questions, self._shares = Path(questions), shares_of(shares)
        self.databases = Databases(database, QueryLimits(seconds, rows))
        self.show_schema, self.shown = schema, shown
        # An answer is run, and each accepted query beside it.
        self.limits = Limits(steps=steps, seconds=20 * seconds + 30)
        self._tasks: dict[Split, list[Task]] | None = None

    def tasks(self, split: Split) -> Sequence[Task]:
        return self._read()[split]

    def open(self, task: Task, seed: int) -> Scene:
        self._read()
        return _Asked(self, task)

    def oracle(self, task: Task) -> Policy:
        """Gives the first accepted query."""
        return lambda seen: f"answer: {task.data['gold'][0]}"

    def random(self, task: Task, rng: random.Random) -> Policy | None:
        return None

    def describe(self) -> dict[str, object]:
        """Questions by split, how many ask for an order, and accepted queries."""
        found = [task for tasks in self._read().values() for task in tasks]
        counts: dict[str, object] = {f"{split} questions": len(self._read()[split]) for split in SPLITS}
        ordered, queries = sum(t.data["ordered"] for t in found), sum(len(t.data["gold"]) for t in found)
        return counts | {"databases": len({t.data["db"] for t in found}), "ordered": ordered, "accepted queries": queries}

    def _read(self) -> dict[Split, list[Task]]:
        if self._tasks is None:
            self._tasks = read_questions(self._questions, self.databases, self._shares)
        return self._tasks


class _Asked:
    """One question, and a connection to its database."""

    def __init__(self, environment: SqlQuestions, task: Task) -> None:
        self._environment, self._task = environment, task
        self._database: QueriedDatabase = environment.databases.of(str(task.data["db"]))
        self._session: Session = self._database.session()
        self._over = False
        about = ABOUT.format(
            dialect=self._database.dialect,
            steps=environment.limits.steps,
            order=", in the order that is asked for" if task.data["ordered"] else "; their order is not compared",
        )
        shown = f"\n\n{self._schema()}" if environment.show_schema else ""
        self.first = Observation(f"{about}{shown}\n\nThe question: {task.text}")

    def act(self, action: str) -> Observation | Outcome:
        if self._over:
            return failure(reason="the question was answered before")
        word, query = _read_reply(action)
        if len(query) > _LONGEST:
            return self._ended(failure(reason=f"the query has {len(query):,} characters; at most {_LONGEST:,} are run"))
        if word == "schema":
            return Observation(self._schema())
        if word == "look":
            try:
                return Observation(self._session.run(query).shown(self._environment.shown))
            except QueryFault as fault:
                return Observation(f"The query was not run: {fault}")
        return self._ended(self._judged(query))

    def close(self) -> None:
        self._session.close()

    def _schema(self) -> str:
        text = self._database.schema()
        return text if len(text) <= _LONGEST_SCHEMA else f"{text[:_LONGEST_SCHEMA]}\n(cut here)"

    def _ended(self, outcome: Outcome) -> Outcome:
        self._over = True
        told = outcome.feedback if self._task.split == "train" else ""
        return Outcome(outcome.verdict, outcome.score, told, outcome.reason)

    def _judged(self, query: str) -> Outcome:
        if not query.strip():
            return failure("No query was given.")
        try:
            came = self._session.run(query)
        except QueryFault as fault:
            return failure(f"The query failed: {fault}")
        others = []
        for accepted in self._task.data["gold"]:
            try:
                wanted = self._session.run(str(accepted))
            except QueryFault as fault:
                return invalid(f"an accepted query failed: {fault}")
            if same(came, wanted, bool(self._task.data["ordered"])):
                return success()
            others.append(wanted)
        return failure(f"These are not the rows that are asked for: {unlike(came, others)}.\n{came.shown(5)}")


def _read_reply(reply: str) -> tuple[str, str]:
    """The word that a reply begins with, `answer` where it has none, and its query."""
    found = _WORD.match(reply)
    word, rest = (found[1].lower(), reply[found.end() :]) if found else ("answer", reply)
    blocks = _BLOCK.findall(rest)
    return word, str(blocks[-1] if blocks else rest).strip().rstrip(";").strip()
