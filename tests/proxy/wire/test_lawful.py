"""What programs write in their fields is not read; anything else that stands there is, whoever wrote it."""

import itertools
import uuid
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.allowance import before
from detectors.checksums import cn_id_card, luhn
from detectors.interface import Finding, Scan
from proxy.exchange import Part
from proxy.wire.lawful import is_boundary, is_drawn, is_filled_by_programs, is_lawful, is_sealed, without_lawful

EVERYDAY: dict[str, tuple[str, ...]] = {
    "user-agent": (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
        "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
        "Mozilla/5.0 (Windows NT 10.0) Chrome/131.0.6778.86 Safari/537.36 Edg/131.0.2903.112",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0",
        "OpenAI/Python 1.54.3",
        "AsyncAnthropic/Python 0.40.0",
        "claude-cli/1.0.33 (external, cli)",
        "codex_cli_rs/0.21.0 (Mac OS 15.6.1; arm64) iTerm.app/3.5.14",
        "GeminiCLI/v0.1.9 (darwin; arm64)",
        "Boto3/1.35.0 md/Botocore#1.35.0 ua/2.0 os/linux#6.5.0-1025-azure md/arch#x86_64 lang/python#3.11.4",
        "google-genai-sdk/1.2.0 gl-python/3.11.4",
        "curl/8.5.0",
        "Dalvik/2.1.0 (Linux; U; Android 14; SM-S918B)",
    ),
    "accept": ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "application/json", "*/*"),
    "accept-language": ("zh-CN,zh;q=0.9,en-US;q=0.8", "*"),
    "authorization": (
        "Bearer sk-proj-Ab3dEf6hIj9kLmNoPqRsTuVw",
        "Bearer test",
        "Basic dXNlcjpwYXNzd29yZDEyMw==",
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20251127/us-east-1/bedrock/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024",
        "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    ),
    "x-api-key": ("sk-ant-api03-Ab3dEf6hIj9kLmNoPqRsTuVw", "k"),
    "openai-sentinel-chat-requirements-token": ("gAAAAABnR1kq3Xy-_abcdefghijk0123",),
    "openai-sentinel-token": ('{"p":"gAAAAACWzMwMzI4Ilt","t":"SBMYGQ8aGRsdHR8=","id":"3a0d6f2e"}',),
    "openai-organization": ("org-AbCdEfGhIjKlMnOpQrStUvWx",),
    "openai-project": ("proj_AbCdEfGhIj3lMnOpQrStUvWx",),
    "openai-beta": ("assistants=v2", "responses_websockets=2026-02-06"),
    "anthropic-version": ("2023-06-01",),
    "anthropic-beta": ("claude-code-20250219,fine-grained-tool-streaming-2025-05-14,interleaved-thinking-2025-05-14",),
    "x-stainless-lang": ("python", "js"),
    "x-stainless-package-version": ("1.54.3", "0.32.1"),
    "x-stainless-os": ("Linux", "MacOS", "Other:FreeBSD"),
    "x-stainless-arch": ("x64", "arm64", "other:i686"),
    "x-stainless-runtime": ("CPython", "node", "browser:chrome"),
    "x-stainless-runtime-version": ("3.11.4", "v22.11.0"),
    "x-stainless-async": ("async:asyncio", "false"),
    "x-stainless-retry-count": ("0",),
    "x-stainless-timeout": ("600", "NOT_GIVEN", "600.0"),
    "x-stainless-helper-method": ("chat.completions.stream",),
    "x-goog-api-client": ("google-genai-sdk/1.2.0 gl-python/3.11.4", "gl-node/22.1.0 grpc/1.59.0"),
    "x-goog-user-project": ("my-project-1",),
    "x-amz-date": ("20251127T175039Z",),
    "x-amz-content-sha256": ("UNSIGNED-PAYLOAD", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    "amz-sdk-request": ("attempt=1; max=3", "ttl=20251127T175039Z; attempt=1; max=5"),
    "amz-sdk-invocation-id": ("3a0d6f2e-91c4-4a57-8b1d-0f3b7c1e5d29",),
    "traceparent": ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",),
    "tracestate": ("dd=s:1;o:rum;t.dm:-1", "rojo=00f067aa0ba902b7"),
    "sentry-trace": ("4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",),
    "baggage": (
        "sentry-environment=production,sentry-trace_id=4bf92f3577b34da6a3ce929d0e0e4736,sentry-sample_rate=0.1",
    ),
    "x-datadog-trace-id": ("12345678901234567890", "9223372036854775807"),
    "x-cloud-trace-context": ("105445aa7843bc8bf206b12000100000/12345678901234567;o=1",),
    "x-request-id": ("req_011CTxyzAbCdEf4Gh", "3a0d6f2e-91c4-4a57-8b1d-0f3b7c1e5d29"),
    "idempotency-key": ("stainless-python-retry-3a0d6f2e-91c4-4a57-8b1d-0f3b7c1e5d29",),
    "if-none-match": ('W/"3a0d6f2e91c44a57"', '"33a64df551425fcc55e4d42a148795d9f25f89d4"'),
    "if-modified-since": ("Fri, 27 Nov 2026 17:50:39 GMT",),
    "range": ("bytes=0-1048575",),
    "content-range": ("bytes 0-1048575/2097152", "bytes */20"),
    "content-digest": ("sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",),
    "content-type": (
        "application/json",
        "application/json; charset=utf-8",
        "text/plain;charset=UTF-8",
        "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
        "multipart/form-data; boundary=------------------------d74496d66958873e",
        "multipart/form-data; boundary=----formdata-undici-013800138000",
        "multipart/form-data; boundary=--------------------------138001380001380013800013",
        "multipart/form-data; boundary=3a0d6f2e91c44a578b1d0f3b7c1e5d29",
        "multipart/form-data; boundary=----geckoformboundary3a0d6f2e91c44a578b1d0f3b7c1e5d29",
        'multipart/mixed; boundary="===============1380013800013800138=="',
    ),
    "connection": ("keep-alive", "Upgrade, HTTP2-Settings"),
    "te": ("trailers",),
    "trailer": ("x-checksum",),
    "priority": ("u=1, i",),
    "dnt": ("1",),
    "sec-ch-ua": ('"Google Chrome";v="131", "Chromium";v="131", "Not_A Brand";v="24"', '"Not)A;Brand";v="99"'),
    "sec-ch-ua-full-version-list": ('"Google Chrome";v="131.0.6778.86", "Not_A Brand";v="24.0.0.0"',),
    "sec-ch-ua-platform": ('"macOS"',),
    "sec-ch-ua-platform-version": ('"15.0.0"',),
    "sec-ch-ua-model": ('""', '"SM-S918B"'),
    "sec-fetch-site": ("same-origin",),
    "sec-websocket-key": ("dGhlIHNhbXBsZSBub25jZQ==",),
    "sec-websocket-protocol": ("realtime, openai-insecure-api-key.sk-proj-Ab3dEf6hIj9kLmNo, openai-beta.realtime-v1",),
    "sec-websocket-extensions": ("permessage-deflate; client_max_window_bits",),
    "x-forwarded-for": ("10.1.2.3, 203.0.113.43", "2001:db8:4860:4860::8888", "[2001:db8::1]:443"),
    "forwarded": ('for=192.0.2.60;proto=http;by=203.0.113.43, for="[2001:db8:cafe::17]:4711"',),
    "x-forwarded-proto": ("https",),
    "x-real-ip": ("203.0.113.43",),
    "via": ("1.1 vegur, 2.0 proxy.example",),
    "origin": ("https://chatgpt.com", "null", "chrome-extension://abcdefghijklmnopabcdefghijklmnop"),
    "x-requested-with": ("XMLHttpRequest",),
}
"""What browsers, client libraries and proxies send."""

FREE = (
    "13800138000",
    "138 0013 8000",
    "4111111111111111",
    "4111-1111-1111-1111",
    "4111 1111 1111 1111",
    "110101199003074258",
    "order-4111111111111111",
    "6222021234567890128",
    "6222 0212 3456 7890 128",
    "138.1234.5678",
    "1.13812.34567.8",
    "1.38001.38000",
    "1.13800138000",
    "1.38 1234.5678",
    "4.11111.11111.1111.11",
    "415.555.1132",
    "zhang.san@example.com",
    "机密",
    "身份证110101199003074258",
)
"""Values that nobody's program writes there."""


def test_what_programs_write_every_day_is_not_read() -> None:
    alarms = [(name, value) for name, values in EVERYDAY.items() for value in values if not is_lawful(name, value)]
    assert alarms == []
    assert [name for name in EVERYDAY if not is_filled_by_programs(name)] == []


def test_anything_else_in_those_fields_is_read() -> None:
    assert [(name, value) for name in EVERYDAY for value in FREE if is_lawful(name, value)] == []


@pytest.mark.parametrize("before", ["agent/1.0 (", "x; ", '"'])
def test_it_is_read_in_the_midst_of_what_programs_write_too(before: str) -> None:
    assert [
        (name, value)
        for name in ("user-agent", "accept-language", "x-stainless-lang", "sec-ch-ua", "idempotency-key", "baggage")
        for value in FREE
        if is_lawful(name, before + value + ")")
    ] == []


@pytest.mark.parametrize("name", ["cache-control", "x-stainless-lang", "user-agent", "accept-language"])
def test_a_well_known_key_of_letters_alone_is_no_word(name: str) -> None:
    assert is_lawful(name, "no-cache, max-age=0") and not is_lawful(name, "no-cache, AKIAYKRNDHOXLAQVMNVY")


@pytest.mark.parametrize("key", ["AKIAIOSFODNN7EXAMPLE", "sk-proj-Ab3dEf6hIj9kLmNo", "ghp_" + "a1B2" * 9])
def test_a_well_known_key_passes_as_a_credential_alone(key: str) -> None:
    assert is_lawful("authorization", f"Bearer {key}")
    assert is_lawful("x-api-key", key)
    assert not is_lawful("idempotency-key", key)
    assert not is_lawful("x-request-id", key)
    assert not is_lawful("user-agent", f"agent/1.0 ({key})")


@given(st.uuids())
def test_any_uuid_is_an_id(drawn: uuid.UUID) -> None:
    for name in ("x-request-id", "idempotency-key", "mcp-session-id", "x-amz-meta"):
        assert is_lawful(name, str(drawn)) or drawn.hex.isdecimal()
    assert is_boundary(drawn.hex) or drawn.hex.isdecimal()


@given(st.text(alphabet="0123456789", min_size=11, max_size=16), st.sampled_from(["", " ", "-", "."]))
def test_no_long_number_is_taken_for_a_credential(number: str, sign: str) -> None:
    spelt = sign.join(number[at : at + 4] for at in range(0, len(number), 4))
    assert not is_drawn(spelt)
    assert not is_lawful("authorization", f"Bearer {spelt}")
    assert not is_boundary(spelt)


@given(st.text())
def test_every_value_gets_an_answer(value: str) -> None:
    for name in EVERYDAY:
        assert isinstance(is_lawful(name, value), bool)


SEALED = """authorization x-api-key content-type content-encoding connection te trailer accept range if-none-match
sec-websocket-key sec-websocket-protocol origin"""
CHANGED = """user-agent x-stainless-lang idempotency-key x-request-id traceparent x-forwarded-for sec-ch-ua dnt
openai-organization x-note"""


def test_fields_of_the_protocol_and_credentials_cannot_be_written_anew_and_all_others_can() -> None:
    assert [name for name in SEALED.split() if not is_sealed(name)] == []
    assert [name for name in CHANGED.split() if is_sealed(name)] == []


def test_cookies_are_the_services_own() -> None:
    assert is_lawful("cookie", "draft=13800138000")
    others = ("cookie2", "proxy-note", "x-cookie")  # no program of a client's fills them
    assert [name for name in others if is_filled_by_programs(name)] == []


@given(st.integers(10**16, 2**63 - 1))
def test_an_id_of_a_trace_is_an_id_unless_it_is_the_number_of_a_card_or_a_citizen(drawn: int) -> None:
    somebodys = cn_id_card(str(drawn)) or (str(drawn)[:2] in ("62", "95") and luhn(str(drawn)))
    assert is_lawful("x-datadog-parent-id", str(drawn)) or somebodys


@given(st.integers(0, 9_999_999_999_999), st.sampled_from(("620", "621", "622", "623")), st.sampled_from((0, 1, 3)))
def test_no_number_of_a_card_goes_as_an_id_of_a_trace(account: int, issuer: str, shorter: int) -> None:
    for check in range(10):
        card = f"{issuer}{account:015d}"[: 18 - shorter] + str(check)
        if luhn(card):
            assert not is_lawful("x-datadog-trace-id", card)
            assert not is_lawful("x-cloud-trace-context", f"{card}/1;o=1")


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.lists(st.integers(1, 10), max_size=4), st.sampled_from("._ -")
)
def test_no_mobile_number_goes_as_a_version_however_it_is_cut(mobile: str, cuts: list[int], sign: str) -> None:
    places = [0, *sorted(set(cuts)), len(mobile)]
    spelt = sign.join(mobile[start:end] for start, end in itertools.pairwise(places))
    for name in ("x-stainless-foo", "x-stainless-runtime-version", "baggage", "x-request-id"):
        for value in (spelt, f"1.{spelt}", f"v{spelt}"):
            assert not is_lawful(name, value), value


