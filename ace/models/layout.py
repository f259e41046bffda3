"""The marks that prompts are laid out with: one small grammar that roles write and any reader can take apart.

Text that comes from environments, models or playbooks is data and can never pass for structure. A block of data has "| "
before every line; an item of data stands on one line of its own, after a mark, with the mark's separators taken out of it. So
nothing inside data can open a heading, a bullet or a new part of the prompt.
"""

from __future__ import annotations

from collections.abc import Iterable

from ace.playbooks.bullet import clean
from ace.playbooks.invisible import one_seen

BAR = "| "
FIELD = " | "
"""Between the fields of an item; a field has its own vertical bars replaced."""

THEN = " > "
"""Between the actions of a plan and its answer."""

PLAYBOOK = "# Playbook"
PICKED = "# Lessons for this task"
ATTEMPTS = "# Your earlier attempts at this task"
ACTIONS = "# Actions"
ANSWERS = "# Answers"
ANSWER = "# Your answer"
OTHERS = "# Attempts at other cases"
OTHERS_LEGEND = (
    "(One a line: + won, - lost; what was seen; what was done that counts, the answer last; what the environment said.)"
)
LOST = "# Lost in this case"
TAKE = "# If no lesson decides, take"
TASK = "# Task"
EXPERTS = "# Experts"
TELLING = "words that stand in its cases more than in those of others, some by chance: "
SUCH_AS = "such as: "
REASONING = "# Your reasoning so far"
OBSERVATION = "# Observation"
OUTCOME = "# Outcome"
FEEDBACK = "# What the environment said"
USED = "# Lessons the agent used"
TOLD = "# What the agent is told before every case"
ATTEMPT = "# The attempt"
CASES = "# Cases"
CASE = "# Case"
"""Before the number of a case, where a request has several."""
CHAIN = "# Attempts before it at the same case"
USED_BEFORE = "## Lessons followed in them"
DONE = "## Action"
SEEN = "## What came of it"
THOUGHT = "## Thought"
ALIKE = "# Alike"
AGAIN = "# Offered again"
ALARM = "# Lessons that may no longer hold"
OBJECTION = "# What is wrong with the edits you proposed from these attempts"
PAST = "# Past attempts"
NEW = "# New attempts"
ROWS = "# All attempts"
SAME_CASE = "as #"
"""Before the number of the row that has the facts of this case."""
UNSEEN = "?"
"""In place of a fact that an attempt did not see."""
EVERY_ROW = "the same in every row"
"""Before the facts that all attempts of the table have."""
CHOICE = "choice"
LESSONS = "lessons"
MORE = "more"
SAID = "the environment said"
LAST = "# Your last edits"
NO_MORE = "no more batch"
"""In the part `LAST`, how many batches of attempts follow where none does."""
MEASURED = "# What was measured of the edits you proposed last"
PAIRS_MEANT = (
    "(in a pair one case was played twice, with the edits and without them; won: right with them alone; lost: right without "
    "them alone. E is the evidence that they help: 1 says nothing, and it had to reach the number behind it)"
)
"""Said below what was measured in pairs."""
COUNTED = "# Wins and losses by fact"
FOUND = "# Lists of rules found by a search in these attempts"
NAMES = "# Names of facts used so far"
DIAGNOSES = "# Diagnoses of new attempts"
CONTRASTS = "# Attempts of one kind that ended differently"
NEAR = "# Earlier attempts of the same kind"
NO_BULLET = "no lesson"
AS_LISTED = "(as last listed)"
"""In place of a list that has not changed."""
NOTHING = "(none)"

PINNED = "pinned: only a person changes it"
"""Stands behind the line of such a lesson."""
_NOTES = "  ("
"""Between a lesson and what is said of it: texts of lessons have no two blanks in a row."""

MAX_LINE = 1200
"""Characters kept of one item of data."""
MAX_BLOCK = 16000
"""Characters kept of one block of data."""


def block(text: str, limit: int = MAX_BLOCK) -> str:
    """`text` as a block of data: every line behind a bar, control characters gone, capped at `limit` characters."""
    if len(text) > limit:
        text = text[:limit] + f"\n(cut: {len(text) - limit} more characters)"
    lines = (one_seen(line).rstrip() for line in text.splitlines() or [""])
    return "\n".join((BAR + line).rstrip() for line in lines)


def unblock(lines: Iterable[str]) -> str:
    """The text of a block of data again."""
    return "\n".join(line[len(BAR) :] if line.startswith(BAR) else line.lstrip("|") for line in lines if line.startswith("|"))


def item(text: str, limit: int = MAX_LINE) -> str:
    """`text` on one line, without field separators, capped at `limit` characters."""
    kept = clean(text).replace("|", "/")
    return kept if len(kept) <= limit else kept[:limit].rstrip() + " (cut)"


def row(cells: Iterable[str]) -> str:
    """Cells on one line, without empty ones at the end."""
    return FIELD.join(cells).rstrip("| ")


def notes(said: Iterable[str]) -> str:
    """What stands behind a lesson, in brackets; empty where nothing is said."""
    text = "; ".join(said)
    return f"{_NOTES}{text})" if text else ""


def without_notes(line: str) -> tuple[str, str]:
    """A lesson's line without what stands behind it, and that."""
    text, _, said = line.partition(_NOTES)
    return text, said.removesuffix(")")


def left(actions: int) -> str:
    """How many actions an attempt has left."""
    return f"({actions:,} action{'s' * (actions != 1)} left)"


def listing(heading: str, items: Iterable[str]) -> str:
    """A heading with one item a line below it."""
    rows = [f"- {clean(i)}" for i in items]
    return "\n".join([heading, *(rows or [NOTHING])])


def parts(text: str) -> list[tuple[str, list[str]]]:
    """`text` taken apart at its headings (`# ` and deeper): pairs of heading line and the lines below it."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in text.split("\n"):
        if line.startswith("#"):
            found.append((line, []))
        else:
            found[-1][1].append(line)
    return found
