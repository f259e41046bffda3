"""`scienceworld`: experiments in a house with a laboratory, in words, played in processes of their own, each with its Java.

A task is one of the 30 of the package and a variation of its fold (train, dev, test are train, val, test), and stands in its
split only where its text belongs there: some variations of different folds read the same. Won is a score of 100.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from ace.environments.accepted import MOST_STEPS, names_among, require_known, require_within
from ace.environments.contract import Environment, Limits, Policy, Scene
from ace.environments.generated import numbered
from ace.environments.splitting import split_by_content
from ace.environments.workers.errors import no_error
from ace.environments.workers.java import JavaLibrary
from ace.environments.workers.pool import WorkerPool, longest
from ace.options import require_once
from ace.types import Observation, Outcome, Split, Task, failure, success

OFFERS = {"scienceworld": "ScienceWorld"}
HELP = {"scienceworld": "Thirty kinds of experiments in a house with a laboratory: boil, grow, mix, measure, find, tell apart."}
NEEDS = {"extra": "scienceworld", "modules": "scienceworld py4j", "java": "17"}

EXPERIMENTS = (
    *("boil", "melt", "freeze", "change-the-state-of-matter-of"),
    *("use-thermometer", "measure-melting-point-known-substance", "measure-melting-point-unknown-substance"),
    *("power-component", "power-component-renewable-vs-nonrenewable-energy"),
    *("test-conductivity", "test-conductivity-of-unknown-substances"),
    *("find-living-thing", "find-non-living-thing", "find-plant", "find-animal", "grow-plant", "grow-fruit"),
    *("chemistry-mix", "chemistry-mix-paint-secondary-color", "chemistry-mix-paint-tertiary-color"),
    *("lifespan-longest-lived", "lifespan-shortest-lived", "lifespan-longest-lived-then-shortest-lived"),
    *("identify-life-stages-1", "identify-life-stages-2", "inclined-plane-determine-angle"),
    *("inclined-plane-friction-named-surfaces", "inclined-plane-friction-unnamed-surfaces"),
    *("mendelian-genetics-known-plant", "mendelian-genetics-unknown-plant"),
)
FOLDS: Mapping[Split, str] = {"train": "train", "val": "dev", "test": "test"}
SHARES = (40, 30, 30)
"""Percent of the texts. Each split has variations of its own, so what is left out is left out to keep texts apart alone."""
SECONDS = 120.0
"""For one answer: the ways of the genetics tasks are reckoned in 5 to 30."""
JAVA = "-Xmx512m -XX:+UnlockExperimentalVMOptions -XX:hashCode=2"
"""One hash for all objects, so that what the library keeps in sets is listed in the same order each time."""
LONGEST = 500
"""Characters of an action."""
INSTRUCTIONS = """You do experiments in a house. Each action is one of these, with things you see in the place of OBJ:
look around; look at OBJ; look in OBJ; inventory; task; open OBJ; close OBJ; go OBJ (through an open door: go to kitchen); pick
up OBJ; put down OBJ; move OBJ to OBJ; pour OBJ in OBJ; dunk OBJ in OBJ; mix OBJ; use OBJ on OBJ; activate OBJ; deactivate OBJ;
connect OBJ to OBJ; disconnect OBJ; read OBJ; eat OBJ; flush OBJ; focus on OBJ; wait (ten steps); wait1 (one step).
Where an action can mean several things they are listed with numbers, and the number alone is the next action. To focus on the
wrong thing loses the task. An action is nothing but its words."""
SIMPLER = ("easy", "teleportAction", "selfWateringFlowerPots", "openContainers", "openDoors", "noElectricalAction")


class ScienceWorld(Environment):
    """Tasks of ScienceWorld: act in words until the experiment is done, or has failed."""

    name: ClassVar[str] = "scienceworld"
    instructions: str = INSTRUCTIONS

    def __init__(
        self,
        *,
        task: Annotated[str, "all, a task or several with commas, such as boil,find-plant"] = "all",
        simplify: Annotated[
            str, "none, easy, or some with commas of what the package makes simpler, such as openDoors"
        ] = "none",
        steps: Annotated[int, "actions after which an attempt is lost"] = 250,
    ) -> None:
        self.experiments = names_among(EXPERIMENTS, task=task)
        self.simplify = () if simplify == "none" else tuple(s.strip() for s in simplify.split(","))
        for name in self.simplify:
            require_known(name, SIMPLER, "simplify", f"it must be none, or some of {', '.join(SIMPLER)}")
        require_once(f"simplify={simplify}", self.simplify)
        require_within(1, MOST_STEPS, steps=steps)
        self.limits = Limits(steps=steps, seconds=longest(SECONDS) + 30)
        self.instructions = self.limits.told()
        settings = {"simplify": ",".join(self.simplify)}
        self._pool = WorkerPool("ace.environments.scienceworld:SciencePlayer", settings, SECONDS)
        self._variations: dict[tuple[str, str], list[int]] = {}

    def tasks(self, split: Split) -> Iterable[Task]:
        """The tasks by turns, each text once."""
        return numbered(self._task, split, SHARES)

    def open(self, task: Task, seed: int) -> Scene:
        return self._pool.scene(task.data, seed)

    def oracle(self, task: Task) -> Policy:
        """Plays the package's own way to win."""
        left = iter(self._pool.ask("way", **task.data))
        return lambda observation: next(left, "")

    def random(self, task: Task, rng: random.Random) -> Policy | None:
        return None

    def describe(self) -> dict[str, object]:
        """How many tasks there are, and what ends an attempt."""
        return {"tasks": len(self.experiments), "won": "a score of 100"}

    def _task(self, number: int, split: Split) -> Task | None:
        turn, which = divmod(number, len(self.experiments))
        name, fold = self.experiments[which], FOLDS[split]
        if (name, fold) not in self._variations:
            self._variations[name, fold] = self._pool.ask("variations", experiment=name, fold=fold)
        if turn >= len(self._variations[name, fold]):
            return None
        data = {"experiment": name, "variation": self._variations[name, fold][turn]}
        text = self._pool.ask("told", **data)
        if split_by_content(text, SHARES) != split:
            return None
        return Task(f"{name}-{data['variation']}", text, split, data, kind=name)


