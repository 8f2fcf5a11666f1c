"""What a person is told beside the answer, and what they have confirmed. Pure.

Enters: notices, labels, and when the person confirmed what. Leaves: ids of confirmations that still hold, and the words
that are added to an answer. A confirmation never outlives the interval of its notice, nor the words confirmed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from policies.decision import Gate, Notice, Text
from policies.model import Policy
from proxy.refusals.language import Choice
from proxy.refusals.refusal import SPOKEN

USUAL: Final = timedelta(days=1)
"""How long a confirmation holds that belongs to a rule and not to a notice."""


def still_fresh(policy: Policy, said: Mapping[str, datetime], now: datetime) -> frozenset[str]:
    """Return the ids of notices and rules that were confirmed and still hold; `said` tells when, by `Notice.key`.

    Of rules it tells by their ids.
    """
    if not said:
        return frozenset()
    holds = [(one.notice.key, one.notice.id, timedelta(seconds=one.notice.interval)) for one in policy.notices]
    holds += [(rule.id, rule.id, USUAL) for rule in policy.rules if rule.gate is not Gate.NONE]
    return frozenset(id for key, id, lasts in holds if key in said and said[key] <= now < said[key] + lasts)


def words_for(label: Text, notices: Sequence[Notice], language: Choice) -> str:
    """Return what is added to an answer: each notice, then the label, every one on a line of its own."""
    lines = [line for text in (*(one.text for one in notices), label) for line in said(text, language)]
    return "\n".join(dict.fromkeys(lines))


def said(text: Text, language: Choice) -> list[str]:
    """Return a text in the languages spoken; once, where both read the same."""
    return [words for one in SPOKEN[language] if (words := text.in_language(one))]
