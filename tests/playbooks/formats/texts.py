"""Bullets with texts that are hard on file formats, and what of a bullet a file must give back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from ace.playbooks.bullet import DIGITS, Bullet, State, clean
from ace.playbooks.formats.line import Copy, Line
from tests.playbooks.making import ranked

SIGNS = "\\\\\\`<>!&[]()#-+*_~.:;1 aB/?|=ltx\"'{}$@%^,é字\U0001f600"
PIECES = (
    "<b>",
    "</b>",
    "<!--",
    "-->",
    "<!-- ref-0a1b2c3d4e -->",
    "<!-- ace:end -->",
    "&lt;",
    "&#1;",
    "![",
    "](u)",
    "`",
    "``",
    "```",
    "\\",
    "# ",
    "## ",
    "- ",
    "1. ",
    "12) ",
    "> ",
    "---",
    "***",
    "[a]: ",
    "[x] ",
    "~~~",
    " ",
    "a",
    "B.",
    "<?",
    "http://x.y",
    "helpful=1 harmful=0 :: ",
    "order:",
)
hostile = st.text(st.sampled_from(SIGNS), max_size=24) | st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
texts = (hostile | st.text(max_size=30)).map(clean).filter(bool)
sections = st.sampled_from(("Refunds", "Fees & Co", "C#", "Über", "<b>", "1. x", "a  b".replace("  ", " ")))
ids = st.text(st.sampled_from(DIGITS), min_size=9, max_size=9).map(lambda tail: "ref-z" + tail)


@st.composite
def live_bullets(draw: st.DrawFn) -> list[Bullet]:
    """Live bullets in order, with different ids; sections take turns as they like."""
    rows = draw(st.lists(st.tuples(ids, sections, texts, st.booleans(), st.booleans()), max_size=7, unique_by=lambda r: r[0]))
    made = [
        Bullet(id, section, text, State.CANDIDATE if waits else State.ACTIVE, pinned=p) for id, section, text, waits, p in rows
    ]
    return list(ranked(made))


def copy_of(bullets: Sequence[Bullet]) -> Copy:
    return Copy("support", 12, "a" * 64, "b" * 64, bullets)


def said(bullets: Iterable[Bullet | Line]) -> list[tuple[str, str, str, State, bool]]:
    """What a lossless file gives back of each bullet, in order."""
    return [(b.id, b.section, b.text, b.state, b.pinned) for b in bullets]