def nobody(_marks: Collection[str]) -> frozenset[str]:
    return frozenset()


def test_what_a_service_has_signed_and_sent_is_no_disclosure_and_what_it_has_not_is_read_names_and_all() -> None:
    name = Scan((Finding(0, 3, "PERSON", 0.9, "x"),), frozenset({"ORGANIZATION"}))
    parts = [Part("/t", "assistant", "Ann", signed=mark) for mark in ("came", "never", "?", "")]
    asked: list[Collection[str]] = []

    def came(marks: Collection[str]) -> frozenset[str]:
        asked.append(set(marks))
        return frozenset({"came"})

    assert without_lawful(parts, [name] * 4, came) == [Scan(), name, name, name]
    assert without_lawful(parts, [Scan(), name, name, name], came)[0] == Scan()
    assert without_lawful(parts, [Scan()] * 4, came) == [Scan()] * 4
    assert asked == [{"came", "never", "?"}, {"never", "?"}], "in one go, of those in which something was found"


def test_the_store_is_not_asked_about_thoughts_where_there_is_no_time() -> None:
    name = Scan((Finding(0, 3, "PERSON", 0.9, "x"),))
    parts = [Part("/t", "assistant", "Ann", signed=mark) for mark in ("a", "b", "a")]
    asked: list[Collection[str]] = []

    def heard(marks: Collection[str]) -> frozenset[str]:
        asked.append(marks)
        return frozenset(marks)

    with before(0.0):
        assert without_lawful(parts, [name, Scan(), name], heard) == [name, Scan(), name], "it is not known of it"
    assert asked == []


def test_names_do_not_count_where_a_program_writes() -> None:
    name, number = Finding(0, 3, "PERSON", 0.9, "x"), Finding(4, 15, "PHONE_NUMBER", 0.9, "x")
    parts = (Part("header:user-agent", "other", "Ann 13800138000", program=True), Part("header:x-note", "other", "Ann"))
    scans = [Scan((name, number), frozenset({"PERSON"})), Scan((name,))]
    assert without_lawful(parts, scans, nobody) == [Scan((number,), frozenset({"PERSON"})), Scan((name,))]
