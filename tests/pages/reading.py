"""A page as a strict reader takes it: parsed as XML, every element and reference looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

OWN = re.compile(r"<(style|script)>.*?</\1>", re.DOTALL)
_NAMES = """
html head meta title link style body a nav ul ol li main header div p h1 h2 h3 strong small span dl dt dd
section figure figcaption details summary table caption thead tbody tr th td blockquote ins del label input
output footer script svg desc text line polygon polyline circle rect fieldset legend em code
"""
TAGS = frozenset(_NAMES.split())


@dataclass(frozen=True)
class Read:
    """The text of a page and its elements."""

    source: str
    root: ElementTree.Element

    @property
    def text(self) -> str:
        """All text of the body, as a reader sees it."""
        body = self.root.find("body")
        assert body is not None
        return "".join(body.itertext())

    def all(self, name: str) -> list[ElementTree.Element]:
        return list(self.root.iter(name))

    def one(self, id: str) -> ElementTree.Element:
        (found,) = (e for e in self.root.iter() if e.get("id") == id)
        return found


def read(source: str) -> Read:
    """The page `source`. Raises `AssertionError` where it is not well-formed, reaches out, or leaves a reader without words."""
    assert source.startswith("<!doctype html>\n")
    assert len(re.findall(r"<script", source)) == len(re.findall(r"<style", source)) == 1
    page = Read(source, ElementTree.fromstring(OWN.sub(r"<\1></\1>", source.removeprefix("<!doctype html>\n"))))
    check_elements(page)
    check_reached(page)
    check_words(page)
    return page


def check_elements(page: Read) -> None:
    assert {e.tag for e in page.root.iter()} <= TAGS
    ids = [e.get("id") for e in page.root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    for e in page.root.iter():
        assert not [name for name in e.attrib if name.startswith("on") or name in ("style", "src", "srcset", "action")]
        assert {*(e.get("aria-labelledby") or "").split(), *(e.get("for") or "").split()} <= set(ids)


def check_reached(page: Read) -> None:
    """Links lead into the page alone, and its policy allows nothing else."""
    for e in page.root.iter():
        href = e.get("href")
        assert href is None or href == "data:," or (href.startswith("#") and page.one(href[1:]) is not None)
    (policy,) = (m.get("content") or "" for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy
    own = "".join(m[0] for m in OWN.finditer(page.source))
    assert not re.search(r"https?:|url\(|@import|fetch\(|XMLHttp|innerHTML|eval\(", own)


def check_words(page: Read) -> None:
    """Headings, captions and names, for those who do not see it."""
    assert page.root.get("lang") == "en"
    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert all("".join(h.itertext()).strip() for name in ("h1", "h2", "h3") for h in page.all(name))
    for t in page.all("table"):
        assert "".join(t.findall("caption")[0].itertext())
        assert {h.get("scope") for h in t.iter("th")} <= {"col", "row"}
    for chart in page.all("svg"):
        assert chart.get("aria-hidden") == "true" or (chart.get("role") == "img" and chart.find("title") is not None)
    assert all(first.tag == "summary" for first in (d[0] for d in page.all("details")))
