"""`openenv`: any environment that a server offers by the OpenEnv protocol, over its WebSocket.

The protocol's HTTP calls build a new environment each, so only the WebSocket has a session; a scene is one connection. The
action's JSON Schema becomes what the agent is told. A server that dies, stalls, is full or answers in another form makes the
attempt invalid; an action that it refuses is answered, because that is the agent's fault.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

from ace.environments.accepted import MOST_STEPS, require_port, require_within
from ace.environments.contract import Environment, Limits, Policy, Scene
from ace.environments.generated import numbered
from ace.environments.openenv.session import NotAnAction, RemoteSession, StepResult, read_schema
from ace.environments.openenv.wording import ActionForm, form_of, told
from ace.errors import BadInput, BadSetting
from ace.types import Observation, Outcome, Split, Task, failure, success

OFFERS = {"openenv": "OpenEnv"}
HELP = {"openenv": "An environment on a server, over the OpenEnv protocol (WebSocket); its schema becomes the prompt."}
NEEDS = {"extra": "openenv", "modules": "websockets"}

LONGEST_RULES = 100_000
"""Characters of the file of rules: as much as is read of another text of the operator's."""


class OpenEnv(Environment):
    """An environment behind an OpenEnv server. A task is what the server's reset gives for a seed."""

    name: ClassVar[str] = "openenv"

    def __init__(
        self,
        *,
        url: Annotated[str, "the server's address, such as http://127.0.0.1:8000"],
        success_at: Annotated[float, "the reward from which an attempt that is over is a success"] = 1.0,
        steps: Annotated[int, "actions after which an attempt is lost"] = 20,
        seconds: Annotated[float, "how long one answer of the server may take"] = 30.0,
        seeds: Annotated[int, "how many seeds are tried for tasks"] = 100_000,
        rules: Annotated[str, "a file with what decides the server's cases, a rule a line, for the arm oracle-book alone"] = "",
    ) -> None:
        if not url.startswith(("http://", "https://", "ws://", "wss://")):
            raise BadSetting(f"url={url} is not an address; write it with http:// or ws://, as in http://127.0.0.1:8000")
        require_port(url)
        require_within(1, MOST_STEPS, steps=steps)
        if not 0 < seconds <= 3600:
            raise BadSetting(f"seconds={seconds:g} is out of range; it must be more than 0 and at most 3600")
        if seeds < 1:
            raise BadSetting(f"seeds={seeds} is out of range; it must be 1 or more")
        self.url, self.success_at, self.seconds, self.seeds = url.rstrip("/"), success_at, seconds, seeds
        self.limits = Limits(steps=steps, seconds=2 * seconds + 5)
        self._form: ActionForm | None = None
        self._rules = _rules(Path(rules)) if rules else ()

    @property
    def instructions(self) -> str:  # type: ignore[override]
        """How an action is written, from the server's schema. Raises `BadInput` where there is none that can be read."""
        return f"{self._action().instructions} {self.limits.told()}".strip()

    def tasks(self, split: Split) -> Iterable[Task]:
        """What resets give by seed, each text once. Raises `BadInput` where the server cannot be used."""
        self._action()
        return numbered(self._task, split)

    def open(self, task: Task, seed: int) -> Scene:
        session = RemoteSession(self.url, self.seconds)
        try:
            first = session.reset(int(task.data["seed"]))
            return RemoteScene(session, first, self._action(), self.success_at)
        except BaseException:
            session.close()
            raise

    def random(self, task: Task, rng: random.Random) -> Policy | None:
        return super().random(task, rng) if self._action().choices else None

    def stated_rules(self) -> Sequence[str]:
        """What the file `rules` says; the protocol has nothing of the kind."""
        return self._rules

    def describe(self) -> dict[str, object]:
        """The server, and the fields of an action."""
        return {"server": self.url, "action": self._action().summary, "success": f"reward of {self.success_at:g} or more"}

    def _task(self, number: int, split: Split) -> Task | None:
        if number >= self.seeds:
            return None
        try:
            session = RemoteSession(self.url, self.seconds)
            try:
                text = told(session.reset(number).observation)
            finally:
                session.close()
        except (OSError, ValueError) as error:
            raise BadInput(f"the OpenEnv server at {self.url} cannot be used: {error}") from None
        return Task(f"seed-{number}", text or f"(seed {number})", split, {"seed": number})

    def _action(self) -> ActionForm:
        if self._form is None:
            self._form = form_of(read_schema(self.url, self.seconds))
        return self._form


class RemoteScene:
    """One session with the server, from its reset to its end."""

    def __init__(self, session: RemoteSession, first: StepResult, form: ActionForm, success_at: float) -> None:
        self._session, self._form, self._success_at = session, form, success_at
        self._last = told(first.observation)
        self.first = Observation(self._last, actions=form.choices)

    def act(self, action: str) -> Observation | Outcome:
        try:
            data: dict[str, Any] = self._form.read(action)
            seen = self._session.step(data)
        except NotAnAction as refused:
            return Observation(f"The action was not accepted: {refused}\n\n{self._last}", actions=self._form.choices)
        text = told(seen.observation)
        if not seen.done:
            self._last = text
            return Observation(text, actions=self._form.choices)
        won = seen.reward is not None and seen.reward >= self._success_at
        score = None if seen.reward is None or not 0 <= seen.reward <= 1 else float(seen.reward)
        return success(text, score) if won else failure(text, score)

    def close(self) -> None:
        self._session.close()


def _rules(path: Path) -> tuple[str, ...]:
    """The lines of the file. Raises `BadSetting` where it cannot be read, or says nothing."""
    try:
        with path.open(encoding="utf-8-sig") as opened:
            text = opened.read(LONGEST_RULES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise BadSetting(f"rules={path}: the file cannot be read: {why}; it must be a text with a rule a line") from None
    if len(text) > LONGEST_RULES:
        raise BadSetting(f"rules={path}: the file is longer than {LONGEST_RULES:,} characters")
    found = tuple(line.strip() for line in text.splitlines() if line.strip())
    if not found:
        raise BadSetting(f"rules={path}: the file is empty; it must be a text with a rule a line")
    return found
