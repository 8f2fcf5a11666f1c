"""The page that lists every kind of secret, made of the rules themselves.

Enters: the rules of `rules/secrets_*.yaml`. Leaves: the tables of `docs/secrets.md`. Pure, but for `main`, which writes
the page: what stands above the mark was written by people and stays. No example of a secret is ever put on the page.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from detectors.patterns import CHECKS, RULES
from detectors.rulebook import Rule, load_rules

PAGE: Final = Path(__file__).parents[1] / "docs" / "secrets.md"
MARK: Final = "<!-- What follows is made of the rules: `make docs` writes it anew. -->"
FILES: Final = "secrets_*.yaml"
BEGINNING: Final = re.compile(r"(?:[A-Za-z0-9_/:\- ]|\\[.\-$+?{}\[\]])+")

SERVICE: Final = re.compile(r"\(\?i:([^()]{3,})\)")
"""The names of a service with which a pattern begins."""

PLAIN: Final = str.maketrans("", "", "\\?")

CHECKED: Final = {
    "": "",
    "account_password": "letters, figures and a sign; no address, nothing technical",
    "argument_password": "no port, no file, no variable",
    "asked_password": "letters and figures; nothing technical, and not one that everybody knows",
    "base58_checked": "its check digits",
    "bracketed_password": "letters and figures; no length, no number of something, nothing technical",
    "chosen_password": "signs and figures, or capitals, small letters and figures; no place in a text, no version",
    "code_sent": "has a digit, and is no voucher's word with a year",
    "coded_text": "words or keys when decoded",
    "drawn": "drawn at random beyond doubt: capitals, small letters and digits go to and fro",
    "framework_secret": "drawn at random",
    "lettered_password": "no variable, no stand-in, no word of manuals",
    "lone_word": "no word of manuals, and none that says how a password is",
    "mixed_code": "four figures or more; no year, no day",
    "mixed_key": "drawn at random, with capitals, small letters and digits",
    "mixed_password": "letters and figures, or six figures that are no day; nothing technical",
    "named_password": "figures in it; no length, no name in code, nothing technical",
    "one_time_code": "has a digit",
    "opening_code": "has a digit, and counts nothing",
    "pair_password": "signs and figures, or capitals, small letters and figures; nothing technical",
    "paired_password": "no variable, no stand-in, no word of documentation",
    "password_by_looks": "letters, figures and a sign inside; no address, no operator, nothing technical",
    "password_of_words": "four words or more, no sentence",
    "phrase_password": "no word that says where or how the password is",
    "quoted_password": "no variable, no stand-in",
    "random_key": "drawn at random",
    "real_credentials": "a name and a password when decoded",
    "real_data": "no stand-in when decoded",
    "real_json_web_token": "not the sample of the manuals",
    "real_key": "no stand-in",
    "real_password": "no variable, no stand-in, no prose",
    "real_private_key": "a key's length at least",
    "real_token": "no variable, no stand-in, no words",
    "security_answer": "no word about an answer",
    "seed_phrase": "as many words as a phrase has, no sentence",
    "several_passwords": "letters and figures in each; nothing technical",
    "several_strange": "letters and figures in each, and one that looks like nothing else",
    "short_key": "letters and figures that go to and fro",
    "signed_password": "letters, figures and a sign; nothing technical",
    "spoken_password": "letters and figures; no number of something, no address, nothing technical",
    "strange_password": "signs and figures, or capitals, small letters and figures; no address, nothing technical",
    "told_password": "no variable, no stand-in, no prose, no algorithm",
    "typed_password": "letters and figures; no algorithm, version, file or stand-in",
    "undigested_key": "drawn at random, and no digest in hexadecimal",
    "unquoted_password": "no variable, no stand-in, no name in code",
}
"""What a check asks of a value, for people."""


def chapters() -> Iterator[tuple[str, tuple[Rule, ...]]]:
    """Yield what each file of secrets says it holds, and its rules."""
    for path in sorted(RULES.glob(FILES)):
        comment = [line.lstrip("# ") for line in path.read_text("utf-8").split("\n\n")[0].splitlines()]
        yield re.split(r"[.:](?: |$)|, by the formats|, which ", " ".join(comment))[0], load_rules(path, CHECKS)


def tables() -> str:
    """Return the generated part of the page."""
    parts = [MARK]
    for title, rules in chapters():
        parts += [f"## {title}", _table(rules)]
    return "\n\n".join(parts) + "\n"


def page(kept: str) -> str:
    """Return the page with its tables written anew."""
    return kept.partition(MARK)[0].rstrip() + "\n\n" + tables()


def told_by(rule: Rule) -> str:
    """Return what gives a secret of this kind away."""
    beginning, service = _beginning(rule.pattern), SERVICE.match(rule.pattern)
    value = "(?P<value" in rule.pattern
    if rule.context and rule.context.required:
        words = ", ".join(f"`{word}`" for word in rule.context.words[:4])
        return f"words near it: {words}{', …' if len(rule.context.words) > 4 else ''}"
    if value and service:
        names = [re.sub(r"\[.*?\]\??", " ", name).translate(PLAIN) for name in service.group(1).split("|")]
        return f"after {', '.join(f'`{name}`' for name in names[:4])}{', …' if len(names) > 4 else ''}"
    if beginning and not value:
        return f"begins with `{beginning}`"
    return "what stands before it" if value else "its form"


def _table(rules: Sequence[Rule]) -> str:
    rows = [
        f"| `{rule.id}` | `{rule.entity}` | {told_by(rule)} | {CHECKED[rule.check]} | {rule.score:g} |"
        for rule in sorted(rules, key=lambda rule: rule.id)
    ]
    return "\n".join(["| kind | entity | told by | must be | score |", "|---|---|---|---|---|", *rows])


def _beginning(pattern: str) -> str:
    """Return the letters that every secret of a kind begins with, where there are any."""
    match = BEGINNING.match(pattern)
    if not match:
        return ""
    begun = match.group()
    if pattern[match.end() : match.end() + 1] in ("{", "?", "*", "+"):
        begun = begun[:-1]
    alternatives = re.search(r"\|(?![^(]*\))", pattern)
    return "" if alternatives else begun.replace("\\", "").strip()


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
