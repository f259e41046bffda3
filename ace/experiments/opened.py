"""An experiment that can be done: its arms opened and checked, its tasks listed once, before anything is written or spent."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from ace.errors import BadSetting, NotFound, NotUsable, UserError
from ace.events import Listener
from ace.experiments.arms import Arm
from ace.experiments.design import Cell, Design
from ace.memory.store import Store
from ace.models.by_role import open_models
from ace.models.clients.connectivity import require_listeners
from ace.models.clients.prices import require_prices
from ace.models.contract import Model
from ace.models.reached import ModelSettings
from ace.options import told_settings
from ace.runs.estimate import Expectation, expected
from ace.runs.preparing import Given, Prepared, prepare
from ace.runs.reading import recorded
from ace.runs.tasks import ordered
from ace.strategies.registry import lacking_settings, models_of, reads_of

FEW_SEEDS = 2
"""Seeds from which on a spread over seeds can be told."""


@dataclass(frozen=True, slots=True)
class OpenedDesign:
    """A design that can be carried out. `base` holds what all runs share: the environment, the tasks as they are listed, the
    models. `arms` are the runs that can be begun, by arm, each for the first seed; `unusable` says of the other arms what the
    environment or the model lacks."""

    design: Design
    base: Prepared
    arms: Mapping[str, Prepared]
    unusable: Mapping[str, str]
    strong: Mapping[str, Model] = field(default_factory=dict)
    """By arm, the stronger model that its strategy routes steps to; arms that name the same share it."""

    @property
    def cells(self) -> list[Cell]:
        """The runs that can be done."""
        return [cell for cell in self.design.cells if cell.arm.name in self.arms]

    def prepared(self, cell: Cell, experiment: str, listener: Listener) -> Prepared:
        """The run of `cell` in `experiment`: its configuration names both, so that it is told from any other run."""
        settings = self.design.settings(cell)
        train = ordered(self.base.tasks.train, settings) if cell.arm.learns else ()
        # What finding it out took is kept with the first run.
        found = self.base.answering
        return replace(
            self.arms[cell.arm.name],
            settings=settings,
            tasks=replace(self.base.tasks, train=train),
            models=self.base.models,
            answering=found if cell == self.cells[0] else replace(found, calls=()),
            marks={"experiment": experiment, "arm": cell.arm.name},
            listener=listener,
            lasting=True,
        )

    @property
    def reads(self) -> bool:
        """Whether an arm reads playbooks, which have to be in the store already."""
        return any(reads_of(arm.strategy, name) for name, arm in self.arms.items())

    def require_readable(self, store: Store) -> None:
        """Raise `NotFound` where the strategy of an arm reads a playbook that is not in `store`, with the nearest, and
        `BadSetting` for playbooks that it cannot be given."""
        for name, arm in self.arms.items():
            # What cannot be worked with is found when its run is begun, and stands beside the arm.
            with suppress(NotUsable):
                try:
                    recorded(arm, store)
                except (NotFound, BadSetting) as error:
                    raise _of(name, error) from None

    def expected(self, arm: Arm) -> Expectation:
        """What one run of `arm` is expected to need."""
        settings = self.design.settings(Cell(arm, self.design.seeds[0]))
        train, held_out = self.base.tasks.train if arm.learns else (), self.base.tasks.held_out
        return expected(settings, self.base.environment, train, held_out, 1)

    @property
    def cautions(self) -> tuple[str, ...]:
        """What this design can tell little of, and what of its settings is ignored, a line each."""
        # A setting without effect in one arm has one in another: a line by arm is for an arm's own settings.
        lines = [w for w in self.base.warnings if w not in self.base.idle or all(w in arm.idle for arm in self.arms.values())]
        lines += [
            f"Warning: arm {a.name}: {w.removeprefix('Warning: ')}"
            for a in self.design.arms
            for w in (self.arms[a.name].warnings if a.name in self.arms else ())
            if w not in self.base.warnings and (a.own or w not in self.arms[a.name].idle)
        ]
        n = len(self.design.seeds)
        if n < FEW_SEEDS:
            why = "what is found holds for this seed alone; 3 or more are advised"
            lines.append(f"Warning: one seed tells no spread over seeds: {why}")
        if len(self.design.arms) < 2:
            lines.append("Warning: one arm is compared with nothing; name two or more with --arms")
        return tuple(lines)


def _of(arm: str, error: UserError) -> UserError:
    """`error`, whose message begins with the arm that it is about."""
    error.args = (f"arm {arm}: {str(error).removeprefix(f'arm {arm}: ')}",)
    return error


def _require_settings(arm: Arm) -> None:
    """Raise `BadSetting` where the strategy of `arm` needs a setting that it is not given: an arm is given it in one text."""
    if missing := lacking_settings(arm.strategy, arm.settings):
        given = [f"{key}={value}" for key, value in {**arm.settings, **arm.own}.items()]
        whole = ",".join([*given, *(f"{s.name}=..." for s in missing)])
        needs = f"strategy {arm.strategy} needs {told_settings(missing)}"
        raise BadSetting(f"{needs}; write the arm as {arm.of}={arm.strategy}:{whole}")


def open_design(design: Design, *, sending: bool = True) -> OpenedDesign:
    """Open and check everything that can be wrong in `design`. Raises the user's mistakes, and `NotUsable` where no arm can be
    used. Where nothing will be sent (`sending` false), no key is needed and no server looked for."""
    base = prepare(replace(design.base, strategy="frozen", strategy_settings={}, measured="after"), sending=sending)
    arms, unusable = {}, {}
    for arm in design.arms:
        settings = design.settings(Cell(arm, design.seeds[0]))
        try:
            _require_settings(arm)
            arms[arm.name] = prepare(settings, Given(environment=base.environment), sending=False)
        except NotUsable as error:
            # The message names the strategy, and the arm stands beside it.
            unusable[arm.name] = str(error).partition(" is not usable: ")[2] or str(error)
        except UserError as error:
            raise _of(arm.name, error) from None
    if not arms:
        raise NotUsable(f"none of the arms can be used here: {'; '.join(f'{arm}: {why}' for arm, why in unusable.items())}")
    named = {name: asked["strong"] for name, arm in arms.items() if (asked := models_of(arm.strategy, name))}
    try:
        strong = open_models(named, ModelSettings(api_base=design.base.api_base or None, sending=sending))
        if design.base.budget.usd is not None:
            require_prices(dict.fromkeys(m.name for m in strong.values()))
        if sending:
            require_listeners(strong.values())
    except UserError as error:
        raise _of(", ".join(a for a, model in named.items() if model in str(error)) or ", ".join(named), error) from None
    return OpenedDesign(design, base, arms, unusable, strong)
