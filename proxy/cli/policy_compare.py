"""`sluice policy diff` and `replay`: what another policy would do otherwise, in general and to what has happened.

Enters: policies, and for a replay the audit log. Leaves: numbers and examples, as lines or for machines. Prompts are in
neither: a replay decides again from what records hold.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from policies.decision import Text
from policies.diff import Change, Comparison
from policies.model import Policy
from policies.replay import ENDINGS, Replay, replay
from proxy import audit
from proxy.cli.audit import entries, start_of
from proxy.cli.common import clean_line
from proxy.cli.policy import Desk
from proxy.cli.policy_explain import known_grants, log_of
from proxy.recall import recall

SHOWN = 10
"""Examples of each sort that are printed; all of them are in the JSON."""
BLIND = Text(
    "In {count} of them the new policy looks for {what}, which nobody looked for then; it is taken as not there."
    " What they held is not known: {ids}",
    "其中 {count} 次，新政策要查找当时没有查找的 {what}；这里按没有处理。这些请求中有没有，无从得知：{ids}",
)


def comparison_lines(comparison: Comparison, language: str, *, every: bool = False) -> Iterator[str]:
    """Give the sum, then examples: what is looser first; with `every`, what is stricter too."""
    zh = language == "zh"
    yield comparison.summary.in_language(language)
    looser = [("更宽" if zh else "looser", each) for each in comparison.looser]
    stricter = [("更严" if zh else "stricter", each) for each in comparison.stricter]
    told = dict.fromkeys(tuple(_said(word, change, language)) for word, change in [*looser, *stricter])
    first = list(dict.fromkeys(tuple(_said(word, change, language)) for word, change in looser))
    for lines in told if every else first[:SHOWN]:
        yield from lines
    left = len(first) - SHOWN
    if not every and left > 0:
        yield f"……另有 {left} 种，用 --all 查看" if zh else f"… and {left} more; see --all"


def _said(word: str, change: Change, language: str) -> Iterator[str]:
    """Give the lines about one change; situations that read the same are told once."""
    yield f"{word}: {change.cell.said.in_language(language)}"
    yield from (f"    - {said.in_language(language)}" for said in change.shift.looser)
    yield from (f"    + {said.in_language(language)}" for said in change.shift.stricter)


def plain_comparison(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison for machines."""
    return {
        "stricter": len(comparison.stricter),
        "looser": len(comparison.looser),
        "tried": comparison.tried,
        "of": comparison.of,
        "complete": comparison.complete,
        "changes": [_plain(change) for change in comparison.changes],
    }


def _plain(change: Change) -> dict[str, Any]:
    return {
        "shift": change.shift.word,
        "cell": _both(change.cell.said),
        "before": {"verdict": change.before.verdict.value, "route": change.before.route.value}
        | {"deciding": change.before.deciding},
        "after": {"verdict": change.after.verdict.value, "route": change.after.route.value}
        | {"deciding": change.after.deciding},
        "looser": [_both(said) for said in change.shift.looser],
        "stricter": [_both(said) for said in change.shift.stricter],
    }


def replay_log(desk: Desk, policy: Policy, log: Path | None, since: str) -> Replay:
    """Decide the requests of the log again from `since` on: `30d`, `2026-11-01`. Raises `SettingsError`."""
    file = log or log_of(desk.settings)
    first = start_of(since, desk.now())
    grants = known_grants(desk.settings)
    lines = entries(file, {audit.EVENT: "request"}, (first, None))  # one without a time is counted as not decided
    return replay(policy, (recall(entry, grants) for entry in lines))


def replay_lines(done: Replay, language: str) -> Iterator[str]:
    """Give the sums, then each ending by rule and by group."""
    zh = language == "zh"
    said = done.lines()
    if not said:
        far, far_zh = ("As far as the records tell, no", "就记录所知，没有") if done.blind else ("No", "没有")
        yield f"{far_zh}任何一次使用的结果会改变。" if zh else f"{far} exchange would have ended otherwise."
    for ending, text in zip([each for each in ENDINGS if done.tally(each).exchanges], said, strict=True):
        yield text.in_language(language)
        tally = done.tally(ending)
        for words, counts in (
            (("规则" if zh else "rule"), tally.by_rule),
            (("用户组" if zh else "group"), tally.by_group),
        ):
            yield from (f"    {words} {clean_line(name)}: {count}" for name, count in counts.items())
    if done.blind:
        ids = ", ".join(map(clean_line, done.blind_ids[:SHOWN])) + (" …" if done.blind > SHOWN else "")
        yield BLIND.in_language(language).format(count=done.blind, what=", ".join(done.unseen), ids=ids)
    again = f"重新裁决 {done.decided} 次，无法重新裁决 {done.skipped} 次。"
    yield again if zh else f"Decided again: {done.decided}; cannot be decided again: {done.skipped}."


def plain_replay(done: Replay) -> dict[str, Any]:
    """Return the replay for machines."""
    tallies = {ending: done.tally(ending) for ending in ENDINGS}
    return {
        "decided": done.decided,
        "skipped": done.skipped,
        "blind": done.blind,
        "unseen": list(done.unseen),
        "blind_ids": list(done.blind_ids),
        "endings": {
            ending: {"exchanges": tally.exchanges, "people": tally.people}
            | {"by_rule": dict(tally.by_rule), "by_group": dict(tally.by_group)}
            for ending, tally in tallies.items()
        },
        "changed": [
            {"id": each.past.id, "ending": each.ending, "rule": each.decision.deciding} for each in done.changed
        ],
    }


def _both(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}
