"""Environments behind an OpenEnv server: played over its WebSocket; what the server does wrong is never the agent's failure."""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from ace.environments.contract import Scene
from ace.errors import BadInput, BadSetting
from ace.types import SPLITS, Observation, Outcome
from tests.command import ace as command
from tests.environments.installed import require

require("openenv")

from ace.environments.openenv import OpenEnv  # noqa: E402
from ace.environments.openenv.session import NotAnAction  # noqa: E402
from ace.environments.openenv.wording import form_of, told  # noqa: E402
from tests.environments.openenv_server import WRONG, running  # noqa: E402


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running() as found:
        yield found


def opened(environment: OpenEnv) -> Scene:
    (task,) = islice(environment.tasks("train"), 1)
    return environment.open(task, 0)


def guessed(scene: Scene) -> Outcome:
    """Guess by halves."""
    low, high = 0, 9
    for _ in range(5):
        middle = (low + high) // 2
        seen = scene.act(str(middle))
        if isinstance(seen, Outcome):
            return seen
        low, high = (middle + 1, high) if seen.text == "too low" else (low, middle - 1)
    raise AssertionError("five guesses are enough")


def test_a_session_is_played_to_its_end(address: str) -> None:
    environment = OpenEnv(url=address)
    scene = opened(environment)
    assert scene.first.text.startswith("Guess the number of round")
    assert guessed(scene).success
    scene.close()
    assert "write the value of guess" in environment.instructions
    assert "from 0 to 9" in environment.instructions


def test_splits_share_nothing(address: str) -> None:
    environment = OpenEnv(url=address, seeds=60)
    texts = [t.text for split in SPLITS for t in environment.tasks(split)]
    assert len(texts) == len(set(texts)) == 60


def test_what_is_no_action_is_answered(address: str) -> None:
    scene = opened(OpenEnv(url=address))
    for junk in ("", "seven", "1.5", "{", '{"guess": "x"}', '{"other": 1}', "[1]"):
        seen = scene.act(junk)
        assert isinstance(seen, Observation)
        assert seen.text.startswith("The action was not accepted: ")
        assert seen.text.endswith(scene.first.text)
    assert guessed(scene).success
    scene.close()


def test_a_loss_is_a_failure(address: str) -> None:
    scene = opened(OpenEnv(url=address, success_at=2.0))
    assert not guessed(scene).success
    scene.close()


def test_listed_values_are_choices() -> None:
    with running("choice") as address:
        environment = OpenEnv(url=address)
        scene = opened(environment)
        assert scene.first.actions == ("low", "high")
        assert environment.instructions == environment.limits.told()
        seen = scene.act("middle")
        assert isinstance(seen, Observation)
        assert isinstance(scene.act("high"), Outcome)
        scene.close()


@pytest.mark.parametrize("mode", [*WRONG, "die", "stall"])
def test_a_server_that_misbehaves_spoils_the_attempt(mode: str) -> None:
    with running(mode) as address:
        scene = opened(OpenEnv(url=address, seconds=0.5))
        with pytest.raises((OSError, ValueError)):
            scene.act("5")
        scene.close()


@pytest.mark.parametrize("mode", [*(f"reset-{m}" for m in (*WRONG, "die", "stall")), "no-schema", "bad-schema", "empty-schema"])
def test_a_server_that_cannot_be_used_is_refused_in_a_line(mode: str) -> None:
    with running(mode) as address:
        environment = OpenEnv(url=address, seconds=0.5)
        with pytest.raises(BadInput, match=f"the OpenEnv server at {address} cannot be used: ") as refused:
            list(islice(environment.tasks("train"), 1))
        assert "\n" not in str(refused.value)


