"""Words that turn a sentence round: negations, opposites, comparisons.

What makes two sentences that look alike say opposite things is a short list of words. They are counted, and an even number of
turns is none: "never before" and "only after" agree.
"""

from __future__ import annotations

import re

from ace.playbooks.similarity.inflection import stem


def _all(words: str) -> frozenset[str]:
    return frozenset(words.split())


NEGATIONS = _all(
    """not no never none nothing neither nor without unless except instead nobody nowhere
    nicht kein keine keinen keiner nie niemals ohne pas jamais sans aucun aucune nunca jamás sin não sem mai senza"""
)
"""Each of these turns what is said into its opposite."""

_OPPOSITES = """
before:after min:max minimum:maximum least:most lowest:highest smallest:largest lower:higher upper:lower
above:below over:under more:less more:fewer greater:smaller greater:less larger:smaller longer:shorter
earlier:later earliest:latest first:last oldest:newest older:newer old:new previous:next
increase:decrease increase:reduce raise:lower ascending:descending up:down forward:backward
enable:disable allow:forbid allow:deny allow:block allow:prohibit permit:forbid permit:deny accept:reject accept:refuse
accept:decline approve:reject approve:decline approve:deny grant:deny grant:revoke include:exclude include:omit keep:remove
keep:delete keep:discard add:remove insert:delete create:delete attach:detach
open:close start:stop begin:end lock:unlock encrypt:decrypt compress:decompress load:unload
on:off true:false valid:invalid success:failure succeed:fail pass:fail
left:right in:out inside:outside internal:external inbound:outbound incoming:outgoing input:output import:export
push:pull send:receive upload:download buy:sell lend:borrow credit:debit
required:optional mandatory:optional mandatory:voluntary public:private same:different equal:different
hot:cold warm:cold wet:dry light:dark full:empty fast:slow early:late safe:unsafe odd:even
synchronous:asynchronous sync:async local:remote local:global uppercase:lowercase absolute:relative
ignore:respect trust:distrust prefer:avoid use:avoid follow:ignore
north:south east:west morning:evening day:night summer:winter
tighten:loosen fill:drain lift:drop hide:show merge:split
gross:net brutto:netto vor:nach avant:après antes:después mindestens:höchstens
"""
OPPOSITES: dict[str, frozenset[str]] = {}
"""By stem, the stems of the words that say the opposite."""
_LIMITS = (
    "atleast:atmost atleast:lessthan atleast:below atleast:under morethan:atmost morethan:lessthan above:atmost over:atmost"
)
for _pair in (*_OPPOSITES.split(), *_LIMITS.split()):
    _one, _other = map(stem, _pair.split(":"))
    OPPOSITES[_one] = OPPOSITES.get(_one, frozenset()) | {_other}
    OPPOSITES[_other] = OPPOSITES.get(_other, frozenset()) | {_one}

PIVOTS = ("before", "after", "until", "instead", "over", "than", "into", "to", "from")
"""Words between two things that may not change sides."""

_PHRASES = (
    (r"(?<!\w)(?:no|not)\s+(?:less|fewer)\s+than(?!\w)|(?<!\w)at\s+least(?!\w)|>=|≥", " atleast "),
    (r"(?<!\w)(?:no|not)\s+(?:more|greater)\s+than(?!\w)|(?<!\w)at\s+most(?!\w)|<=|≤|(?<!\w)up\s+to(?=\s+\d)", " atmost "),
    (r"(?<!\w)(?:more|greater|higher|larger)\s+than(?!\w)|(?<![-=<>])>(?![=>])", " morethan "),
    (r"(?<!\w)(?:less|fewer|lower|smaller)\s+than(?!\w)|(?<![<>])<(?![=<>-])", " lessthan "),
    (r"!=|≠|<>", " not equals "),
    (r"===?|(?<![<>=!:+*/-])=(?![=>])", " equals "),
    (r"(?<!\w)!(?=\w)", " not "),
    (r"(?<!\w)can(?:no|['’])t(?!\w)", "can not"),
    (r"(?<!\w)won['’]t(?!\w)", "will not"),
    (r"(?<!\w)shan['’]t(?!\w)", "shall not"),
    (r"n['’]t(?!\w)", " not"),
    (r"(?<=\d)\s*(?:%|percent(?!\w)|per\s+cent(?!\w)|pct(?!\w))", "%"),
    (r"(?<!\w)rather\s+than(?!\w)", "instead of"),
)
PHRASES = tuple((re.compile(pattern, re.IGNORECASE), becomes) for pattern, becomes in _PHRASES)
"""What is written in several ways, and the one way it is read as."""
SIGNS = ("n't", "n’t", "cannot", "than", "at least", "at most", "up to", *"<>=≥≤≠!%", "percent", "per cent", "pct")
"""One of these stands in every text that has such a phrase."""

_NUMBERS = "two:2 three:3 four:4 five:5 six:6 seven:7 eight:8 nine:9 ten:10 eleven:11 twelve:12 fifteen:15 twenty:20 thirty:30"
NUMBER_WORDS = dict(pair.split(":") for pair in (_NUMBERS + " sixty:60 ninety:90 hundred:100 once:1x twice:2x").split())
"""Numbers written as words. `one` is left out: it is hardly ever a number."""

FUNCTION_WORDS = _all(
    """a an the of to in on at by for from with as and or is are was were be been being it its their them they this that these
    those there here do does did can could should shall must will would may might need needs has have had if when whenever where
    while then than so such into onto about your you we our us i he she his her who whom which what whose any all each every
    always only just also simply please very really already still even both either ensure sure make makes case cases
    und oder der die das ist wenn bei zu von et le la les des si el los y que il"""
)
"""Words that say little about what a sentence concerns."""
ARTICLES = frozenset(("a", "an", "the", "please"))
"""Words that may come and go without changing what is said."""
EXCLUSIVE = _all(
    "choose answer use select pick classify label set prefer return respond reply output take assign route tag mark"
)
"""Verbs of which one case has one object."""
