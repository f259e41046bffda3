"""The tables.

A playbook's present (`bullets`) is a table, its past the log of operations (`deltas`, `operations`, `revisions`);
`bullet_versions` says which text held for which revisions, so that any of them can be read without replaying. Whole numbers
called `key` are local to a file and leave the room nowhere but as order; what identifies a thing anywhere is text: episode and
bullet ids, revision hashes, playbook names. Free text from outside is kept as JSON, which takes any character there is. Times
are UTC, ISO 8601.

These classes are the present schema. A change of them needs a step in `migrations` for the stores that are there.

The registry is private, so that these tables do not mix with those of another program. Rows are never validated: values are
checked before.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, Index, MetaData, UniqueConstraint, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

metadata = MetaData()


class Rows(SQLModel, registry=registry(metadata=metadata)):
    """What all tables share: the private registry."""


def _partial(name: str, columns: Sequence[str], where: str) -> Index:
    """An index of the rows that are not as nearly all are, on any engine."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class MigrationRow(Rows, table=True):
    __tablename__ = "migrations"
    number: int = Field(primary_key=True)
    name: str
    at: str


class PlaybookRow(Rows, table=True):
    """`head` is the number of the present revision, moved by compare-and-swap. `origin` is the revision it was forked from."""

    __tablename__ = "playbooks"
    key: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    created: str
    head: int
    origin: int | None = None


class InheritedRow(Rows, table=True):
    """A playbook also knows what happened in the training episodes of another one, `source`: those with keys up to `episodes`,
    and of the reflections on them those up to `reflections`. So it is from a fork on, and after a merge."""

    __tablename__ = "inherited"
    __table_args__ = ({"sqlite_with_rowid": False},)
    playbook: int = Field(foreign_key="playbooks.key", primary_key=True)
    source: int = Field(foreign_key="playbooks.key", primary_key=True)
    episodes: int
    reflections: int


class RevisionRow(Rows, table=True):
    """`bullets` and `retired` are counts, `chars` of the live texts, `words` the live bullets' search words in all."""

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("playbook", "number"),
        Index("revisions_by_hash", "playbook", "hash"),
        Index("revisions_by_delta", "delta"),
    )
    key: int | None = Field(default=None, primary_key=True)
    playbook: int = Field(foreign_key="playbooks.key")
    number: int
    hash: str
    digest: str
    bullets: int
    retired: int
    chars: int
    words: int
    delta: int | None = Field(default=None, foreign_key="deltas.key")
    at: str


class ParentRow(Rows, table=True):
    __tablename__ = "revision_parents"
    __table_args__ = ({"sqlite_with_rowid": False},)
    revision: int = Field(foreign_key="revisions.key", primary_key=True)
    position: int = Field(primary_key=True)
    parent: int = Field(foreign_key="revisions.key")


class DeltaRow(Rows, table=True):
    """`note` is JSON: reason, why, and the person's name if there is one. A delta names the revision it was meant for
    (`base`, a hash) and the number it made. `seal` is the digest of what was written of it."""

    __tablename__ = "deltas"
    __table_args__ = (Index("deltas_by_playbook", "playbook", "revision"), Index("deltas_by_run", "run"))
    key: int | None = Field(default=None, primary_key=True)
    playbook: int = Field(foreign_key="playbooks.key")
    status: str
    author: str
    base: str
    run: str | None
    revision: int | None
    at: str
    note: str
    seal: str


class DeltaEpisodeRow(Rows, table=True):
    """An episode behind a delta, with its origin and trust as they were when the delta was written: a history that is brought
    in names episodes that are not in the store."""

    __tablename__ = "delta_episodes"
    __table_args__ = (
        Index("delta_episodes_by_episode", "episode"),
        _partial("delta_episodes_by_origin", ("origin",), "origin <> ''"),
        _partial("delta_episodes_untrusted", ("delta",), "trust <> 'trusted'"),
        {"sqlite_with_rowid": False},
    )
    delta: int = Field(foreign_key="deltas.key", primary_key=True)
    position: int = Field(primary_key=True)
    episode: str
    origin: str = ""
    trust: str = "trusted"


