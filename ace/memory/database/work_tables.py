"""The tables of work: runs, the units they owe, and the calls they made."""

from __future__ import annotations

from sqlalchemy import Index
from sqlmodel import Field

from ace.memory.database.tables import Rows, metadata

__all__ = ["CallRow", "ExperimentRow", "ExperimentRunRow", "RunRow", "UnitRow", "metadata"]


class RunRow(Rows, table=True):
    """`config` and `result` are JSON; `form` is the id's stem, made from the configuration alone."""

    __tablename__ = "runs"
    __table_args__ = (Index("runs_by_form", "form"),)
    key: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    form: str
    status: str
    config: str
    result: str
    started: str
    ended: str


class UnitRow(Rows, table=True):
    """A unit of work that a run owes, or has done. `owner` and `leased_until` are room for many workers."""

    __tablename__ = "units"
    __table_args__ = ({"sqlite_with_rowid": False},)
    run: str = Field(foreign_key="runs.id", primary_key=True)
    unit: str = Field(primary_key=True)
    done: str | None
    phase: str | None = None
    epoch: int | None = None
    task: str | None = None
    attempt: int | None = None
    owner: str | None = None
    leased_until: str | None = None


class CallRow(Rows, table=True):
    """A model call: written when it starts, completed when it ends, never reused. `reply` and `error` are JSON texts; `form`
    says how the reply came, `estimated` how many of the tokens were estimated, because the server did not count them."""

    __tablename__ = "calls"
    __table_args__ = (Index("calls_by_place", "run", "unit", "role", "ordinal"),)
    key: int | None = Field(default=None, primary_key=True)
    run: str = Field(foreign_key="runs.id")
    unit: str
    role: str
    ordinal: int
    request: str
    started: str
    ended: str | None
    reply: str | None
    error: str | None
    form: str | None
    calls: int | None
    prompt_tokens: int | None
    cached_tokens: int | None
    completion_tokens: int | None
    cost_usd: float | None
    seconds: float | None
    estimated: int | None = None


class ExperimentRow(Rows, table=True):
    """An experiment: its `design` (settings, arms, seeds, baseline) and what was written down beside its runs (`result`), both
    JSON. `mark` binds the design to the person who began it. `owner` is at work on it until `leased_until`."""

    __tablename__ = "experiments"
    key: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    design: str
    result: str
    mark: str
    started: str
    owner: str | None = None
    leased_until: str | None = None


class ExperimentRunRow(Rows, table=True):
    """The run of one arm and seed. A seed is a text, because it may be any whole number."""

    __tablename__ = "experiment_runs"
    __table_args__ = ({"sqlite_with_rowid": False},)
    experiment: int = Field(foreign_key="experiments.key", primary_key=True)
    arm: str = Field(primary_key=True)
    seed: str = Field(primary_key=True)
    run: str = Field(foreign_key="runs.id", unique=True)
