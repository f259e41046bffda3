"""A setting is stated once: its option, its key of a settings file, its keyword in Python and its bounds come of one field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from inspect import signature
from typing import Annotated, Any, get_type_hints

import pytest
import typer
from typer.testing import CliRunner

import ace
from ace.commands.config.settings_file import SettingsFile
from ace.commands.config.settings_keys import options, said
from ace.commands.run.options import settings_from, takes_options
from ace.errors import BadSetting, UnknownName
from ace.flags import Door, Flag, Found, stated
from ace.session.keywords import LearnerKeywords
from ace.session.options import OWN, LearnOptions, settings_of, takes_settings
from ace.settings import Execution, RunSettings
from ace.types import digest

FIRST = "c5969db6"
"""How the digest of what is stored of a run of the support desk begins."""


@dataclass(frozen=True, slots=True)
class Wider(RunSettings):
    """The settings of a run, and two more."""

    patience: Annotated[int, Flag("How long to wait.", least=1, later=True)] = 3
    notes: Annotated[str, Flag("A file of notes.", doors=frozenset({Door.RUN}), found=Found.NONE, later=True)] = ""


def command() -> tuple[typer.Typer, list[RunSettings]]:
    """A program with a command that takes the wider settings, and what it was given."""
    app, taken = typer.Typer(), list[RunSettings]()

    @app.command("run")
    @takes_options(Door.RUN, Wider)
    def run(**values: Any) -> None:
        taken.append(settings_from(Door.RUN, values, Wider))

    @app.command("other")
    def other() -> None:
        """So that `run` is a subcommand."""

    return app, taken


def parser(app: typer.Typer) -> Any:
    return typer.main.get_command(app)


def test_a_new_field_is_an_option_of_the_command_with_its_help_and_default() -> None:
    program, taken = command()
    runner = CliRunner()
    shown = runner.invoke(program, ["run", "--help"]).stdout
    assert "--patience" in shown
    assert "How long to wait." in shown
    assert runner.invoke(program, ["run", "--patience", "5", "--episodes", "2", "--max-calls", "7"]).exit_code == 0
    assert runner.invoke(program, ["run"]).exit_code == 0
    assert [(getattr(s, "patience", None), s.episodes, s.budget.calls) for s in taken] == [(5, 2, 7), (3, None, None)]


def test_its_bounds_hold_wherever_it_is_stated() -> None:
    with pytest.raises(BadSetting, match="patience is 0; it must be 1 or more"):
        Wider("desk", patience=0)
    program, _ = command()
    assert isinstance(CliRunner().invoke(program, ["run", "--patience", "0"]).exception, BadSetting)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        *((name, 1_000_000) for name in ("episodes", "eval", "batch", "gate_pairs")),
        *((name, 10_000) for name in ("epochs", "retries", "attempts", "concurrency", "gate_every", "patience")),
    ],
)
def test_a_number_that_would_be_work_without_end_is_refused(name: str, most: int) -> None:
    assert getattr(Wider("desk", **{name: most}), name) == most  # type: ignore[arg-type]
    with pytest.raises(BadSetting, match=f"{name} is {most + 1}; it must be at most {most:,}"):
        Wider("desk", **{name: most + 1})  # type: ignore[arg-type]


def test_every_number_with_a_least_has_a_most() -> None:
    bounded = {s.name for s in stated(RunSettings) if s.flag.least is not None}
    whole = {s.name for s in stated(RunSettings) if s.plain is int and not s.part}
    assert whole - bounded == {"seed"}


def test_it_is_a_key_of_a_settings_file() -> None:
    program = parser(command()[0])
    file = SettingsFile("ace.toml", {"run": {"patience": 4}}, found=True)
    assert said(file, program, ("run",))["patience"].value == 4
    assert options(program.commands["run"])["patience"].help == "How long to wait."
    wrong = SettingsFile("ace.toml", {"run": {"patience": "long"}}, found=True)
    with pytest.raises(BadSetting, match=r"patience is 'long'; it must be a whole number"):
        said(wrong, program, ("run",))


def test_a_found_file_may_say_numbers_and_no_text_that_is_not_declared_harmless() -> None:
    found = {s.key: s.found for s in stated(Wider)}
    assert found["patience"] is Found.ANY
    assert found["notes"] is Found.NONE
    assert found["api-base"] is Found.NONE


def test_it_is_a_keyword_of_the_library() -> None:
    @takes_settings(Door.LEARNER, Wider)
    def learner(environment: str, **keywords: Any) -> RunSettings:
        return settings_of(Door.LEARNER, keywords, {"environment": environment}, Wider)

    assert "patience" in signature(learner).parameters
    made = learner("desk", patience=4, settings={"world": 3}, context=900)
    assert isinstance(made, Wider)
    assert (made.patience, made.settings, made.context) == (4, {"world": "3"}, dict.fromkeys(ace_roles(), 900))
    with pytest.raises(UnknownName, match="patient"):
        learner("desk", patient=4)


def ace_roles() -> tuple[str, ...]:
    return ("generator", "reflector", "curator")


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("batch", "3", "a whole number"),
        ("batch", 2.5, "a whole number"),
        ("batch", True, "a whole number"),
        ("seed", "x", "a whole number"),
        ("concurrency", "4", "a whole number"),
        ("timeout", "long", "a number"),
        ("learn_only", 1, "true or false"),
        ("playbook", 3, "text"),
        ("api_base", 3, "text"),
    ],
)
def test_a_keyword_of_another_type_is_refused_in_a_line(name: str, value: object, accepted: str) -> None:
    with pytest.raises(BadSetting, match=f"{name} is {value!r}; it must be {accepted}"):
        settings_of(Door.LEARNER, {name: value}, {"environment": "desk"})


def test_numbers_of_either_kind_and_nothing_said_are_taken() -> None:
    made = settings_of(Door.LEARNER, {"timeout": 5, "sampling": None, "settings": None, "batch": None}, {"environment": "desk"})
    assert (made.timeout, made.sampling, made.settings, made.batch) == (5, {}, {}, 10)


def test_what_a_type_checker_is_told_is_what_the_fields_say() -> None:
    own: Mapping[Door, tuple[type, set[str]]] = {
        Door.LEARNER: (LearnerKeywords, set()),
        Door.LEARN: (LearnOptions, set(OWN)),
    }
    for door, (keywords, besides) in own.items():
        assert set(get_type_hints(keywords)) - besides == {s.name for s in stated(RunSettings, door)}
    assert {"batch", "seed", "store", "on_event"} <= set(signature(ace.Learner).parameters)


def test_a_run_keeps_its_id_however_it_is_done_and_when_a_setting_comes_later() -> None:
    row = RunSettings("desk").as_json()
    assert Wider("desk", concurrency=3, record="replies").as_json() == row
    assert Wider("desk", patience=4).as_json() == {**row, "patience": 4}
    assert digest(row).startswith(FIRST)


@pytest.mark.parametrize("name", [f.name for f in fields(Execution)])
def test_a_stored_run_cannot_say_how_it_is_done(name: str) -> None:
    row = {**RunSettings("desk").as_json(), name: "somewhere"}
    with pytest.raises(TypeError, match=f"{name} is not stored"):
        RunSettings.from_json(row)
