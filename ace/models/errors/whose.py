"""Whose fault the words of an error tell: the account's, the key's, the model's name, or that of one input.

A status says too little. An account without money comes under 400, 403 and 429, a wrong key under 400, and an input that a
filter turned down under the status of a wrong key. The words are those that providers document or send.
"""

from __future__ import annotations

import re

from ace.models.errors.provider_words import told
from ace.models.errors.waits import soon


def _either(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_CLOSED = (
    "suspended|disabled|deactivated|(?:not |in)active|in arrears|overdue|terminated|banned|blocked|closed|on hold|restricted"
)
_MONEY = "quota|credits?|budget|balance|funds|points|allocation|allowance"
_CAP = r"[_ ](?:hard[_ ])?(?:limit|cap)"
_ACCOUNT = _either(
    r"insufficient[_ ](?:(?:user|account)[_ ])?(?:quota|balance|funds|credits?|points)",
    r"not[_ ]enough[_ ](?:credits?|balance|funds)",
    r"(?:does not|doesn['’]t|do not|don['’]t) have (?:any |enough )?(?:credits?|funds)",
    rf"(?:billing|spend(?:ing)?|usage|credit|monthly|budget){_CAP}s?\b[^.]{{0,40}}\b(?:reached|exceeded|hit)",
    rf"(?:reached|exceeded|hit|over)\b[^.]{{0,60}}\b(?:spend(?:ing)?|billing|monthly|api usage|budget|credit){_CAP}",
    r"(?:specified|organi[sz]ation'?s?|workspace) (?:api )?usage limits?",
    r"has reached the set \w+ limit|set_?limit_?exceeded|key (?:total |monthly |daily |weekly )?limit exceeded",
    r"limited to [^.]{0,30}(?:calls|requests) ?(?:/|per|a) ?month",
    r"billing[_ ](?:hard[_ ]limit|not[_ ]active|disabled)|(?:enable|requires?) billing",
    r"payment required|payment method at|payment or billing|billing or payment",
    r"(?:credit )?balance is (?:too low|insufficient|not enough)",
    r"(?:exceeded|out of|used up|exhausted|run out of) (?:of )?(?:your |the |all |its )?"
    rf"(?:(?:current|available|included|monthly|daily|prepaid|free|token) )*(?:{_MONEY})\b",
    rf"(?:{_MONEY}) (?:is|are|has been|have been|have|has) (?:exhausted|used up|depleted|exceeded|expired)",
    r"credits? (?:exhausted|depleted|expired)|budget_exceeded|exceeded_?budget|over budget",
    r"(?:free|trial)[_ -]?(?:tier|quota|trial|plan)\b[^.]{0,60}\b(?:exhausted|used up|expired|ended|not available)",
    r"free_?tier_?only",
    r"(?:requires|add|purchase|buy) more credits|top up your|no (?:credits|balance)\b(?! (?:was|were|will|has|have)\b)",
    rf"(?:account|organi[sz]ation|project|subscription|workspace|consumer)\b[^.]{{0,50}}\b(?:{_CLOSED})",
    r"(?:organi[sz]ation|account|consumer)_(?:restricted|suspended|overdue|blocked)|blocked_api_access|inactive subscription",
    r"your access (?:was|has been) terminated|account_deactivated|access_terminated|billing_not_active",
    r"arrearage|(?:bill|payment|balance|account) ?(?:is )?overdue|overdue (?:balance|payment|bill)|dunning",
    r"commodity ?(?:has )?not ?purchased",
    r"余额不足|余额已|额度不足|额度已|余量已用尽|欠费|请充值",
)
_MODERATED = _either(
    r"moderat(?:ion|ed)|\bflagged\b|sensitive[_ ]words?|new_sensitive|guardrails?\b",
    r"content[_ -]?(?:policy|policies|filter|filtering|management policy|safety|violation|moderation)",
    r"safety (?:system|filter|policy|policies|guidelines|reasons|concerns|check|settings|violation)",
    r"(?:blocked|rejected|refused|filtered|declined)\b[^.]{0,40}\b(?:safety|polic(?:y|ies)|guardrails?|high risk)",
    r"violat\w+\b[^.]{0,60}\b(?:polic(?:y|ies)|guidelines|terms)|(?:usage|use|acceptable use) polic(?:y|ies)",
    r"content exists risk|considered high risk|blocked input|data_?inspection_?failed|inappropriate content",
    r"prohibited[_ ]content|(?:sensitive|harmful|unsafe) (?:content|words?|information|material)|sensitive_?content",
    r"敏感内容|敏感词|违规|不安全",
)
_API_KEY = r"(?:api|access|subscription|x-api|auth(?:entication)?|bearer)[_ -]?(?:key|token)"
_BAD = "invalid|not valid|expired|blocked|disabled|revoked|incorrect|deleted|not found|not exist|leaked"
_KEY = _either(
    rf"{_API_KEY}s?\b[^.]{{0,40}}\b(?:{_BAD})",
    rf"(?:incorrect|invalid|expired|a valid|wrong|bad|missing|revoked|no|unknown) (?:or missing )?{_API_KEY}",
    r"api_key_(?:invalid|expired|blocked)|invalid_(?:api_)?key|(?:invalid|incorrect) authentication|authentication fails",
)
_NO_MODEL = _either(
    r"\bmodel\b.{0,80}\b(?:not exist|does not exist|doesn['’]t exist|decommissioned|no longer (?:supported|available))",
    r"not a valid model|(?:invalid|unknown|no such) model\b|model[_ ]not[_ ](?:found|exist)|invalid_model|model_decommissioned",
)
_BARRED = _either(
    r"(?:location|country|region|territory)\b[^.]{0,40}\bnot (?:supported|available)|not available in your (?:country|region)",
    r"terms acceptance|model_terms_required|unsupported_country",
)
_UNCLEAR = (400, 403, 422)
"""Statuses under which anything is refused."""


def is_account(text: str) -> bool:
    """Whether the words are of an account that has run out of money, met its limit or was closed: no request is answered
    before its owner has acted. A limit that says when it ends is none of these."""
    return _ACCOUNT.search(told(text)) is not None and soon(text) is None


def is_moderated(text: str) -> bool:
    """Whether the words are of one input that a filter turned down."""
    return _MODERATED.search(told(text)) is not None


def meant(status: int, text: str) -> int:
    """The status that the words of a refusal stand for: 401 for a key, 404 for a model that is not there. Else `status`, which
    then says enough."""
    if status in _UNCLEAR and _KEY.search(told(text)):
        return 401
    return 404 if status in _UNCLEAR and _NO_MODEL.search(told(text)) else status


def is_barred(text: str) -> bool:
    """Whether the words are of a place or of terms for which a key may not be used."""
    return _BARRED.search(told(text)) is not None
