"""A secret that was found once is taken out of later requests where it comes bare; nothing kept for that tells it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.dictionary import Dictionary
from detectors.find import Finder, shipped_patterns
from detectors.interface import Finding, Scan
from policies.load import load_policy
from proxy import assemble, known
from proxy.assemble import rules_of
from proxy.errors import StoreError
from proxy.exchange import Part
from proxy.known import MOST, MOST_SHAPES, SECRETS, digest, known_again, mark_of, marks_of, may_hold, worth_knowing
from proxy.recent import LASTS
from proxy.settings.detection import Detection
from tests.proxy.house import NOON, POLICY, Tenant, chat, flow_to, open_house, world
from tests.rows import each

KEY = bytes(range(32))
SECRET = "Rt#2026xx"
TOLD = f"DB_PASSWORD={SECRET}"
BARE = f"what does {SECRET} mean in line 12 of that file?"


@pytest.fixture(scope="module")
def finder() -> Finder:
    terms = (Dictionary(f"terms:{one.entity}", one.entity, one.terms) for one in world()[0].dictionaries)
    return Finder((*shipped_patterns(), *terms))


class Opens:
    """Opens houses whose policy takes secrets out, or refuses them; what it opened it closes."""

    def __init__(self, folder: Path, finder: Finder) -> None:
        self.folder, self.finder, self.now = folder, finder, NOON
        self.opened: list[Tenant] = []

    def clock(self) -> datetime:
        return self.now

    def __call__(self, more: str = "") -> Tenant:
        path = self.folder / f"policy{len(self.opened)}.yaml"
        text = POLICY.read_text("utf-8").replace("[API_KEY, PRIVATE_KEY]", "[API_KEY, PRIVATE_KEY, PASSWORD]")
        path.write_text(text.replace("rules:\n", f"rules:\n{more}", 1), "utf-8")
        policy = load_policy(path, known_services=world()[1].services.keys())
        self.opened.append(open_house(self.folder, self.clock, finder=self.finder, policy=policy))
        return self.opened[-1]


@pytest.fixture
def opens(tmp_path: Path, finder: Finder) -> Iterator[Opens]:
    made = Opens(tmp_path, finder)
    yield made
    for tenant in made.opened:
        tenant.close()


@pytest.fixture
def tenant(opens: Opens) -> Tenant:
    return opens()


NO_SETTINGS = """  - id: no-settings
    name: {zh: 配置不外发, en: Settings stay here}
    verdict: forbidden
    when: {amount: {more_than: {secrets: 1}}}
    reason: {zh: 含多个密钥。, en: It holds several secrets.}