def test_a_schema_that_lies_is_answered_by_the_server() -> None:
    with running("lie") as address:
        seen = opened(OpenEnv(url=address)).act("5")
        assert isinstance(seen, Observation)
        assert "guess: Input should be a valid integer" in seen.text


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"url": "127.0.0.1:8000"}, "is not an address"),
        ({"url": "http://127.0.0.1:1", "steps": 0}, "steps=0"),
        ({"url": "http://127.0.0.1:1", "seconds": 0}, "seconds=0"),
        ({"url": "http://127.0.0.1:1", "seeds": 0}, "seeds=0"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object], why: str) -> None:
    with pytest.raises(BadSetting, match=why):
        OpenEnv(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file"),
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\xff\xfe", "not UTF-8"),
        (b"x" * 100_001, "longer than"),
    ],
)
def test_a_file_of_rules_that_cannot_be_used_is_refused(tmp_path: Path, content: bytes | None, why: str) -> None:
    file = tmp_path / "rules.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadSetting, match=why) as refused:
        OpenEnv(url="http://127.0.0.1:1", rules=str(file))
    assert "\n" not in str(refused.value)
    with pytest.raises(BadSetting, match="cannot be read"):
        OpenEnv(url="http://127.0.0.1:1", rules=str(tmp_path))


def counter(house: int) -> tuple[Any, Any]:
    """The example's module and one of its counters."""
    place = Path(__file__).resolve().parents[2] / "examples" / "openenv_server.py"
    spec = importlib.util.spec_from_file_location("openenv_example", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, module.House(house)


def test_at_the_example_server_the_stated_rules_win_and_the_novice_learns_them(tmp_path: Path) -> None:
    module, house = counter(1)
    rules = tmp_path / "rules.txt"
    rules.write_text("\n".join(house.lines()), encoding="utf-8")
    with module.server(house, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        asked = ("openenv", "--set", f"url=http://127.0.0.1:{server.socket.getsockname()[1]}", "--set", f"rules={rules}")
        arms = ("--arms", "empty,majority,oracle-book,ace", "--episodes", "60", "--eval", "40", "--seeds", "1", "--json")
        done = command("compare", *asked, *arms, cwd=tmp_path)
        server.shutdown()
    assert done.returncode == 0, done.stderr
    won = {a["arm"]: a["success"] for a in json.loads(done.stdout)["arms"]}
    assert won["oracle-book"] == 1
    assert won["ace"] >= won["majority"] + 0.2 >= won["empty"]


def test_the_example_server_answers_what_is_no_action() -> None:
    module, house = counter(2)
    with module.server(house, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        scene = opened(OpenEnv(url=f"http://127.0.0.1:{server.socket.getsockname()[1]}"))
        assert "weight" not in scene.first.text
        shown = scene.act("weigh")
        assert isinstance(shown, Observation)
        assert shown.text.startswith("weight: ")
        refused = scene.act('{"move": "pigeon"}')
        assert isinstance(refused, Observation)
        assert "move is one of weigh, road" in refused.text
        assert isinstance(scene.act("road"), Outcome)
        scene.close()
        server.shutdown()


def test_a_server_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = command("run", "openenv", "--set", "url=http://127.0.0.1:9", "--model", "novice", cwd=tmp_path)
    assert (done.returncode, "is it running?" in done.stderr) == (2, True), done.stderr
    assert "Connection refused" in done.stderr
    assert "Errno" not in done.stderr
    assert not (tmp_path / "ace.db").exists()


def test_forms_of_actions() -> None:
    several = form_of({"properties": {"a": {"type": "string"}, "b": {"$ref": "#/$defs/B"}}, "$defs": {"B": {"enum": [1, 2]}}})
    assert "b: one of 1, 2" in several.instructions
    assert several.read('{"a": "x", "b": 1}') == {"a": "x", "b": 1}
    with pytest.raises(NotAnAction, match="a JSON object with a, b"):
        several.read("x")
    optional = form_of({"properties": {"on": {"anyOf": [{"type": "boolean"}, {"type": "null"}]}}})
    assert optional.read("True") == {"on": True}
    assert told({"a": 1, "text": "hi", "done": True, "reward": 1}) == "a: 1\ntext: hi"


def test_a_run_with_the_novice(tmp_path: Path) -> None:
    with running("choice") as address:
        sizes = ("--episodes", "6", "--eval", "4", "--retries", "0", "--json")
        done = command("run", "openenv", "--set", f"url={address}", *sizes, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["invalid"] == 0
