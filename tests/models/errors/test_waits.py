"""How long a server asks to wait, in every form that servers write it."""

from __future__ import annotations

import email.utils
import time

import pytest

from ace.models.errors.waits import retry_after, soon

HEADERS: list[tuple[dict[str, str], float | None]] = [
    ({}, None),
    ({"retry-after": "0"}, None),
    ({"retry-after": "7"}, 7),
    ({"retry-after": "1.5"}, 1.5),
    ({"retry-after": " 4 "}, 4),
    ({"retry-after": "-3"}, None),
    ({"retry-after": ""}, None),
    ({"retry-after": "soon"}, None),
    ({"retry-after": "nan"}, None),
    ({"retry-after": "inf"}, None),
    ({"retry-after": "1e99"}, None),
    ({"retry-after": "9" * 400}, None),
    ({"retry-after": "5s"}, 5),
    ({"retry-after": "1m30s"}, 90),
    ({"retry-after": "500ms"}, 0.5),
    ({"retry-after": "2001-01-01T00:00:00Z"}, None),
    ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, None),
    ({"retry-after": "Wed, 99 Foo"}, None),
    ({"retry-after-ms": "250"}, 0.25),
    ({"retry-after-ms": "0", "retry-after": "5"}, 5),
    ({"retry-after-ms": "x", "retry-after": "2"}, 2),
    ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
]


@pytest.mark.parametrize(("headers", "seconds"), HEADERS)
def test_headers_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_that_comes_is_waited_for() -> None:
    written = email.utils.formatdate(time.time() + 3000, usegmt=True)
    wait = retry_after({"retry-after": written})
    assert wait is not None
    assert 2000 < wait <= 3000


WORDS = [
    ("Please try again in 20s. Visit the page", 20),
    ("Please try again in 7m12s. Visit the page", 432),
    ("try again in 5m45.6s.", 345.6),
    ("try again in 20", 20),
    ("Please retry after 86400 seconds.", 86400),
    ("please try again after 1 seconds", 1),
    ("Please wait 40000 seconds before retrying.", 40000),
    ("Please retry in 36.5s.", 36.5),
    ("retry in 500ms", 0.5),
    ("the limit resets in 3h", 10800),
    ("wait 5 minutes and 10 seconds", 310),
    ("try again in 1 hour, 3 minutes", 3780),
    ('{"@type": "RetryInfo", "retryDelay": "41s"}', 41),
    ("Please try again later.", None),
    ("Retry in a while", None),
    ("retry after 2026-11-28", None),
    ("try again in 0s", None),
    (f"try again in {'9' * 400}s", None),
    ("You have 3 seconds", None),
]


@pytest.mark.parametrize(("said", "seconds"), WORDS)
def test_words_in_every_form(said: str, seconds: float | None) -> None:
    assert soon(said) == (None if seconds is None else pytest.approx(seconds))