"""

SETTINGS_INSIDE = NO_SETTINGS.replace("verdict: forbidden", "verdict: allowed\n    route: internal")


def say(tenant: Tenant, text: str, service: str = "openai", peer: str = "") -> str:
    """Send a text and return how it goes out."""
    flow = flow_to(service, chat(text))
    if peer:
        flow.client_conn.peername = (peer, 1)
    tenant.ask(flow)
    assert flow.response is None, flow.response
    return str(orjson.loads(flow.request.content or b"")["messages"][-1]["content"])


def test_a_secret_of_an_earlier_request_does_not_go_out_bare(tenant: Tenant) -> None:
    assert say(tenant, BARE) == BARE, "nobody knows it yet"
    told = say(tenant, TOLD)
    bare = say(tenant, BARE)
    assert SECRET not in told + bare
    assert told.removeprefix("DB_PASSWORD=") in bare, "one value has one placeholder"
    assert tenant.records()[-1]["redacted"] == {"PASSWORD": 1}


def test_it_is_known_to_the_same_person_at_the_same_service_alone(tenant: Tenant) -> None:
    say(tenant, TOLD)
    assert say(tenant, BARE, peer="10.9.9.9") == BARE
    assert say(tenant, BARE, service="anthropic") == BARE


def test_it_is_forgotten_after_a_working_day(opens: Opens) -> None:
    tenant = opens()
    say(tenant, TOLD)
    opens.now += LASTS - timedelta(minutes=1)
    assert SECRET not in say(tenant, BARE)
    opens.now += LASTS + timedelta(minutes=1)
    assert say(tenant, BARE) == BARE


def test_told_again_it_lasts_for_a_working_day_from_then_and_merely_known_again_it_lasts_no_longer(
    opens: Opens,
) -> None:
    tenant = opens()
    say(tenant, TOLD)
    opens.now += timedelta(hours=7)
    say(tenant, TOLD)
    for _ in range(2):
        opens.now += timedelta(hours=3, minutes=55)
        assert SECRET not in say(tenant, BARE)
    opens.now += timedelta(hours=1, minutes=11)
    assert say(tenant, BARE) == BARE


def test_what_was_refused_is_known_too(opens: Opens) -> None:
    tenant = opens(NO_SETTINGS)
    flow = tenant.ask(flow_to("openai", chat(f"{TOLD}\nSMTP_PASSWORD=Zw99kk12")))
    assert flow.response is not None, "two secrets are one too many"
    assert SECRET not in say(tenant, BARE)


def test_what_went_to_the_companys_own_model_is_known_too(opens: Opens) -> None:
    tenant = opens(SETTINGS_INSIDE)
    flow = tenant.ask(flow_to("openai", chat(f"{TOLD}\nSMTP_PASSWORD=Zw99kk12")))
    assert flow.response is None and flow.request.pretty_host == "llm.internal"
    assert SECRET not in say(tenant, BARE)


def test_what_failed_when_it_was_to_be_made_ready_is_known_too(tenant: Tenant) -> None:
    signature = "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host;x-amz-date, Signature=ab"
    flow = tenant.ask(flow_to("openai", chat(TOLD), authorization=signature))
    assert flow.response is not None and tenant.records()[-1]["code"] == "signed_request"
    assert SECRET not in say(tenant, BARE)


def test_what_failed_as_it_was_to_be_written_down_is_known_too(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise StoreError("away")

    with monkeypatch.context() as patched:
        patched.setattr(type(tenant.house.ledger), "keep", away)
        flow = tenant.ask(flow_to("openai", chat(TOLD)))
        assert flow.response is not None and flow.response.status_code == 503
    assert SECRET not in say(tenant, BARE)


def test_with_the_store_gone_a_refusal_still_says_why(opens: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise StoreError("away")

    tenant = opens(NO_SETTINGS)
    monkeypatch.setattr(tenant.house.ledger.recent.store, "put_end", away)
    flow = tenant.ask(flow_to("openai", chat(f"{TOLD}\nSMTP_PASSWORD=Zw99kk12")))
    assert flow.response is not None and flow.response.status_code == 403
    assert "Settings stay" in flow.response.text
    assert (tenant.records()[-1]["outcome"], tenant.records()[-1]["rules"][0]) == ("refused", "no-settings")


def test_whoever_is_started_again_knows_it(opens: Opens) -> None:
    say(opens(), TOLD)
    opens.opened[0].close()
    assert SECRET not in say(opens(), BARE)
    opens.opened.pop(0)


def test_what_other_rules_have_found_is_not_known(opens: Opens) -> None:
    say(opens(), TOLD)
    opens.opened[0].close()
    corrected = opens()
    corrected.house.ledger = replace(corrected.house.ledger, rules="others")
    assert say(corrected, BARE) == BARE, "a rule may have been wrong"
    say(corrected, TOLD)
    assert SECRET not in say(corrected, BARE)
    opens.opened.pop(0)


def test_the_digest_of_rules_changes_with_each_of_them(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    digests = {rules_of(Detection()), rules_of(Detection(rules=(own,)))}
    assert len(digests) == 1, "what is not there is none"
    for text in ("- id: a", "- id: b"):
        own.write_text(text, "utf-8")
        digests.add(rules_of(Detection(rules=(own,))))
    digests |= {rules_of(Detection(recognizers=("a.b",))), rules_of(Detection(names="off"))}
    assert len(digests) == 5


OURS = ["rules/a.yaml", "plausible.py", "views/codes.py", "ner/told.py", "ner/words/told.yaml"]


@pytest.mark.parametrize("file", [*OURS, "ner/models/hashed/manifest.json"])
def test_an_upgrade_that_mends_a_rule_or_only_what_checks_it_changes_the_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    monkeypatch.setattr(assemble, "files", lambda _package: tmp_path)
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    digests = set[str]()
    for text in ("before", "mended"):
        path.write_text(text, "utf-8")
        digests |= {rules_of(Detection()), rules_of(Detection())}
    assert len(digests) == 2


def test_what_is_kept_tells_nothing_of_the_secret(tenant: Tenant) -> None:
    say(tenant, TOLD)
    (mark,) = tenant.house.ledger.recent.known("address:127.0.0.1", "openai-api", NOON)
    assert "2026" not in repr(mark) and "Rt" not in mark.run + mark.value
    assert (mark.length, mark.size, mark.before, mark.entity) == (9, 6, 3, "PASSWORD")
    again = marks_of([Part("/", "user", SECRET)], [Scan((Finding(0, 9, "PASSWORD", 0.8, "x"),))], b"another key")
    assert {mark.run, mark.value}.isdisjoint({again[0].run, again[0].value}), "the key makes the digest"


def test_a_client_that_repeats_the_conversation_fills_nothing(tenant: Tenant) -> None:
    for _ in range(40):
        say(tenant, f"Why does it fail: {TOLD} please?")  # ordinary words at its ends: nothing is joined to it
    say(tenant, "And why this: SMTP_PASSWORD=Zw99kk12 please?")
    assert len(tenant.house.ledger.recent.known("address:127.0.0.1", "openai-api", NOON)) == 2


WORTH = {
    **dict.fromkeys(("Rt#2026xx", "Zw99kk12", "sk-abc123def456", "P@ssw0rd"), True),
    **dict.fromkeys(("correcthorse", "88421973", "20240501", "password", "sha256", "密码2024abc", "a b1c2d3"), False),
}


@each("value, want", WORTH.items(), list(WORTH))
def test_only_what_hardly_means_anything_else_is_marked(value: str, want: bool) -> None:
    scan = Scan((Finding(0, len(value), "PASSWORD", 0.8, "x"),))
    assert bool(marks_of([Part("/", "user", value)], [scan], KEY)) is want
    assert worth_knowing(value) is want


def found(text: str, value: str = SECRET, entities: frozenset[str] = SECRETS) -> list[str]:
    """Return what is known again in a text after a value was found."""
    scan = Scan((Finding(0, len(value), "PASSWORD", 0.8, "x"),))
    marks = marks_of([Part("/", "user", value)], [scan], KEY)
    (again,) = known_again([Part("/", "user", text)], [Scan()], marks, KEY, entities)
    return [text[one.start : one.end] for one in again.findings]


@each(
    "text, want",
    [
        (f"it is {SECRET}.", 1),
        (f"{SECRET}，{SECRET}", 2),
        (f"用{SECRET}登录", 1),
        (f"x{SECRET}", 0),
        (f"{SECRET}y", 0),
        ("Rt#2026xX", 0),
        ("Rt-2026xx", 0),
        ("2026xx", 0),
        ("", 0),
    ],
)
def test_it_stands_there_by_itself_and_not_as_a_part(text: str, want: int) -> None:
    assert found(text) == [SECRET] * want


def test_of_other_entities_and_of_no_figure_nothing_is_looked_for() -> None:
    assert found(SECRET, entities=frozenset({"API_KEY"})) == []
    assert may_hold([Part("/", "user", "a1")], SECRETS)
    assert not may_hold([Part("/", "user", "no figure, 没有数字")], SECRETS)
    assert not may_hold([Part("/", "user", "a1")], frozenset({"PERSON"}))


def test_a_text_made_to_cost_much_costs_few_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    values = ["!" * before + "a1b2c3" + "!" * behind for before in range(40) for behind in range(40)]
    found = Finding(0, 9, "PASSWORD", 0.8, "x")
    marks = [mark_of(value, found, KEY) for value in values]
    made: list[str] = []
    monkeypatch.setattr(known, "digest", lambda key, value: made.append(value) or digest(key, value))
    text = "a1b2c3!!-!" * 100
    known_again([Part("/", "user", text)], [Scan()], marks, KEY, SECRETS)
    assert len(made) <= 100 * (MOST_SHAPES + 1)
    (again,) = known_again([Part("/", "user", f"it is {values[-1]}.")], [Scan()], marks, KEY, SECRETS)
    assert again.findings, "the latest ones count"


def test_of_many_secrets_the_surest_are_marked() -> None:
    parts = [Part("/", "user", f"Zw99k{number:03}x") for number in range(MOST + 9)]
    scans = [Scan((Finding(0, 9, "PASSWORD", 0.9 if at >= 9 else 0.5, "x"),)) for at in range(len(parts))]
    marks = marks_of(parts, scans, KEY)
    assert len(marks) == MOST and {one.score for one in marks} == {0.9}


@given(st.from_regex(r"[!-~]{6,40}", fullmatch=True), st.text(max_size=40), st.text(max_size=40))
def test_what_is_found_again_is_the_value_and_nothing_else(value: str, before: str, behind: str) -> None:
    text = f"{before} {value} {behind}"
    again = found(text, value)
    assert set(again) <= {value}
    assert bool(again) is (worth_knowing(value))
