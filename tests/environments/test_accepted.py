"""Settings that several environments check alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ace.environments.accepted import names_among, require_port, require_within
from ace.environments.bfcl import FunctionCalling
from ace.environments.contract import Environment
from ace.environments.gym import Gymnasium
from ace.environments.reasoning_gym import ReasoningGym
from ace.environments.scienceworld import ScienceWorld
from ace.environments.textworld_express import TextWorldExpress
from ace.errors import BadSetting

FRUITS = ("apple", "banana", "cherry")


@pytest.mark.parametrize(
    ("text", "names"),
    [("all", FRUITS), ("cherry", ("cherry",)), (" Banana, apple,", ("banana", "apple"))],
)
def test_names_are_read_as_they_are_listed(text: str, names: tuple[str, ...]) -> None:
    assert names_among(FRUITS, fruit=text) == names


@pytest.mark.parametrize(
    ("environment", "setting", "text", "twice"),
    [
        (FunctionCalling, "category", "base,base", "base"),
        (Gymnasium, "game", "taxi,taxi", "taxi"),
        (ReasoningGym, "generator", "maze,knights_knaves,maze", "maze"),
        (ScienceWorld, "task", "boil,boil", "boil"),
        (ScienceWorld, "simplify", "openDoors,openDoors", "openDoors"),
        (TextWorldExpress, "game", "coin,mapreader,coin", "coin"),
    ],
)
def test_what_is_listed_twice_is_refused(environment: Callable[..., Environment], setting: str, text: str, twice: str) -> None:
    """By every environment that takes a list; its packages are not needed for that."""
    with pytest.raises(BadSetting) as refused:
        environment(**{setting: text})
    assert str(refused.value) == f"{setting}={text}: {twice} is there twice; name it once"


@pytest.mark.parametrize("port", ["99999", "-1", "x", "secret"])
def test_a_port_that_is_none_is_refused_and_the_address_not_repeated(port: str) -> None:
    require_port("http://127.0.0.1:8000")
    require_port("ws://host/path")
    with pytest.raises(BadSetting, match=r"url is not an address: its port is not a number from 0 to 65535$"):
        require_port(f"http://me:{port}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("appel", "fruit=appel is not known; did you mean apple?"),
        ("apple,xyz", "fruit=xyz is not known; it must be all, or some of apple, banana, cherry"),
        (" , ", "fruit= ,  is not known; it must be all, or some of apple, banana, cherry"),
        ("Apple, banana,apple", "fruit=Apple, banana,apple: apple is there twice; name it once"),
        ("all,apple", "fruit=all is not known; it must be all, or some of apple, banana, cherry"),
    ],
)
def test_another_name_is_refused(text: str, told: str) -> None:
    with pytest.raises(BadSetting) as refused:
        names_among(FRUITS, fruit=text)
    assert str(refused.value) == told


def test_a_number_out_of_its_bounds_is_refused() -> None:
    require_within(0, 1, low=0.0, high=1.0)
    with pytest.raises(BadSetting, match=r"^share=1\.5 is out of range; it must be from 0 to 1$"):
        require_within(0, 1, low=0, share=1.5)
    with pytest.raises(BadSetting, match=r"^share=nan is out of range"):
        require_within(0, 1, share=float("nan"))
