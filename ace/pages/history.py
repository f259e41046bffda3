"""The history of edits of a playbook: how it grew, and each delta with what it did and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ace.memory.log.decisions import told_in_review
from ace.memory.log.lineage import LoggedDelta
from ace.memory.store import Store
from ace.memory.values import Revision, StoredDelta
from ace.pages.axes import counts, heights
from ace.pages.charts import Dot, Frame, Series, lines
from ace.pages.html import Html, el, together
from ace.pages.tables import Head, folded, numbered, table, within
from ace.pages.words import count, cut, moment
from ace.playbooks.diff import word_diff
from ace.playbooks.operations import Judgement, Op, Operation, Refusal

_TEXT, _REASON, _OPERATIONS, _DELTAS, _STEPS = 1200, 600, 40, 300, 200
"""Characters of a text and of a reason; operations of a delta; deltas shown; revisions drawn."""
_ALLOWANCE = 220_000
"""Bytes of all edits together."""


def growth(revisions: Sequence[Revision]) -> Html:
    """The number of live bullets at each revision, as a chart and as a table."""
    shown = _thinned(revisions)
    drawn = [Dot(r.number, r.bullets, f"revision {r.number}: {count(r.bullets, 'bullet')}, {moment(r.at)}") for r in shown]
    last = revisions[-1]
    frame = Frame(
        "growth", "Bullets by revision", f"From {count(revisions[0].bullets, 'bullet')} at revision {revisions[0].number} to "
        f"{count(last.bullets, 'bullet')} at revision {last.number}.", 170,
    )  # fmt: skip
    x = counts("revision", last.number, revisions[0].number)
    chart = lines(
        frame, x, heights("live bullets", max(r.bullets for r in shown)), [Series(drawn, steps=True, dots=len(shown) <= 60)]
    )
    rows = [(f"{r.number}", f"{r.bullets:,}", moment(r.at)) for r in shown]
    numbers = table("Bullets by revision", (Head("revision"), Head("bullets", True), Head("made")), rows)
    return el("figure", el("figcaption", "Live bullets at each revision"), chart, numbered(numbers))


def _thinned(revisions: Sequence[Revision]) -> list[Revision]:
    every = -(-len(revisions) // _STEPS)
    return [r for i, r in enumerate(revisions) if i % every == 0 or i == len(revisions) - 1]


def edits(store: Store, name: str, deltas: Sequence[StoredDelta]) -> Html:
    """`deltas` of playbook `name`, newest first; those that do not fit are counted."""
    kept, left = within(_ALLOWANCE, map(_delta, store.past.told(name, deltas[:_DELTAS])))
    left += max(0, len(deltas) - _DELTAS)
    rest = el("p", f"{count(left, 'earlier edit')}: ace playbook log {name}", class_="about") if left else None
    return together([*kept, rest]) if deltas else el("p", "Nothing was changed.")


def _delta(told: LoggedDelta) -> Html:
    d = told.delta
    made = f"revision {d.revision.number}" if d.revision else d.status.value
    mark = el("span", made, class_=f"mark {'soft' if d.revision else 'bad'}")
    summary = together([mark, el("span", _what(d), dir="auto"), el("span", f" {d.who}, {moment(d.at)}", class_="note")])
    source = f"From {count(len(d.episodes), 'episode')}. " if d.episodes else ""
    said = " ".join(text for text in (source + d.reason, d.why) if text)
    became = el("p", f"Delta {d.review.number} {d.review.told}.", class_="about", dir="auto") if d.review else None
    body = [
        became,
        el("p", cut(said, _REASON), class_="about", dir="auto") if said.strip() else None,
        el("ul", *_rows(told), class_="ops"),
        *map(_judged, d.judgements),
        *(_judged(j, "At the end of the run: ") for j in d.at_end),
    ]
    return folded(summary, el("div", *body), class_="item")


def _what(d: StoredDelta) -> str:
    """The operations of a delta, counted by kind."""
    kinds: dict[str, int] = {}
    for o in d.operations:
        kinds[o.op.value] = kinds.get(o.op.value, 0) + 1
    told = [f"{n} {kind}" for kind, n in kinds.items()] + ([f"{len(d.refusals)} refused"] if d.refusals else [])
    return ", ".join(told) or "no operation"


def _rows(told: LoggedDelta) -> Iterable[Html]:
    texts = {id: b.text for id, b in told.before.items()}
    operations = told.delta.operations
    for o in operations[:_OPERATIONS]:
        yield el("li", el("span", o.op.value, class_="op"), el("div", _about(o, texts), _reason(o.reason)))
        if o.text:
            texts[o.new_id or o.id] = o.text
    if len(operations) > _OPERATIONS:
        yield el("li", el("span", "…", class_="op"), f"{count(len(operations) - _OPERATIONS, 'more operation')}")
    for r in told.delta.refusals[:_OPERATIONS]:
        yield _refused(r, texts)


def _about(o: Operation, texts: dict[str, str]) -> Html:
    old = texts.get(o.id, "")
    if o.op is Op.REVISE and old:
        words = word_diff(cut(old, _TEXT), cut(o.text, _TEXT))
        tags = {"removed": "del", "added": "ins"}
        return el("p", *(el(tags[mark], text) if mark in tags else text for mark, text in words), class_="said", dir="auto")
    said = cut(o.text or old or o.id, _TEXT)
    if o.op is Op.RETIRE:
        return el("p", el("del", said), class_="said", dir="auto")
    source = f" (from {', '.join(o.sources)})" if o.sources else ""
    return el("p", said + source, class_="said", dir="auto")


def _reason(reason: str) -> Html | None:
    return el("p", cut(reason, _REASON), class_="meta soft", dir="auto") if reason else None


def _refused(r: Refusal, texts: dict[str, str]) -> Html:
    o = r.operation
    about = el("p", cut(o.text or texts.get(o.id, o.id), _TEXT), class_="said", dir="auto")
    return el("li", el("span", "refused", class_="op bad"), el("div", about, _reason(f"{o.op.value}: {r.reason}")))


def _judged(j: Judgement, when: str = "") -> Html:
    told = told_in_review(j) or f"{when}Gate {j.gate}: {j.answer}" + (f" ({j.reason})" if j.reason else "")
    figures = ", ".join(f"{name} {_figure(value)}" for name, value in j.figures.items())
    return el("p", cut(f"{told}: {figures}" if figures else told, _REASON), class_="about", dir="auto")


def _figure(value: object) -> str:
    """A figure in words; of a list of texts, how long it is."""
    if isinstance(value, Mapping):
        return f"({', '.join(f'{name} {_figure(v)}' for name, v in value.items())})" if value else "none"
    return str(len(value)) if isinstance(value, list) and all(isinstance(v, str) for v in value) else str(value)