class OperationRow(Rows, table=True):
    """`stage` is `delta`, or `guard` for what was turned down before the store saw the delta. `refused` is the reason (JSON)
    where it was not applied. `body` is the canonical operation, with the new bullet's id filled in where applied."""

    __tablename__ = "operations"
    __table_args__ = ({"sqlite_with_rowid": False},)
    delta: int = Field(foreign_key="deltas.key", primary_key=True)
    stage: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    refused: str | None
    body: str


class JudgementRow(Rows, table=True):
    """What a gate decided on a delta. `body` is JSON: the answer, the reason, the figures measured, and what it cost."""

    __tablename__ = "judgements"
    __table_args__ = ({"sqlite_with_rowid": False},)
    delta: int = Field(foreign_key="deltas.key", primary_key=True)
    position: int = Field(primary_key=True)
    gate: str
    passed: bool
    at: str
    body: str


class BulletRow(Rows, table=True):
    """The present of a playbook, tombstones included. `since` is the number of the revision that made this version of it,
    `words` its search words, `gist` a number that texts which say the same share. Ranks and ids compare bytewise."""

    __tablename__ = "bullets"
    __table_args__ = (
        UniqueConstraint("playbook", "id"),
        Index("bullets_by_rank", "playbook", "rank"),
        Index("bullets_by_section", "playbook", "section", "rank"),
        Index("bullets_by_gist", "playbook", "gist"),
    )
    key: int | None = Field(default=None, primary_key=True)
    playbook: int = Field(foreign_key="playbooks.key")
    id: str
    section: str
    rank: str
    state: str
    pinned: bool
    version: int
    since: int
    words: int
    gist: int = Field(sa_type=BigInteger)
    parents: str
    text: str
    escalated: bool


class RepeatRow(Rows, table=True):
    """An operation that was to add what a bullet said already: what the bullet rests on besides what made it."""

    __tablename__ = "repeats"
    __table_args__ = ({"sqlite_with_rowid": False},)
    playbook: int = Field(foreign_key="playbooks.key", primary_key=True)
    bullet: str = Field(primary_key=True)
    delta: int = Field(foreign_key="deltas.key", primary_key=True)
    position: int = Field(primary_key=True)


class BulletVersionRow(Rows, table=True):
    """A bullet as it was from revision number `since` up to, not including, `until` (null: still), and what made it so."""

    __tablename__ = "bullet_versions"
    __table_args__ = (
        Index("bullet_versions_by_since", "playbook", "since"),
        _partial("bullet_versions_by_until", ("playbook", "until"), "until IS NOT NULL"),
    )
    playbook: int = Field(foreign_key="playbooks.key", primary_key=True)
    bullet: str = Field(primary_key=True)
    since: int = Field(primary_key=True)
    until: int | None
    delta: int = Field(foreign_key="deltas.key")
    position: int
    section: str
    rank: str
    state: str
    pinned: bool
    version: int
    parents: str
    text: str
    escalated: bool


class TermRow(Rows, table=True):
    """A search word of one playbook and in how many of its live bullets it stands."""

    __tablename__ = "terms"
    __table_args__ = (UniqueConstraint("playbook", "term"),)
    key: int | None = Field(default=None, primary_key=True)
    playbook: int = Field(foreign_key="playbooks.key")
    term: str
    df: int


class PostingRow(Rows, table=True):
    """Word `term` stands in live bullet `bullet`. No foreign keys: the writer has checked both, and there may be a million
    rows."""

    __tablename__ = "postings"
    __table_args__ = ({"sqlite_with_rowid": False},)
    term: int = Field(primary_key=True)
    bullet: int = Field(primary_key=True)


