"""Every kind of secret is found, made afresh and wherever it stands; nothing that stands in for one is."""

import json
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.engine import compiled
from detectors.entities import ENTITIES
from detectors.normalise import normalise
from detectors.patterns import CHECKS, Patterns, edged
from detectors.patterns import RULES as FOLDER
from detectors.prove import marked
from detectors.rulebook import CLOSING, OPENING, SOFT, load_rules
from tests.detectors import at_random
from tests.rows import each
from tests.thorough import drawn

FILES = sorted(FOLDER.glob("secrets_*.yaml"))
SECRETS = [rule for path in FILES for rule in load_rules(path, CHECKS)]
DETECTOR = Patterns(SECRETS)
KEYS = [rule for rule in SECRETS if rule.check in ("real_key", "random_key", "mixed_key")]
"""Kinds of which fresh ones can be drawn from their pattern alone."""

CORPUS = ("argparse", "ssl", "logging/handlers", "urllib/request", "smtplib", "getpass", "secrets", "hmac", "ftplib")
EXPLAINED = {
    ("request.py", "password-quoted"): "the example in its docstring gives a made-up password",
}


def found(text):
    return DETECTOR.find(text, DETECTOR.entities)


def fresh(rule, example, seed):
    """Return an example with a fresh value of the rule's kind, and where it stands; none where luck drew a stand-in."""
    text, [(start, end), *_] = marked(example)
    value = at_random.value(rule.pattern, text[start:end], Random(seed))
    return (text[:start] + value + text[end:], start, start + len(value)) if CHECKS[rule.check](value) else None


def covered(text, entity, start, end):
    return any(one.entity == entity and one.start <= start and end <= one.end for one in found(text))


def test_there_are_kinds_enough():
    assert len(SECRETS) >= 160


def test_every_kind_has_a_name_of_its_own():
    assert len({rule.id for rule in SECRETS}) == len(SECRETS)


def test_every_kind_is_proven_twice_both_ways():
    once = [rule.id for rule in SECRETS if min(len(rule.examples), len(rule.counterexamples)) < 2]
    assert once == []


def test_no_entity_is_found_that_has_no_name_for_people():
    assert {rule.entity for rule in SECRETS} <= ENTITIES.keys()


def test_no_example_looks_like_a_secret_to_scanners_of_repositories():
    for rule in KEYS:
        for example in rule.examples:
            raw = example.replace(OPENING, "").replace(CLOSING, "")
            assert SOFT in raw, rule.id
            assert rule.id not in {one.detector for one in found(raw.replace(SOFT, "\n"))}


@each("rule", KEYS, ids=lambda rule: rule.id)
def test_fresh_ones_are_found_in_the_words_of_every_example(rule):
    drawn = [fresh(rule, example, seed) for example in rule.examples for seed in range(2)]
    made = [one for one in drawn if one]
    assert len(made) >= 0.5 * len(drawn), "the check takes too many for stand-ins"
    for text, start, end in made:
        assert covered(text, rule.entity, start, end)


def test_a_gate_is_open_for_whatever_its_pattern_matches():
    for rule in [rule for rule in SECRETS if rule.gate]:
        pattern, gate = compiled(edged(rule), rule.id), compiled(rule.gate, rule.id)
        drawn = [fresh(rule, example, seed) for example in rule.examples for seed in (5, 6) if rule in KEYS]
        texts = [marked(example)[0] for example in rule.examples] + [one[0] for one in drawn if one]
        matches = [pattern.search(normalise(text).text.encode()) for text in texts]
        assert all(gate.search(match.group()) for match in matches), rule.id


