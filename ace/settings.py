"""What a run is: everything that decides its outcome, as one frozen value that is stored with it, and how it is done.

A setting is stated here and nowhere else. Options of commands, keys of settings files and keywords of
the library are read off the annotated fields. The id of a run derives from what is stored of this value, so the same work has
the same name wherever it is done; what changes only how it is done (`Execution`) is not stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Annotated

from ace.answered import Answered, answered
from ace.budget import Budget
from ace.contexts import context_of, context_taken
from ace.errors import BadSetting, as_given
from ace.flags import ALL, COMMANDS, Door, Flag, Found, Group, require_bounds, stated
from ace.keys import refuse_key_in, refuse_key_in_address, refuse_keys
from ace.options import parse_pairs, whole_number
from ace.sampled import Sampled
from ace.types import JSON

_RUN = frozenset({Door.RUN})
_EVAL = frozenset({Door.EVAL})
_LEARNING = frozenset({Door.RUN, Door.LEARNER, Door.COMPARE})
_LEARN = _LEARNING | {Door.LEARN}
_COMPARE = frozenset({Door.COMPARE})
_REVIEWED = _LEARN - _COMPARE
_EACH = ALL - _COMPARE
_MEASURING = _RUN | _EVAL | _COMPARE
_AGENT = _MEASURING | {Door.LEARNER}
MOST_CASES = 1_000_000
"""Cases of a run, at most: more would be work without end."""


class SplitName(StrEnum):
    """A split that `ace eval` measures on."""

    TEST = "test"
    VAL = "val"
    TRAIN = "train"


def texts(settings: Mapping[str, object]) -> dict[str, str]:
    """Settings as the command line has them: texts."""
    return {name: str(v).lower() if isinstance(v, bool) else str(v) for name, v in settings.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """How a run is done; what comes out of it does not depend on it, and it is not stored with the run."""

    store: Annotated[
        str,
        Flag("The database: a file or a sqlite:/// address.", doors=COMMANDS, variable="ACE_STORE", found=Found.FILE),
    ] = ""
    concurrency: Annotated[int, Flag("Cases played, and requests sent, at the same time.", doors=ALL | COMMANDS, least=1)] = 16
    budget: Annotated[Budget, Group(Budget, whole=frozenset({Door.LEARNER, Door.LEARN}))] = Budget()
    record: Annotated[
        str,
        Flag(
            "Record every reply in this file; replay:FILE plays them back.",
            metavar="FILE",
            doors=COMMANDS,
            found=Found.NONE,
            called="a file to write",
        ),
    ] = ""

    def __post_init__(self) -> None:
        require_bounds(self)


@dataclass(frozen=True, slots=True)
class RunSettings(Execution):
    """One run. `episodes` and `eval` are `None` for all the tasks of a finite split, else 300 and 200; `retries` are further
    attempts at a lost training case, `None` as the strategy says. With a `split` nothing is learned: `playbook` (a reference)
    is measured on it, with `attempts` at each case. A run of an experiment is `measured` after it learned, or only measured,
    and its seed draws the order of its training cases (`shuffled`). `prompts` are one's own by role; `context` is tokens by
    role."""

    environment: Annotated[
        str,
        Flag(
            "Environment: a name, package.module:attribute or file.py:attribute.",
            argument=True,
            metavar="ENV",
            completion="environments",
            doors=_MEASURING,
            required=True,
            found=Found.NAME,
            again=("env", "environment"),
        ),
    ] = "desk"
    settings: Annotated[
        Mapping[str, str],
        Flag(
            "A setting of the environment (`ace env show ENV` lists them); may be repeated.",
            key="set",
            metavar="KEY=VALUE",
            text=list[str],
            read=parse_pairs,
            taken=texts,
            doors=_AGENT,
            found=Found.PAIRS,
            of="environment",
            again=("set", "environment's settings"),
        ),
    ] = field(default_factory=dict)
    model: Annotated[
        str,
        Flag(
            "The model: novice, provider/name, local:FILE.gguf, manual:DIR, replay:FILE.",
            short="m",
            doors=_AGENT,
            eval_help="The model that acts.",
            found=Found.MODEL,
            again=("model", "model"),
        ),
    ] = "novice"
    proxy: Annotated[
        str,
        Flag(
            "Proxy decoding: the model does not read the playbook; this small one does (local:FILE.gguf), and steers it.",
            metavar="FILE",
            doors=_AGENT,
            found=Found.NONE,
            called="a model file",
            later=True,
        ),
    ] = ""
    reflector_model: Annotated[
        str,
        Flag(
            "Another model for the reflector.", doors=_LEARN, found=Found.MODEL, again=("reflector-model", "reflector's model")
        ),
    ] = ""
    curator_model: Annotated[
        str,
        Flag("Another model for the curator.", doors=_LEARN, found=Found.MODEL, again=("curator-model", "curator's model")),
    ] = ""
    strategy: Annotated[
        str,
        Flag(
            "What is shown and learned: ace, reflexion, frozen, or a control (`ace strategy list`).",
            short="s",
            completion="strategies",
            doors=_EACH,
            eval_help="What is shown: ace, reflexion, frozen, or a control (`ace strategy list`).",
            eval_default="frozen",
            found=Found.NAME,
            again=("strategy", "strategy"),
        ),
    ] = "ace"
    strategy_settings: Annotated[
        Mapping[str, str],
        Flag(
            "A setting of the strategy (`ace strategy show NAME` lists them); may be repeated.",
            key="strategy-set",
            metavar="KEY=VALUE",
            text=list[str],
            read=parse_pairs,
            taken=texts,
            doors=_EACH,
            found=Found.PAIRS,
            of="strategy",
            again=("strategy-set", "strategy's settings"),
        ),
    ] = field(default_factory=dict)
    gates: Annotated[
        Sequence[str],
        Flag(
            "A further check that each change of the playbook must pass (`ace gate list` names them); may be repeated.",
            key="gate",
            metavar="NAME",
            completion="gates",
            text=list[str],
            read=tuple,
            doors=_LEARN,
            found=Found.NAME,
            again=("gate", "gates"),
            later=True,
        ),
    ] = ()
    gate_settings: Annotated[
        Mapping[str, str],
        Flag(
            "A setting of a gate (`ace gate show NAME` lists them); may be repeated.",
            key="gate-set",
            metavar="KEY=VALUE",
            text=list[str],
            read=parse_pairs,
            taken=texts,
            doors=_LEARN,
            found=Found.PAIRS,
            of="gate",
            again=("gate-set", "gates' settings"),
            later=True,
        ),
    ] = field(default_factory=dict)
    review: Annotated[
        bool,
        Flag("Hold every change that the gates pass until a person decides (`ace review list`).", doors=_REVIEWED, later=True),
    ] = False
    hold_sensitive: Annotated[
        bool,
        Flag("Hold a change that may contain a secret or personal data until a person decides.", doors=_REVIEWED, later=True),
    ] = False
    gate_alpha: Annotated[
        float,
        Flag(
            "Gate trial: the share of kept changes that may be useless; gate final: the chance of keeping a useless run.",
            doors=_LEARNING,
            later=True,
        ),
    ] = 0.05
    gate_pairs: Annotated[
        int,
        Flag(
            "Gates trial, final: at most so many cases are played with and without the change, for one judgement.",
            doors=_LEARNING,
            least=1,
            most=MOST_CASES,
            later=True,
        ),
    ] = 300
    gate_every: Annotated[
        int, Flag("Gate trial: judge the changes of this many batches together.", doors=_LEARNING, least=1, later=True)
    ] = 1
    gate_eps: Annotated[
        float,
        Flag(
            "Gate final: also report whether success fell by less than this share, such as 0.02; decides nothing.",
            doors=_LEARNING,
            later=True,
        ),
    ] = 0.0
    playbook: Annotated[
        str,
        Flag(
            "Continue this playbook, created if it does not exist; default: a new one.",
            completion="playbooks",
            doors=_AGENT - _COMPARE,
            eval_help="The playbook: NAME or NAME@REVISION.",
            required=True,
            found=Found.ANY,
        ),
    ] = ""
    episodes: Annotated[
        int | None, Flag("Cases to learn from; all, or 300 if endless.", doors=_RUN | _COMPARE, least=1, most=MOST_CASES)
    ] = None
    epochs: Annotated[int, Flag("Passes over the training cases.", doors=_LEARNING, least=1)] = 1
    batch: Annotated[
        int, Flag("Cases between two updates of the playbook; 1 is online learning.", doors=_LEARN, least=1, most=MOST_CASES)
    ] = 10
    eval: Annotated[
        int | None,
        Flag(
            "Other cases, to measure on; all, or 200 if endless.",
            doors=_MEASURING,
            eval_help="Cases to measure on; all, or 200 if endless.",
            least=1,
            most=MOST_CASES,
        ),
    ] = None
    retries: Annotated[
        int | None,
        Flag("Further attempts at a training case that was lost; default: the strategy's.", doors=_LEARNING, least=0),
    ] = None
    attempts: Annotated[int, Flag("Independent attempts at each case; gives pass@k.", doors=_EVAL, least=1, later=True)] = 1
    seed: Annotated[
        int,
        Flag("The random seed, a whole number.", text=str, read=whole_number, doors=_AGENT - _COMPARE),
    ] = 0
    sampling: Annotated[Mapping[str, JSON], Group(Sampled, whole=frozenset({Door.LEARNER}))] = field(default_factory=dict)
    answering: Annotated[Mapping[str, JSON], Group(Answered)] = field(default_factory=dict)
    holdout: Annotated[
        float,
        Flag(
            "While learning, leave each bullet out of a prompt with this chance, to measure what it does (0.2 is usual).",
            doors=_LEARNING,
            later=True,
        ),
    ] = 0.0
    mask: Annotated[
        bool, Flag("Hide a bullet in kinds of cases where it was measured to harm.", doors=_LEARNING | _EVAL, later=True)
    ] = False
    timeout: Annotated[float, Flag("Time limit for one request, in seconds.")] = 120.0
    api_base: Annotated[
        str,
        Flag(
            "Address of an OpenAI-compatible server.",
            found=Found.NONE,
            called="an address",
            again=("api-base", "address of the server"),
        ),
    ] = ""
    split: Annotated[
        str,
        Flag("The split to measure on.", text=SplitName, read=str, doors=_EVAL, eval_default=SplitName.TEST, found=Found.ANY),
    ] = ""
    learn_only: Annotated[bool, Flag("Only learn; measure nothing.", doors=_LEARNING - _COMPARE)] = False
    prompts: Annotated[
        Mapping[str, str],
        Flag(
            "Custom prompts: a folder (ace prompts export creates one) or a package's name.",
            metavar="DIR",
            text=str,
            found=Found.NONE,
            called="a folder of prompts",
            later=True,
        ),
    ] = field(default_factory=dict)
    context: Annotated[
        Mapping[str, int],
        Flag(
            "Context window of the models in tokens, or ROLE=TOKENS; longer prompts are cut or refused.",
            metavar="TOKENS",
            text=list[str],
            read=context_of,
            taken=context_taken,
            found=Found.ANY,
            later=True,
        ),
    ] = field(default_factory=dict)

    measured: Annotated[
        str, Flag("What a run of an experiment measures: after it learned, or only.", doors=frozenset(), later=True)
    ] = ""
    shuffled: Annotated[
        bool, Flag("Whether the seed draws the order of the training cases.", doors=frozenset(), later=True)
    ] = False

    def __post_init__(self) -> None:
        require_bounds(self)
        self._refuse_keys()
        if not 0 < self.timeout < float("inf"):
            raise BadSetting(f"timeout is {self.timeout:g}; it must be more than 0 seconds, and finite")
        require_holdout(self.holdout)
        answered(self.answering)
        self._require_proxy()
        _require_between("gate_alpha", self.gate_alpha, "a chance, more than 0 and less than 1")
        if self.gate_eps:
            _require_between("gate_eps", self.gate_eps, "0, or a share of success, more than 0 and less than 1")

    def _require_proxy(self) -> None:
        """Raise `BadSetting` for an alpha that nothing is multiplied by."""
        if self.sampling.get("alpha") is not None and not self.proxy and not self.model.startswith("replay:"):
            raise BadSetting(f"alpha goes with proxy decoding: name a small model with {as_given('proxy')}, or leave alpha out")

    def _refuse_keys(self) -> None:
        """Raise `BadSetting` where a key would be stored."""
        refuse_keys(self.settings, "setting")
        refuse_keys(self.strategy_settings, "strategy setting")
        refuse_keys(self.gate_settings, "gate setting")
        refuse_keys(self.sampling, "sampling parameter")
        refuse_key_in_address(self.api_base)
        for name in ("environment", "strategy", "model", "reflector_model", "curator_model", "playbook"):
            refuse_key_in(getattr(self, name), name.replace("_", " "))
        for role, text in self.prompts.items():
            refuse_key_in(text, f"prompt of the {role}")
        for gate in self.gates:
            refuse_key_in(gate, "gate")

    def as_json(self) -> dict[str, JSON]:
        """What is stored. A setting that came `later` is left out where it has its default, so that runs keep their ids."""
        row = {name: value for name, value in asdict(self).items() if name not in _NOT_STORED}
        first = {s.field for s in stated(type(self)) if not s.flag.later}
        for s in stated(type(self)):
            # A group that was there before has a part that came later only where it is stated.
            if s.field not in first and row.get(s.field, s) == ({} if s.part else s.default):
                del row[s.field]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in row.items()}

    @classmethod
    def from_json(cls, row: Mapping[str, JSON]) -> RunSettings:
        if not_stored := _NOT_STORED & row.keys():
            raise TypeError(f"{', '.join(sorted(not_stored))} is not stored with a run")
        return cls(**{**row, "gates": tuple(row.get("gates", ()))})

    def done_as(self, execution: Execution) -> RunSettings:
        """These settings, done in the way of `execution`."""
        return replace(self, **{f.name: getattr(execution, f.name) for f in fields(Execution)})


_NOT_STORED = {f.name for f in fields(Execution)}


def require_holdout(holdout: object) -> None:
    """Raise `BadSetting` for what is not a chance with which bullets can be left out."""
    if isinstance(holdout, bool) or not isinstance(holdout, int | float) or not 0 <= holdout < 1:
        raise BadSetting(f"holdout is {holdout!r}; it must be a chance, at least 0 and less than 1")


def _require_between(name: str, value: object, accepted: str) -> None:
    """Raise `BadSetting` for what is not a number between 0 and 1; NaN is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise BadSetting(f"{name} is {value!r}; it must be {accepted}")
