"""Settings that several environments check alike."""

from __future__ import annotations

import pytest

from ace.environments.accepted import names_among, require_port, require_within
from ace.errors import BadSetting

FRUITS = ("apple", "banana", "cherry")


@pytest.mark.parametrize(
    ("text", "names"),
    [("all", FRUITS), ("cherry", ("cherry",)), (" Banana, apple,banana,", ("banana", "apple"))],
)
def test_names_are_read_as_they_are_listed(text: str, names: tuple[str, ...]) -> None:
    assert names_among(FRUITS, fruit=text) == names


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
