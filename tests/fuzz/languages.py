"""Targets of what a company writes: its policy, tests, settings, rules, Presidio's files."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from detectors.checksums import CHECKSUMS
from detectors.interface import DetectorError
from detectors.presidio_yaml import load_presidio_file
from detectors.rulebook import load_rules
from policies.format import translate
from policies.load import parse_policy
from policies.problem import PolicyError
from policies.suite import read_suite
from proxy.errors import SettingsError
from proxy.scratch import scratch
from proxy.settings.read import parse_settings
from tests.detectors.test_presidio_yaml import COMPANY
from tests.detectors.test_rulebook import GOOD
from tests.fuzz.target import must, target

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "policies"
YAML = (*b": ;\n  ;- ;>\n;|\n;&a ;*a;!!python/object ;? ".split(b";"), *(sign.encode() for sign in "{}[]!%#"))
SHORT = """policy: x
version: 1
owner: y
otherwise: forbid
rules:
  - id: a
    verdict: allowed
    when: {service: kimi}
"""


def no_file(_name: str) -> str:
    """Say that there is no list of terms."""
    raise FileNotFoundError


@cache
def policies() -> list[bytes]:
    """Return policies good and bad."""
    shipped = [*(ROOT / "policies").glob("**/*.yaml"), ROOT / "proxy/demo/policy.yaml", CASES / "good.yaml"]
    bad = sorted((CASES / "bad").glob("*.yaml"))
    return [SHORT.encode(), *(file.read_bytes() for file in (*shipped, *bad) if file.stat().st_size < 20_000)]


@target(
    "policy",
    "a policy is read, or every mistake is told in both languages; its two languages say the same",
    policies,
    (*YAML, b"when: ", b"verdict: ", "判定: ".encode(), b"entities: ", b"redact", b"unless: ", b"amount: "),
    slow=True,
)
def policy(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    try:
        read = parse_policy(text, "p.yaml", no_file)
    except PolicyError as error:
        must(error.render("en").strip() and error.render("zh").strip(), "mistakes are told")
        return
    for language in ("zh", "en"):
        other = parse_policy(translate(text, language), "p.yaml", no_file)
        must([rule.id for rule in other.rules] == [rule.id for rule in read.rules], "the other language says the same")
        must([rule.verdict for rule in other.rules] == [rule.verdict for rule in read.rules], "and decides the same")


@target(
    "policy-words",
    "what is no policy at all is translated or told as a mistake",
    policies,
    YAML,
)
def policy_words(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for language in ("zh", "en"):
        try:
            translate(text, language)
            translate(text, language, suite=True)
        except PolicyError:
            continue


@target(
    "settings",
    "settings are read, or the mistakes are told; nothing else is raised",
    lambda: [
        (ROOT / "deploy" / "sluice.example.yaml").read_bytes(),
        b"listen: 127.0.0.1:8080\nstate: x\ncheckpoints: {witnesses: [{url: 'https://a/b'}]}\n",
        b"internal_models:\n  models: {a: {servers: [{url: 'http://127.0.0.1:1/v1'}]}}\n",
        b"identity: {networks: [{network: 10.0.0.0/8, user: a}]}\nadmission: {at_once: 2}\ntenants: {openai: [x]}\n",
        b"detection: {names: 'off', models: [{path: m}]}\ndocuments: {ocr: no}\nretention: {days: 1}\n",
    ],
    (*YAML, b"listen: ", b"witnesses: ", b"url: ", b"key_env: ", b"99999999999999999999", b"0.0.0.0:0", b"[::1]:1"),
    slow=True,
)
def settings(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    try:
        parse_settings(text, "s.yaml", Path("/nowhere"), {}, secrets=False)
    except SettingsError as error:
        must(str(error).strip(), "a mistake is told")


@target(
    "suite",
    "tests of a policy are read, or the mistakes are told",
    lambda: [(ROOT / "policies" / "shipped" / "startup_test.yaml").read_bytes(), b"tests: []"],
    (*YAML, b"expect: ", b"service: ", b"text: "),
)
def suite(data: bytes) -> None:
    try:
        read_suite(data.decode("utf-8", "replace"), "t.yaml", parse_policy(SHORT, "p.yaml", no_file))
    except PolicyError as error:
        must(error.render("zh").strip(), "a mistake is told")


def files(data: bytes) -> Iterator[Path]:
    """Yield a file with such content, for what reads files."""
    with scratch("fuzz") as folder:
        path = folder / "given.yaml"
        path.write_bytes(data)
        yield path


@target(
    "presidio-yaml",
    "a file of Presidio's recognizers is taken over, or told as wrong",
    lambda: [COMPANY.encode(), b"- name: a\n  supported_entity: B\n  patterns: [{name: c, regex: 'x+', score: 0.5}]\n"],
    (*YAML, b"regex: ", b"score: ", b"(?<=", b"(?i)", b"{999}", b"(a+)+$", b"deny_list: ", b"supported_language: "),
    slow=True,
)
def presidio_yaml(data: bytes) -> None:
    for path in files(data):
        try:
            load_presidio_file(path)
        except DetectorError as error:
            must(path.name in str(error), "the file is named")


@target(
    "rules-yaml",
    "a file of the company's own rules is taken, or told as wrong",
    lambda: [GOOD.encode()],
    (*YAML, b"pattern: ", b"score: ", b"context: ", b"check: luhn", b"examples: [", b"(?P<v>", b"{1000}"),
    slow=True,
)
def rules_yaml(data: bytes) -> None:
    for path in files(data):
        try:
            load_rules(path, CHECKSUMS)
        except DetectorError as error:
            must(path.name in str(error), "the file is named")
