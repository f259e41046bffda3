"""`code`: programs that are judged by unit tests, run where they can do no harm.

The solution runs in one shut-in process and the tests in another; between them go calls and plain values. So the verdict is not
within the reach of the code that it is about: docs/environments/code.md says what can and cannot be forged.
"""

from __future__ import annotations

import random
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from ace.environments.code.program import LONGEST, completed, source_in
from ace.environments.code.running import SPARE, START, Job, RunLimits, judged
from ace.environments.code.sandbox import Sandbox, require_sandbox
from ace.environments.code.sets import MODULE, CodeSet
from ace.environments.contract import Environment, Limits, Policy, Scene
from ace.environments.needs import require_needs
from ace.environments.question import Question
from ace.environments.splitting import SHARES, SHARES_HELP, shares_of
from ace.options import Least
from ace.types import SPLITS, Observation, Outcome, Split, Task, digest, failure

OFFERS = {"code": "Code"}
HELP = {"code": "Python functions and modules that are judged by unit tests, run in a sandbox."}
NEEDS = {"sandbox": "yes", "extra": "code", "modules": "pytest", "for": "tests of pytest"}

FUNCTION = "Complete the Python function below. Answer with the whole function, and nothing else, in one block of code.\n\n"
MODULE_ASKED = f"Write the Python module {MODULE}. Answer with the whole module, and nothing else, in one block of code.\n\n"
_KEPT = 512


class Code(Environment):
    """Python functions and modules that are judged by unit tests, run in a sandbox.

    Tasks are a file of JSON Lines in the form of HumanEval or a folder of folders with files of pytest. One reply is judged;
    the failing assertion is told after a training attempt. Making one raises `BadInput` where there is no sandbox."""

    name = "code"

    def __init__(
        self,
        *,
        tasks: Annotated[
            Path, "a file of JSON Lines (task_id, prompt, entry_point, canonical_solution, test), or a folder of tasks"
        ],
        sandbox: Annotated[Sandbox, "the sandbox around the code; none runs it with all your permissions"] = "bubblewrap",
        seconds: Annotated[int, Least(1), "processor seconds for one attempt; three times as many by the clock"] = 10,
        memory: Annotated[int, Least(64), "MiB of memory for the solution"] = 512,
        disk: Annotated[int, Least(1), "MiB of files that the solution may write; they are deleted after the attempt"] = 16,
        feedback: Annotated[int, Least(0), "characters of the failing assertion that are shown after a training attempt"] = 600,
        shares: Annotated[str, SHARES_HELP] = SHARES,
    ) -> None:
        self._path, self._shares, self._sandbox = Path(tasks), shares_of(shares), sandbox
        self._limits = RunLimits(seconds, memory, disk, feedback)
        self.limits = Limits(steps=1, seconds=START + self._limits.clock + SPARE + 60.0)
        require_sandbox(sandbox)
        self._set: CodeSet | None = None
        self._known: OrderedDict[str, Outcome] = OrderedDict()
        self._lock = threading.Lock()

    def tasks(self, split: Split) -> Sequence[Task]:
        return self._read().tasks[split]

    def open(self, task: Task, seed: int) -> Scene:
        asked = MODULE_ASKED if "folder" in task.data else FUNCTION
        return Question(Observation(asked + task.text), lambda reply: self._outcome(task, reply))

    def oracle(self, task: Task) -> Policy | None:
        """Gives the reference solution; `None` where the task has none."""
        reference = task.data.get("reference")
        if reference is None:
            return None
        whole = str(reference) if "folder" in task.data else f"{task.data['prompt']}{reference}"
        return lambda seen: whole

    def random(self, task: Task, rng: random.Random) -> Policy | None:
        return None

    def describe(self) -> dict[str, object]:
        """Tasks by split, how many have a reference solution, and what shuts the code in."""
        found = self._read().tasks
        known = sum("reference" in task.data for tasks in found.values() for task in tasks)
        return {f"{split} tasks": len(found[split]) for split in SPLITS} | {
            "reference solutions": known,
            "sandbox": self._sandbox,
        }

    def _read(self) -> CodeSet:
        if self._set is None:
            self._set = CodeSet.read(self._path, self._shares)
            if any("folder" in task.data for tasks in self._set.tasks.values() for task in tasks):
                require_needs("code", NEEDS["for"])
        return self._set

    def _outcome(self, task: Task, reply: str) -> Outcome:
        """The verdict on `reply`; the same reply to the same task is run once."""
        if not reply.strip():
            return failure("Nothing was written." if task.split == "train" else "")
        if len(reply) > LONGEST:
            return failure(reason=f"the reply has {len(reply):,} characters; at most {LONGEST:,} are run")
        key = digest(task.key, reply)
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = judged(_job(task, reply), self._limits, self._sandbox)
            if known.valid:
                with self._lock:
                    self._known[key] = known
                    if len(self._known) > _KEPT:
                        self._known.popitem(last=False)
        return known if task.split == "train" or not known.valid else Outcome(known.verdict, known.score)


def _job(task: Task, reply: str) -> Job:
    if "folder" in task.data:
        return Job(source_in(reply), MODULE, folder=Path(task.data["folder"]))
    entry, prompt = str(task.data["entry"]), str(task.data["prompt"])
    return Job(completed(prompt, entry, reply), MODULE, entry, prompt, str(task.data["test"]))
