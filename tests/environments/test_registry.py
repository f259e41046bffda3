"""Finding environments by what a user types, reading their settings, and the one line that says what was wrong."""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import pytest

from ace.environments.contract import Environment
from ace.environments.dataset import Dataset
from ace.environments.registry import environment_name, environment_names, load_environment, open_environment
from ace.errors import BadInput, BadSetting, UnknownName, UserError
from ace.registry import convert_settings, load_object, parse_pairs, settings_of

SOURCE = """
from typing import Annotated
from ace.environments.contract import Environment

class Quiz(Environment):
    def __init__(self, level: Annotated[int, "how hard"] = 1) -> None:
        if level > 9:
            raise RuntimeError("too hard")
        self.level = level
    def tasks(self, split):
        return []
    def open(self, task, seed):
        raise NotImplementedError

class Half(Environment):
    def tasks(self, split):
        return []

class Show(Quiz):
    pass

class Odd(Quiz):
    name = "a b"

def build(level: int = 3):
    return Quiz(level)

def wrong():
    return 3

def judge(task, reply):
    return True

class Other:
    pass

ready = Quiz(7)
number = 3
"""


@pytest.fixture
def quiz(tmp_path: Path) -> str:
    (tmp_path / "quiz.py").write_text(SOURCE)
    return str(tmp_path / "quiz.py")


@pytest.fixture
def entry_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiz: str) -> Iterator[None]:
    """An installed package that offers two environments, one of which does not import."""
    info = tmp_path / "quizzes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: quizzes\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[ace.environments]\npubquiz = quiz:Quiz\nbroken = no_such_module_at_all:X\nlist = quiz:Quiz\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("quiz", None)


def level(environment: Environment) -> object:
    return vars(environment)["level"]


@pytest.mark.parametrize(
    ("attribute", "pairs", "expected"),
    [("Quiz", {}, 1), ("Quiz", {"level": "4"}, 4), ("build", {}, 3), ("build", {"level": "5"}, 5), ("ready", {}, 7)],
)
def test_a_class_an_instance_and_a_function_that_builds_one_are_opened(
    quiz: str, attribute: str, pairs: dict[str, str], expected: int
) -> None:
    environment = open_environment(f"{quiz}:{attribute}", pairs)
    assert level(environment) == expected
    assert environment_name(environment) == "quiz"


def test_a_file_is_found_from_the_working_directory_and_leaves_the_path_alone(
    quiz: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(quiz).parent
    monkeypatch.chdir(folder)
    before = list(sys.path)
    assert level(open_environment("./quiz.py:Quiz", {})) == 1
    assert level(open_environment("quiz.py:Quiz", {})) == 1
    assert sys.path == before
    assert not (folder / "__pycache__").exists()
    assert "quiz" not in sys.modules


def test_a_file_may_import_its_neighbours_and_is_read_again_when_it_changes(tmp_path: Path) -> None:
    (tmp_path / "neighbour_of_quiz.py").write_text("LEVEL = 5\n")
    file = tmp_path / "mine.py"
    file.write_text("from neighbour_of_quiz import LEVEL\n")
    assert load_object(f"{file}:LEVEL", "thing", "", {}) == 5
    file.write_text("LEVEL = 66\n")
    assert load_object(f"{file}:LEVEL", "thing", "", {}) == 66
    sys.modules.pop("neighbour_of_quiz")


def test_home_is_understood(quiz: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(Path(quiz).parent))
    assert level(open_environment("~/quiz.py:ready", {})) == 7


def test_a_module_is_found_by_name_and_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_environment("ace.environments.dataset:Dataset") is Dataset
    (tmp_path / "pack_of_quizzes").mkdir()
    (tmp_path / "pack_of_quizzes" / "one.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    assert level(open_environment("pack_of_quizzes.one:Quiz", {})) == 1
    for name in ("pack_of_quizzes.one", "pack_of_quizzes"):
        sys.modules.pop(name)


@pytest.mark.usefixtures("entry_points")
def test_an_installed_package_can_offer_environments() -> None:
    assert level(open_environment("pubquiz", {"level": "2"})) == 2
    assert {"broken", "dataset", "desk", "pubquiz"} <= set(environment_names())
    with pytest.raises(UnknownName, match=r"did you mean 'pubquiz'\? \(valid: .*dataset, desk, .*pubquiz.*\)"):
        open_environment("pubquizz", {})
    with pytest.raises(BadInput, match=r"'broken'.*could not be imported: ModuleNotFoundError"):
        open_environment("broken", {})


@pytest.mark.parametrize(
    ("spec", "kind", "message"),
    [
        ("dsek", UnknownName, "unknown environment 'dsek'; did you mean 'desk'? (valid: "),
        ("", UnknownName, "unknown environment ''"),
        ("list", UnknownName, "'list' is a command"),
        ("QUIZ:Quizz", BadInput, "has no 'Quizz'; it has: Quiz, Half, Show, Odd, ready"),
        ("QUIZ", BadInput, "needs the name of what to use"),
        ("QUIZ:", BadInput, "is incomplete"),
        (":Quiz", BadInput, "is incomplete"),
        ("QUIZ:Half", BadInput, "must define open"),
        ("QUIZ:Show", BadInput, "no environment may be called 'show'"),
        ("QUIZ:Odd", BadInput, "'a b' cannot name an environment"),
        ("QUIZ:wrong", BadInput, "gave an object of type int, which is not an environment; an environment is"),
        ("QUIZ:judge", BadInput, "put @ace.environment"),
        ("QUIZ:Other", BadInput, "is the class Other, which is not an environment"),
        ("QUIZ:number", BadInput, "which is not an environment"),
        ("./absent.py:Quiz", BadInput, "environment file ./absent.py does not exist"),
        ("./folder/:Quiz", BadInput, "is not a Python file"),
        ("no_such_package.envs:Quiz", BadInput, "there is no module 'no_such_package'"),
        ("json:loads_of", BadInput, "json has no 'loads_of'"),
        ("a b:c", BadInput, "there is no module 'a b'"),
        ("..:c", BadInput, "could not be imported"),
    ],
)
def test_what_is_no_environment_is_refused_in_one_line(quiz: str, spec: str, kind: type[UserError], message: str) -> None:
    with pytest.raises(kind) as caught:
        open_environment(spec.replace("QUIZ", quiz), {})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\nraise RuntimeError('no\\nluck')\n", "RuntimeError: no luck (line 2)"),
        ("x = 1\n\ndef f(:\n", "SyntaxError: invalid syntax (line 3)"),
        ("import json\njson.loads('{')\n", "(line 2)"),
        ("import no_such_module_at_all\n", "ModuleNotFoundError: No module named 'no_such_module_at_all' (line 1)"),
        ("import sys\nsys.exit(3)\n", "SystemExit: 3 (line 2)"),
        ("x = '\0'\n", "could not be imported"),
    ],
)
def test_a_file_that_fails_is_told_with_its_line(tmp_path: Path, source: str, message: str) -> None:
    (tmp_path / "bad.py").write_text(source)
    with pytest.raises(BadInput) as caught:
        open_environment(f"{tmp_path}/bad.py:Quiz", {})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_constructor_that_fails_is_told_with_its_line(quiz: str) -> None:
    with pytest.raises(BadInput, match=r"could not be opened: RuntimeError: too hard \(line 8 of .*quiz\.py\)"):
        open_environment(f"{quiz}:Quiz", {"level": "10"})


