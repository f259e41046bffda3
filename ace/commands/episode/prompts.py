"""`ace episode show --prompts`: the requests of a stored attempt, and the replies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ace.commands.terminal.common import opened, paged, print_json

if TYPE_CHECKING:
    from ace.models.contract import Message
    from ace.runs.asked import Asked
    from ace.types import Episode

_GONE = "(no longer stored)"
_BATCH = (
    " The curator is asked once for a whole batch, and of its request only the hash is stored: `ace run ENV "
    "--show-prompt curator` shows what such a request looks like, `ace playbook log` what came of it."
)


def show_prompts(id: str, store: str, as_json: bool) -> None:
    """Print what the roles were asked about episode `id`."""
    from ace.memory.database.prefixes import IdKind
    from ace.runs.asked import gone_with, purged, requests

    with opened(store) as db:
        e = db.episode(db.whole(IdKind.EPISODE, id))
        found, gone = requests(db, e), gone_with(db, e)
    note = _note(e, found, purged=purged(e)) + ("" if purged(e) else _without(gone))
    if as_json:
        print_json({"episode": e.id, "note": note, "context": e.render.text, "requests": [_row(a) for a in found]})
        return
    lines = [(f"episode {e.id}: {e.outcome.verdict.value}", "bold"), (note, ""), *_page(found)]
    if not found and e.render.text:
        lines += [("\n--- what it was shown of the playbook", "bold cyan"), (e.render.text, "")]
    with paged() as screen:
        for text, style in lines:
            screen.print(text, style=style)


def _note(e: Episode, found: Sequence[Asked], *, purged: bool) -> str:
    """One sentence on how far what is shown is what was sent."""
    if purged:
        return f"Its prompts and replies are no longer stored: the episode was {e.outcome.reason}."
    if not found:
        what = "what it was shown of the playbook is known" if e.render.text else "it was shown nothing of a playbook"
        return f"No request is stored: the attempt was made by another program, whose prompts are its own; {what}."
    exact = sum(a.exact for a in found)
    if exact == len(found) == 1:
        return f"The request is shown exactly as it was sent (its hash is the same).{_BATCH}"
    if exact == len(found):
        return f"{exact} of {exact} requests are shown exactly as they were sent (their hashes are the same).{_BATCH}"
    return (
        f"{exact} of {len(found)} requests are shown exactly as they were sent; the others are made again from what is stored "
        f"and differ from what was sent: a part of them, such as the prompts of an older version, is no longer stored.{_BATCH}"
    )


def _without(gone: Sequence[str]) -> str:
    """What is said of a request that purged episodes, of which there may be none, shared."""
    if not gone:
        return ""
    names = f"{', '.join(gone[:3])}{f' and {len(gone) - 3} more' if len(gone) > 3 else ''}"
    return f" The reflector's request spoke of {names} as well, which {'is' if len(gone) == 1 else 'are'} purged: it is gone."


def _row(a: Asked) -> dict[str, Any]:
    said = [{"role": m.role, "content": m.content} for m in a.messages]
    return {"role": a.role, "run": a.run, "exact": a.exact, "messages": said, "reply": a.reply, "error": a.error}


def _page(found: Sequence[Asked]) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    before: tuple[Message, ...] = ()
    for number, a in enumerate(found, 1):
        state = "exactly as it was sent" if a.exact else "made again; it differs from what was sent"
        lines.append((f"\nrequest {number} of {len(found)}, to the {a.role} in run {a.run}: {state}", "bold"))
        # A conversation only grows: what was shown above is not shown again.
        known = len(before) if before and a.messages[: len(before)] == before else 0
        if known:
            lines.append((f"(the {known} messages above, the reply, then:)", "dim"))
        for m in a.messages[known:]:
            lines += [(f"\n--- {m.role}", "bold cyan"), (m.content, "")]
        reply = a.reply if a.reply is not None else f"(none: {a.error})" if a.error else _GONE
        lines += [("\n--- the reply", "bold cyan"), (reply, "")]
        before = a.messages
    return lines
