"""One whole page: its head, its first screen, its sections, and the mark that ace wrote it.

The style and the script stand in the file, and the page's security policy allows these two by their digests and nothing else:
no address is ever asked, and markup that got in by a mistake could run nothing.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files

from ace.pages.html import Child, Html, el, together
from ace.pages.tables import pairs
from ace.playbooks.formats.seal import Mark

_WHOLE = 36
_PACKAGE = "evolving-playbook"
PAGE = Mark("written by ace report, sha256 ")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page with its heading; `about` says in a sentence what it shows, `link` is its name in the list of sections
    (else the heading)."""

    id: str
    heading: str
    body: Html
    about: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A page. `subject` says what it is of, part by part; `answer` is its first heading, the answer in a sentence; `lead` are
    paragraphs under it; `beside` is the chart beside them; `facts` are names with values."""

    title: str
    subject: Sequence[str]
    answer: str
    lead: Sequence[Html]
    beside: Html
    facts: Sequence[tuple[str, Child]]
    sections: Sequence[Section]


def fact(value: str, note: str) -> Html:
    """A figure with what it is of."""
    return together([value, el("small", note)])


def rendered(page: Report) -> str:
    """The text of the file."""
    whole = el("html", _head(page), el("body", *_body(page)), lang="en")
    return PAGE.filled(f"<!doctype html>\n{whole.markup}\n<!-- {PAGE.blank} -->\n")


def title_of(page: Report) -> str:
    """The beginning of the title, as it stands in the file: what pages of the same kind have in common."""
    return f"<title>{' '.join(page.title.split()[:2])} "


def _head(page: Report) -> Html:
    style, script = _own("page.css"), _own("page.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", page.title),
        el("link", rel="icon", href="data:,"),
        el("style", Html(style)),
    )


def _body(page: Report) -> list[Html]:
    links = together(el("li", el("a", s.link or s.heading, href=f"#{s.id}")) for s in page.sections)
    first = el(
        "div",
        el("p", *_subject(page.subject), class_="subject"),
        el("h1", page.answer, dir="auto"),
        *page.lead,
        class_="answer",
    )
    return [
        el("a", "Skip to the content", href="#content", class_="skip"),
        el("nav", el("ul", links), aria_label="Sections"),
        el(
            "main",
            el("header", first, page.beside, class_="first"),
            pairs(page.facts, "facts") if page.facts else None,
            *map(_section, page.sections),
            el("footer", el("p", f"Made by ace {version(_PACKAGE)} from the store alone. It loads nothing from anywhere.")),
            id="content",
        ),
        el("script", Html(_own("page.js"))),
    ]


def _subject(parts: Sequence[str]) -> list[Html]:
    """The parts with a mark between them; short ones are not broken over two lines."""
    spans = [el("span", p, class_="whole" if len(p) <= _WHOLE else None) for p in parts]
    return [together([span, " · " if span is not spans[-1] else None]) for span in spans]


def _section(s: Section) -> Html:
    about = el("p", s.about, class_="about") if s.about else None
    return el("section", el("h2", s.heading, id=f"{s.id}-h"), about, s.body, id=s.id, aria_labelledby=f"{s.id}-h")


@cache
def _own(name: str) -> str:
    return files("ace.pages").joinpath(name).read_text("utf-8")


def _digest(code: str) -> str:
    return f"sha256-{b64encode(sha256(code.encode()).digest()).decode()}"
