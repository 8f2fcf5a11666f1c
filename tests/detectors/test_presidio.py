"""Presidio's recognizers are gated, heard next to Chinese, and fail aloud."""

import logging
import re
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from presidio_analyzer import Pattern, PatternRecognizer, predefined_recognizers

from detectors.engine import compiled
from detectors.gates import gate_of_words
from detectors.interface import CannotTell, DetectorError
from detectors.presidio import CONTEXT_RAISES, Gated, Presidio, counting, load_recognizers, ready, shipped_recognizers
from detectors.presidio_lent import lent_by
from detectors.reading import read_text
from detectors.sieve import Opening, Sieve
from tests.silence import says_nothing_of
from tests.thorough import drawn

SHIPPED = shipped_recognizers()
BY_NAME = {gated.name: gated for gated in SHIPPED}
ALL = Presidio(SHIPPED)
OURS = {"CreditCardRecognizer", "IbanRecognizer", "EmailRecognizer", "UrlRecognizer"}

FOUND = {
    "address before Chinese": ("服务器10.2.3.4宕机", "IP_ADDRESS", "10.2.3.4"),
    "address full width": ("服务器１０．２．３．４宕机", "IP_ADDRESS", "１０．２．３．４"),
    "IPv6": ("网关2001:db8::8a2e:370:7334不通", "IP_ADDRESS", "2001:db8::8a2e:370:7334"),
    "hardware address": ("网卡aa:bb:cc:dd:ee:ff已登记", "MAC_ADDRESS", "aa:bb:cc:dd:ee:ff"),
    "wallet": ("钱包1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2收款", "CRYPTO", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
    "social security": ("我的社保号536-22-1234请查", "US_SSN", "536-22-1234"),
    "social security, bare, in context": ("SSN 536221234", "US_SSN", "536221234"),
    "health service, in context": ("NHS number 9434765919", "UK_NHS", "9434765919"),
    "national insurance": ("NINO是AB123456C吗", "UK_NINO", "AB123456C"),
    "Singapore": ("新加坡S1234567D身份", "SG_NRIC_FIN", "S1234567D"),
    "Korea": ("주민등록번호960121-1234567번", "KR_RRN", "960121-1234567"),
    "Spain": ("DNI 12345678Z", "ES_NIF", "12345678Z"),
    "Finland": ("hetu 131052-308T", "FI_PERSONAL_IDENTITY_CODE", "131052-308T"),
    "India": ("PAN卡ABCPE1234F", "IN_PAN", "ABCPE1234F"),
    "passport, in Chinese context": ("美国护照123456789", "US_PASSPORT", "123456789"),
    "date of birth": ("生日1990-03-07", "DATE_TIME", "1990-03-07"),
    "postcode, in context": ("postcode SW1A 1AA", "UK_POSTCODE", "SW1A 1AA"),
    "identifier": ("编号550e8400-e29b-41d4-a716-446655440000", "UUID", "550e8400-e29b-41d4-a716-446655440000"),
}
NOT_FOUND = {
    "a timestamp is no health number": ("1700000009", "UK_NHS"),
    "an order number is no passport": ("order 123456789", "US_PASSPORT"),
    "a version is no address": ("version 10.2.3.4", "IP_ADDRESS"),
    "a Chinese version is no address": ("升级到版本10.2.3.4", "IP_ADDRESS"),
    "the local host is nobody's address": ("http://127.0.0.1:8080", "IP_ADDRESS"),
    "code is no address": ("std::vector a::b", "IP_ADDRESS"),
    "a time is no address": ("10:30:00", "IP_ADDRESS"),
    "a stretch of a longer token": ("x12345678Z9", "ES_NIF"),
    "eleven digits are no Polish number": ("13800138000", "PL_PESEL"),
}


@pytest.mark.parametrize(("text", "entity", "want"), FOUND.values(), ids=FOUND)
def test_a_number_is_found_exactly_next_to_chinese_too(text, entity, want):
    found = [text[one.start : one.end] for one in ALL.find(text, frozenset({entity}))]
    assert found == [want]


@pytest.mark.parametrize(("text", "entity"), NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_only_looks_like_one_is_not(text, entity):
    assert ALL.find(text, frozenset({entity})) == ()


def test_a_finding_says_what_speaks_for_it():
    (found,) = ALL.find("NHS number 9434765919", frozenset({"UK_NHS"}))
    assert found.because == ("rule:NhsRecognizer", "check:NhsRecognizer", "context:nhs")


def test_context_raises_the_score_as_presidio_does():
    (alone,) = ALL.find("536-22-1234", frozenset({"US_SSN"}))
    (near,) = ALL.find("SSN 536-22-1234", frozenset({"US_SSN"}))
    assert near.score == pytest.approx(alone.score + CONTEXT_RAISES)


def test_every_pattern_recognizer_of_presidio_is_in_the_table_or_replaced_by_ours():
    shipped = {
        name
        for name, kind in vars(predefined_recognizers).items()
        if isinstance(kind, type) and issubclass(kind, PatternRecognizer) and kind is not PatternRecognizer
    }
    assert shipped - OURS == BY_NAME.keys()


WRITABLE = st.sampled_from("\t\n\r\f" + "".join(map(chr, range(32, 127))))
"""The ASCII characters that a view can hold."""


def patterns_that_can_count():
    """Yield the patterns whose matches could reach the minimum, as far as they can be turned into examples."""
    for name, gated in BY_NAME.items():
        if gated.near and gated.openings[0].pattern == gate_of_words(gated.near.terms).pattern:
            continue  # opened by its words
        for pattern in counting(gated.recognizer, gated.minimum):
            gate = (gated.recognizer, gated.recognizer.about.patterns.index(pattern))
            if "(?=" in pattern.regex:
                continue
            try:
                known = re.compile(pattern.regex, re.IGNORECASE | re.ASCII)
            except re.error:
                continue
            yield pytest.param(Sieve([gated.openings]), gate, known, id=f"{name}-{pattern.name}")


@pytest.mark.parametrize(("sieve", "gate", "pattern"), list(patterns_that_can_count()))
@given(data=st.data())
@settings(max_examples=6, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], deadline=None)
def test_a_gate_is_open_for_whatever_the_pattern_matches(sieve, gate, pattern, data):
    match = pattern.search(data.draw(st.from_regex(pattern, fullmatch=True, alphabet=WRITABLE)))
    if match is None:
        return
    reading = read_text(f"{'.' * 300} {match.group()} {'.' * 300}")
    ((start, end),) = sieve.open(reading, {0})[0]
    assert start <= 301 and 301 + len(match.group()) <= end
    recognizer, place = gate
    assert place in recognizer.which(reading.skeleton)


LOOKING_AROUND = {
    "UsHealthInsuranceMemberIdRecognizer": "insurance member W1234567",
    "UsClaimNumberRecognizer": "claim number: 123456",
    "UsPrescriptionNumberRecognizer": "Rx #123456",
    "UsPriorAuthorizationNumberRecognizer": "prior authorization no. 123456",
    "UsProviderTaxIdRecognizer": "provider TIN 12-3456789",
    "UsReferralNumberRecognizer": "referral #123456",
}


@pytest.mark.parametrize(("name", "text"), LOOKING_AROUND.items())
def test_numbers_that_look_around_themselves_are_found(name, text):
    assert len(ALL.find(text, frozenset({BY_NAME[name].entity}))) == 1


def gated(recognizer):
    return Gated(ready(lent_by(recognizer)), (Opening("a", (), None),), compiled(".*", "x"), None, 0.1, None, None)


def test_a_pattern_that_runs_out_of_time_cannot_tell_and_is_never_skipped():
    slow = PatternRecognizer("X", patterns=[Pattern("slow", r"(a+a?)+\1(?:a|aa)+c", 0.5)], name="slow")
    detector = Presidio([gated(slow)])
    with pytest.raises(CannotTell, match="out of time"):
        detector.find("a" * 5000 + "!", frozenset({"X"}))


class Broken(PatternRecognizer):
    """A recognizer whose validation quotes the text in its error."""

    def validate_result(self, pattern_text):
        raise ValueError(f"bad {pattern_text}")


def test_a_recognizer_that_fails_cannot_tell_and_quotes_nothing():
    detector = Presidio([gated(Broken("X", patterns=[Pattern("p", "aaa-secret", 0.5)], name="broken"))])
    with pytest.raises(CannotTell) as raised:
        detector.find("aaa-secret", frozenset({"X"}))
    says_nothing_of(raised.value, "secret")


def test_not_even_behind_the_error_of_one_recognizer_that_fails_stands_what_it_quotes():
    recognizer = gated(Broken("X", patterns=[Pattern("p", "aaa-secret", 0.5)], name="broken"))
    with pytest.raises(CannotTell, match="broken failed") as raised:
        recognizer.seek(read_text("aaa-secret"), [(0, 10)])
    says_nothing_of(raised.value, "secret")


def test_nothing_is_looked_up_in_any_network_and_nothing_is_logged(monkeypatch, caplog):
    def refuse(*_args, **_keywords):
        raise AssertionError("a detector reached for the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with caplog.at_level(logging.INFO):
        Presidio(shipped_recognizers()).find("SSN 536-22-1234, 10.2.3.4", ALL.entities)
    assert "536" not in caplog.text


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("- {recognizer: IbanRecogniser, gate: a}", "Presidio has no pattern recognizer of this name"),
        ("- {recognizer: SpacyRecognizer, gate: a}", "Presidio has no pattern recognizer of this name"),
        ("- {recognizer: NhsRecognizer, gate: '('}", "bad pattern"),
        ("- {gate: a}", "`recognizer` is missing"),
        ("- {recognizer: NhsRecognizer, gate: a, minimum: x}", "`minimum` must be a number"),
        ("- {recognizer: NhsRecognizer, gate: a, alon: x}", "unknown key `alon`"),
    ],
)
def test_a_slip_in_the_table_stops_the_start(tmp_path, entry, message):
    path = tmp_path / "presidio.yaml"
    path.write_text(entry)
    with pytest.raises(DetectorError, match=f"presidio.yaml: .*{message}"):
        load_recognizers(path)


@given(st.text())
@settings(max_examples=drawn(100), deadline=None)
def test_findings_of_any_text_lie_in_it(text):
    for finding in ALL.find(text, ALL.entities):
        assert 0 <= finding.start < finding.end <= len(text)
