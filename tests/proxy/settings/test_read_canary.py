"""The section on canaries is read whole, and every slip in it is told with its place and without its secrets."""

from datetime import timedelta
from pathlib import Path

import pytest

from proxy.canary.judge import Canaries, Wanted
from proxy.errors import SettingsError
from proxy.settings.read import parse_settings


def read(text: str, **environment: str) -> Canaries:
    return parse_settings(f"canary: {text}", "sluice.yaml", Path("/etc/sluice"), environment).canary


GOOD = {
    "nothing": ("{}", Canaries()),
    "services alone": ("{services: {groq: {}, openai-api: }}", Canaries({"groq": Wanted(), "openai-api": Wanted()})),
    "a schedule": ("{services: {groq: {}}, every_minutes: 90}", Canaries({"groq": Wanted()}, timedelta(minutes=90))),
    "an address": (
        "{services: {groq: {host: API.Groq.com, path: /v1/x?y=1}}}",
        Canaries({"groq": Wanted("api.groq.com", "/v1/x?y=1")}),
    ),
    "secrets": (
        "{services: {groq: {key_env: SLUICE_GROQ}}, login_env: LOGIN}",
        Canaries({"groq": Wanted(key="gsk")}, None, "desk:pw"),
    ),
}


@pytest.mark.parametrize(("text", "expected"), GOOD.values(), ids=GOOD)
def test_it_is_read(text: str, expected: Canaries) -> None:
    secrets = {"SLUICE_GROQ": "gsk", "LOGIN": "desk:pw"} if "_env" in text else {}
    assert read(text, **secrets) == expected


WRONG = {
    "unknown key": ("{hours: 1}", "1:10: unknown key `hours`"),
    "unknown key of a service": ("{services: {groq: {url: x}}}", "unknown key `url`"),
    "a schedule for nothing": ("{every_minutes: 5}", "`canary` needs `services`"),
    "no time": ("{services: {groq: {}}, every_minutes: 0}", "a whole number from 1"),
    "no path": ("{services: {groq: {path: v1/x}}}", "a path begins with `/`"),
    "no host": ("{services: {groq: {host: 'https://x'}}}", "is no host name"),
    "two keys": ("{services: {groq: {key_env: KEY, key_file: k}}}", "not both"),
    "a variable that is not set": ("{services: {groq: {key_env: NONE}}}", "NONE is empty or not set"),
    "a key of two lines": ("{services: {groq: {key_env: KEY}}}", "no header can"),
}


@pytest.mark.parametrize(("text", "why"), WRONG.values(), ids=WRONG)
def test_every_slip_is_told(text: str, why: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(text, KEY="secret\nsecond")
    assert why in str(error.value)
    assert "secret\nsecond" not in str(error.value)