class RecordRow(Rows, table=True):
    """The counts of a bullet over valid training episodes."""

    __tablename__ = "records"
    bullet: int = Field(foreign_key="bullets.key", primary_key=True)
    shown_won: int
    shown_lost: int
    cited_won: int
    cited_lost: int
    helpful: int
    harmful: int
    neutral: int


COUNTS = tuple(name for name in RecordRow.model_fields if name != "bullet")
"""The columns of a record that count, which `ace.types.Record` has as fields."""


class CitationRow(Rows, table=True):
    """A valid training episode in which the agent said it used the bullet."""

    __tablename__ = "citations"
    __table_args__ = (Index("citations_by_episode", "episode", "bullet"), {"sqlite_with_rowid": False})
    bullet: int = Field(foreign_key="bullets.key", primary_key=True)
    won: bool = Field(primary_key=True)
    episode: int = Field(foreign_key="episodes.key", primary_key=True)


class EpisodeRow(Rows, table=True):
    """`playbook` is set for training episodes alone: those that a playbook learns from. `past` is JSON: situation, choice, what
    was revealed, bullets cited. `hash` is of what was done, without the time it took; it outlives a purge. `kind` is the task's
    type, `origin` who wrote it, both empty where it has none; `trust` is `trusted` or `untrusted`."""

    __tablename__ = "episodes"
    __table_args__ = (
        Index("episodes_by_playbook", "playbook", "verdict", "key"),
        Index("episodes_by_task", "playbook", "task_key", "key"),
        Index("episodes_by_run", "run", "phase", "key"),
        _partial("episodes_by_origin", ("origin",), "origin <> ''"),
    )
    key: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    run: str | None
    playbook: int | None = Field(default=None, foreign_key="playbooks.key")
    phase: str
    epoch: int
    attempt: int
    seed: int = Field(sa_type=BigInteger)
    task_key: str
    verdict: str
    score: float | None
    seconds: float
    prompt_hash: str
    hash: str
    at: str
    purged: str | None
    past: str
    body: str
    kind: str = ""
    origin: str = ""
    trust: str = "trusted"


class ReflectionRow(Rows, table=True):
    __tablename__ = "reflections"
    __table_args__ = (UniqueConstraint("episode", "hash"),)
    key: int | None = Field(default=None, primary_key=True)
    episode: int = Field(foreign_key="episodes.key")
    hash: str
    at: str
    body: str


class VoteRow(Rows, table=True):
    __tablename__ = "votes"
    __table_args__ = (Index("votes_by_bullet", "bullet"), {"sqlite_with_rowid": False})
    reflection: int = Field(foreign_key="reflections.key", primary_key=True)
    position: int = Field(primary_key=True)
    bullet: str
    vote: str


class RenderTextRow(Rows, table=True):
    """A text that was shown, kept once however often it was."""

    __tablename__ = "render_texts"
    hash: str = Field(primary_key=True)
    body: str


class RenderRow(Rows, table=True):
    __tablename__ = "renders"
    __table_args__ = (Index("renders_by_hash", "hash"),)
    episode: int = Field(foreign_key="episodes.key", primary_key=True)
    hash: str


class RenderRevisionRow(Rows, table=True):
    __tablename__ = "render_revisions"
    __table_args__ = ({"sqlite_with_rowid": False},)
    episode: int = Field(foreign_key="episodes.key", primary_key=True)
    position: int = Field(primary_key=True)
    revision: str


class ExposureRow(Rows, table=True):
    __tablename__ = "exposures"
    __table_args__ = (Index("exposures_by_bullet", "bullet", "episode"), {"sqlite_with_rowid": False})
    episode: int = Field(foreign_key="episodes.key", primary_key=True)
    ordinal: int = Field(primary_key=True)
    bullet: str
    version: int
    position: int
    shown: bool
    probability: float
    policy: str
    cited: bool
