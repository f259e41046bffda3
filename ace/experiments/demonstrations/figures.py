"""What is said of static demonstrations, as values."""

from __future__ import annotations

from dataclasses import dataclass

from ace.types import JSON

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class DemonstrationCurve:
    """An arm with `shots` demonstrations, its `success`, and how success goes on from there: points of success for each
    doubling (`slope`, with its 95 % `interval`, `None` where it is the same everywhere), over this arm and those with more;
    `None` for the one with most."""

    arm: str
    shots: int
    success: float
    slope: float | None = None
    interval: Interval | None = None

    @property
    def rises(self) -> bool:
        """Whether a rise is significant."""
        return self.interval is not None and self.interval[0] > 0

    def as_json(self) -> dict[str, JSON]:
        return {
            "arm": self.arm,
            "shots": self.shots,
            "success": round(self.success, 6),
            "slope": None if self.slope is None else round(self.slope, 6),
            "interval": _pair(self.interval),
        }


@dataclass(frozen=True, slots=True)
class BesideArm:
    """Another arm on the same seeds and tasks: its `success`, how far it is from the demonstrations (`difference`), and the
    95 % interval of that."""

    arm: str
    success: float
    difference: float
    interval: Interval | None

    def as_json(self) -> dict[str, JSON]:
        told = {"success": round(self.success, 6), "difference": round(self.difference, 6)}
        return {"arm": self.arm, **told, "interval": _pair(self.interval)}


@dataclass(frozen=True, slots=True)
class UncoveredTasks:
    """The tasks whose need no demonstration of `arm` shows: `cells` of all seeds, `tasks` different ones, the `success` of the
    arm on them (`None` where there are none), and the other arms on the same. `covered` lists what the demonstrations show, in
    any seed."""

    arm: str
    shots: int
    covered: tuple[str, ...]
    cells: int
    tasks: int
    success: float | None
    beside: tuple[BesideArm, ...] = ()

    def as_json(self) -> dict[str, JSON]:
        return {
            "arm": self.arm,
            "shots": self.shots,
            "covered": list(self.covered),
            "cells": self.cells,
            "tasks": self.tasks,
            "success": None if self.success is None else round(self.success, 6),
            "beside": [b.as_json() for b in self.beside],
        }


@dataclass(frozen=True, slots=True)
class StaticDemonstrations:
    """What is said of the arms that show demonstrations. `plateau` is k*, `None` where success still rises at the largest k or
    where there is one k alone. `need` is `operator`, `kind`, or empty where neither is known: then nothing is `uncovered`."""

    curve: tuple[DemonstrationCurve, ...]
    plateau: int | None
    need: str
    uncovered: tuple[UncoveredTasks, ...] = ()

    def as_json(self) -> dict[str, JSON]:
        return {
            "curve": [c.as_json() for c in self.curve],
            "plateau": self.plateau,
            "need": self.need,
            "uncovered": [u.as_json() for u in self.uncovered],
        }


def _pair(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(b, 6) for b in interval]
