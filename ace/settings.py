"""What a run is: everything that decides its outcome, as one frozen value that is stored with it.

The id of a run derives from this value, so the same work has the same name wherever it is done. What changes only how fast it
is done (concurrency, the store's place, budgets) is not part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from ace.errors import BadSetting
from ace.keys import refuse_key_in, refuse_key_in_address, refuse_keys
from ace.types import JSON

ROLES = ("generator", "reflector", "curator")


def context_of(stated: Iterable[str]) -> dict[str, int]:
    """Context sizes by role from `TOKENS` (every role) and `ROLE=TOKENS`. Raises `BadSetting`."""
    sizes: dict[str, int] = {}
    for text in sorted(stated, key=lambda t: "=" in t):
        role, _, tokens = text.rpartition("=")
        if (role and role not in ROLES) or not tokens.isdecimal() or not int(tokens):
            raise BadSetting(f"context is {text!r}; it must be a number of tokens, or ROLE=TOKENS with {', '.join(ROLES)}")
        sizes |= dict.fromkeys([role] if role else ROLES, int(tokens))
    return sizes


@dataclass(frozen=True, slots=True)
class RunSettings:
    """One run. `episodes` and `eval` are `None` for all the tasks of a finite split, else 300 and 200; `retries` are further
    attempts at a training case that failed. `learn_only` measures nothing. With a `split`, nothing is learned: `playbook` (a
    reference) is measured on it. `prompts` are the texts of one's own by role, with their placeholders; `context` is
    what models take in tokens, by role. `gates` judge what the strategy proposes, after the guards."""

    environment: str
    settings: Mapping[str, str] = field(default_factory=dict)
    model: str = "novice"
    reflector_model: str = ""
    curator_model: str = ""
    strategy: str = "ace"
    strategy_settings: Mapping[str, str] = field(default_factory=dict)
    playbook: str = ""
    episodes: int | None = None
    epochs: int = 1
    batch: int = 10
    eval: int | None = None
    retries: int = 0
    seed: int = 0
    sampling: Mapping[str, JSON] = field(default_factory=dict)
    timeout: float = 120.0
    api_base: str = ""
    split: str = ""
    learn_only: bool = False
    prompts: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, int] = field(default_factory=dict)
    gates: Sequence[str] = ()
    gate_settings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, least in (("episodes", 1), ("epochs", 1), ("batch", 1), ("eval", 1), ("retries", 0)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise BadSetting(f"{name} is {value}; it must be {least} or more")
        self._refuse_keys()
        if not self.timeout > 0:
            raise BadSetting(f"timeout is {self.timeout:g}; it must be more than 0 seconds")

    def _refuse_keys(self) -> None:
        """Raise `BadSetting` where a key would be stored."""
        refuse_keys(self.settings, "setting")
        refuse_keys(self.strategy_settings, "strategy setting")
        refuse_keys(self.gate_settings, "gate setting")
        refuse_keys(self.sampling, "sampling parameter")
        refuse_key_in_address(self.api_base)
        for name in ("environment", "strategy", "model", "reflector_model", "curator_model", "playbook"):
            refuse_key_in(getattr(self, name), name.replace("_", " "))
        for gate in self.gates:
            refuse_key_in(gate, "gate")

    def as_json(self) -> dict[str, JSON]:
        row = asdict(self)
        row["gates"] = list(self.gates)
        # Runs with the stock prompts, and without gates, keep the ids that they had before there were others.
        for name in ("prompts", "context", "gates", "gate_settings"):
            if not row[name]:
                del row[name]
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, JSON]) -> RunSettings:
        return cls(**{**row, "gates": tuple(row.get("gates", ()))})