def test_an_instance_takes_no_settings(quiz: str) -> None:
    with pytest.raises(UnknownName, match="has no settings"):
        open_environment(f"{quiz}:ready", {"level": "1"})


class Colour(enum.Enum):
    RED = "red"


class Everything:
    def __init__(  # type: ignore[no-untyped-def]
        self,
        roles: dict[str, int],
        place: Annotated[Path, "where it is"],
        *,
        count: Annotated[int, "how many"] = 1,
        share: float = 0.5,
        loud: bool = False,
        level: Literal["easy", "hard"] = "easy",
        most: int | None = None,
        either: int | str = 1,
        colour: Colour = Colour.RED,
        untyped=3,
        made: list[int] | None = None,
    ) -> None:
        raise AssertionError("reading settings makes nothing")


def test_settings_are_the_keyword_parameters_with_their_sentences() -> None:
    settings = {s.name: s for s in settings_of(Everything)}
    assert list(settings) == ["place", "count", "share", "loud", "level", "most", "either", "colour", "untyped", "made"]
    assert (settings["count"].type, settings["count"].default, settings["count"].help) == (int, 1, "how many")
    assert settings["place"].required
    assert not settings["count"].required
    assert settings["level"].accepts == "one of easy, hard"


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("count", "-3", -3),
        ("share", "1e-3", 0.001),
        ("loud", "Yes", True),
        ("loud", "off", False),
        ("level", "hard", "hard"),
        ("most", "none", None),
        ("most", "4", 4),
        ("either", "4", 4),
        ("either", "four", "four"),
        ("colour", "red", Colour.RED),
        ("untyped", "5", 5),
        ("made", "none", None),
    ],
)
def test_text_becomes_what_the_setting_is(key: str, text: str, value: object) -> None:
    assert convert_settings(Everything, {"place": "x/y", key: text}, "it") == {"place": Path("x/y"), key: value}


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("count", "three", "count='three' is not accepted by it; it must be a whole number"),
        ("count", "3.0", "a whole number"),
        ("count", "1_000", "a whole number"),
        ("count", "9" * 5000, "a whole number"),
        ("count", "", "a whole number"),
        ("share", "nan", "a finite number"),
        ("share", "1e999", "a finite number"),
        ("loud", "maybe", "true or false"),
        ("level", "medium", "one of easy, hard"),
        ("most", "x", "a whole number or none"),
        ("colour", "blue", "one of red"),
        ("place", "", "a path"),
        ("made", "1,2", "has no form as text"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_saying_what_is_accepted(key: str, text: str, message: str) -> None:
    with pytest.raises(BadSetting) as caught:
        convert_settings(Everything, {"place": "x", key: text}, "it")
    assert message in str(caught.value)


def test_unknown_and_missing_settings_are_named() -> None:
    with pytest.raises(UnknownName, match=r"unknown setting of it 'cuont'; did you mean 'count'\? \(valid: colour, count, "):
        convert_settings(Everything, {"cuont": "1"}, "it")
    with pytest.raises(BadSetting, match=r"it needs place \(where it is\); write --set place="):
        convert_settings(Everything, {}, "it")


def test_pairs_are_read_from_the_command_line() -> None:
    assert parse_pairs(["a=1", "b=x=y", "c="]) == {"a": "1", "b": "x=y", "c": ""}
    for wrong, message in ((["a"], "write key=value"), (["=1"], "write key=value"), (["a=1", "a=2"], "given twice")):
        with pytest.raises(BadSetting, match=message):
            parse_pairs(wrong)
