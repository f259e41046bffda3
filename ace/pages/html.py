"""HTML as values: a text that is given as a child or an attribute is always escaped, and markup is never built from strings.

What comes out is well-formed XML too (every element is closed, every attribute has a value), so tests can parse it strictly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from ace.playbooks.visible import visible

_VOID = frozenset({"meta", "link", "input", "br", "col"})
_NEVER_TEXT = dict.fromkeys((0xFFFE, 0xFFFF), "\ufffd")


@dataclass(frozen=True, slots=True)
class Html:
    """Markup that is fit to be written into a page."""

    markup: str = ""

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return len(self.markup.encode())


Child: TypeAlias = "Html | str | int | None"
Attribute: TypeAlias = "str | int | float | None"


def text(value: str) -> Html:
    """`value` as text: escaped, with control characters and marks of direction made visible."""
    return Html(escape(visible(value).translate(_NEVER_TEXT), quote=True))


def el(name: str, /, *children: Child, **attributes: Attribute) -> Html:
    """An element. Texts among `children` are escaped, `None` is left out. An attribute that is `None` is left out too; `_` in
    its name stands for `-`, and one at its end is dropped (`class_`)."""
    given = "".join(
        f' {_attribute(key)}="{text(_value(value)).markup}"' for key, value in attributes.items() if value is not None
    )
    if name in _VOID:
        return Html(f"<{name}{given}/>")
    return Html(f"<{name}{given}>{together(children).markup}</{name}>")


def together(children: Iterable[Child]) -> Html:
    """`children`, one after the other."""
    return Html("".join(_markup(child) for child in children))


def _markup(child: Child) -> str:
    if child is None:
        return ""
    return child.markup if isinstance(child, Html) else text(str(child)).markup


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: str | int | float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
