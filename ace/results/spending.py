"""What each role cost in a run, from the journal of its calls.

Every call is written down with its role, so a run that was stopped, killed or resumed says it like any other, and the roles
add up to what the run's ledger holds.
"""

from __future__ import annotations

from ace.memory.store import Store
from ace.memory.values import RoleUsage, Run
from ace.types import Usage

PRESENCE = "presence"
"""The short question whether a model that gave up on a request is there at all."""
_OWN = {"reflector": "reflector_model", "curator": "curator_model"}
"""Roles that may have a model of their own, and the setting that names it."""


def by_role(store: Store, run: Run) -> dict[str, RoleUsage]:
    """What the calls of `run` cost by role, in the order in which the roles were first asked. A role that was not asked is left
    out; together they are `store.usage(run.id)`."""
    models = {role: _model(run, role) for role in ("generator", *_OWN)}
    # A gate asks the curator's model, and has cases played by the generator's.
    models["dispatcher"] = models["generator"]
    models["strong"] = str(run.config.get("strategy_settings", {}).get("strong", ""))
    models["gate"] = ", ".join(dict.fromkeys((models["generator"], models["curator"])))
    found: dict[str, RoleUsage] = {}
    for unit, share in store.usage_by_role(run.id):
        role = PRESENCE if unit else share.role
        model = _asked(unit, list(models.values())) if unit else models.get(role, "")
        before = found.get(role, RoleUsage(role, Usage()))
        names = dict.fromkeys(name for name in (before.model, model) if name)
        found[role] = RoleUsage(role, before.usage + share.usage, before.unended + share.unended, ", ".join(names))
    return found


def _model(run: Run, role: str) -> str:
    return str(run.config.get(_OWN.get(role, "model")) or run.config["model"])


def _asked(unit: str, models: list[str]) -> str:
    """The one of `models` whose name `unit` ends with."""
    return max((name for name in models if unit.endswith(f"/{name}")), key=len, default="")