class SciencePlayer:
    """Plays in the pool's process."""

    def __init__(self, *, simplify: str) -> None:
        self._simplify, self._java = simplify, JavaLibrary(_started, JAVA)

    def variations(self, experiment: str, fold: str) -> list[int]:
        """The numbers of the variations in a fold."""
        library = self._begun(experiment, 0)
        return [int(n) for n in getattr(library, f"get_variations_{fold}")()]

    def told(self, experiment: str, variation: int) -> str:
        """What is told of a task when it begins."""
        return _first(self._begun(experiment, variation))

    def way(self, experiment: str, variation: int) -> list[str]:
        """Actions that win it."""
        return [no_error(str(action)) for action in self._begun(experiment, variation, way=True).get_gold_action_sequence()]

    def open(self, data: Mapping[str, Any], seed: int) -> Scene:
        return LaboratoryScene(self._begun(**data))

    def _begun(self, experiment: str, variation: int, *, way: bool = False) -> Any:
        library = self._java.library
        library.load(experiment, variation, self._simplify, generateGoldPath=way)
        return library


class LaboratoryScene:
    """One task under way."""

    def __init__(self, library: Any) -> None:
        # Not the library's own step, which lists some three thousand actions each time.
        self._server, self._over = library.server, False
        self.first = Observation(_first(library))

    def act(self, action: str) -> Observation | Outcome:
        words = " ".join(action.split())
        if self._over or not words or len(words) > LONGEST or words.lower() == "reset task" or not words.isprintable():
            return Observation("That is not an action.")
        text = _lines(self._server.step(words))
        score = round(100 * float(self._server.getScore()))
        self._over = score >= 100 or score < 0 or bool(self._server.getCompleted())
        if not self._over:
            return Observation(text)
        return success(text, 1.0) if score >= 100 else failure(text, max(0.0, score / 100))

    def close(self) -> None:
        """The next load takes its place."""


def _started() -> Any:
    from scienceworld import ScienceWorldEnv

    found = ScienceWorldEnv("", envStepLimit=1_000_000)
    # A folder for something that is not asked here, and would be left behind where the process is killed.
    vars(found)["_obj_tree_tempdir"].cleanup()
    return found


def _first(library: Any) -> str:
    return f"{_lines(library.get_task_description())}\n\n{_lines(library.look())}"


def _lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in no_error(str(text)).strip().splitlines())