DRESSES = {
    "between Chinese characters": lambda value: f"请看这里{value}然后处理",
    "in quotes": lambda value: f'key: "{value}",',
    "in typographic quotes": lambda value: f"“{value}”",
    "in JSON": lambda value: json.dumps({"messages": [{"role": "user", "content": f"用\n{value}\n"}]}),
    "in JSON in JSON": lambda value: json.dumps(json.dumps({"a": f"用\n{value}\t"})),
    "in a list": lambda value: f"- {value}\n- b",
    "in full width": lambda value: "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in value),
    "with an invisible character": lambda value: value[:5] + "\u200b" + value[5:],
    "in Markdown": lambda value: f"`{value}`",
    "at the end of a sentence": lambda value: f"它是 {value}。",
    "in a header": lambda value: f"Authorization: Bearer {value}",
}
ALONE = [
    rule
    for rule in KEYS
    if rule.edges == "word" and not rule.context and "(?P<value" not in rule.pattern and "=" not in rule.pattern
]
"""Kinds that are told by their form alone, wherever they stand."""


@settings(max_examples=drawn(250), deadline=None)
@given(rule=st.sampled_from(ALONE), dress=st.sampled_from(sorted(DRESSES)), seed=st.integers(0, 10**6))
def test_a_key_with_a_form_of_its_own_is_found_in_any_dress(rule, dress, seed):
    value = at_random.value(rule.pattern, "", Random(seed))
    if CHECKS[rule.check](value):
        text = DRESSES[dress](value)
        assert any(one.entity == rule.entity for one in found(text)), dress


STAND_INS = [
    "${TOKEN}",
    "$API_KEY",
    "{{ token }}",
    "{{secrets.DEPLOY_TOKEN}}",
    "${{ secrets.GITHUB_TOKEN }}",
    "<your-key>",
    "<YOUR_API_KEY_GOES_HERE>",
    "your-api-key",
    "your_secret_token_goes_here_1",
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX",
    "********",
    "................",
    'os.environ["DEPLOY_TOKEN_2"]',
    'os.getenv("DEPLOY_TOKEN_2")',
    "process.env.DEPLOY_TOKEN_2",
    "changeme",
    "REPLACE_ME_WITH_A_TOKEN_1",
    "sk-your-key-goes-here-0000000000",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxx",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "config.get('token_of_service_2')",
    "settings.SECRET_KEY_2",
    "get_secret_value()",
    "$(cat /run/secrets/token_2)",
    "00000000-0000-0000-0000-000000000000",
    "null",
    "密钥",
    "%s",
    "{token}",
    "string",
]
NO_KEYS = [
    "12345678901234567890",
    "abcdefghijklmnopqrstuvwxyz012345",
    "meta-llama/Llama-3.3-70B-Instruct",
    "text-embedding-3-large-20240101",
    "application/x-www-form-urlencoded",
    "com.example.service.TokenProvider2",
    "UserPasswordHashProvider2",
    "1.22.333-rc.4+build.5678901",
]
"""What nobody takes for a key; somebody may choose it for a password."""

KEY_PLACES = [
    "API_KEY={}",
    'api_key = "{}"',
    "token: {}",
    "Authorization: Bearer {}",
    "export OPENAI_API_KEY={}",
    "MISTRAL_API_KEY={}",
    "密钥是{}",
    "网关令牌：{}",
    "X-Api-Key: {}",
    "client_secret={}&a=b",
]
PASSWORD_PLACES = [
    "password={}",
    '"password": "{}"',
    "口令：{}",
    "postgres://app:{}@db/crm",
    "<password>{}</password>",
    "spring.datasource.password={}",
]


@each("value", STAND_INS + NO_KEYS)
def test_what_stands_in_for_a_secret_is_none(value):
    places = KEY_PLACES + (PASSWORD_PLACES if value in STAND_INS else [])
    texts = [place.replace("{}", value) for place in places]
    assert {text: [one.detector for one in found(text)] for text in texts if found(text)} == {}


def test_ordinary_source_code_holds_no_secrets():
    folder = Path(json.__file__).parents[1]
    paths = [folder / f"{name}.py" for name in CORPUS]
    assert sum(path.stat().st_size for path in paths) > 300_000
    seen = {(path.name, one.detector) for path in paths for one in found(path.read_text("utf-8"))}
    assert seen - EXPLAINED.keys() == set()
