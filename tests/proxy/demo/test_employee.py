import os

import pytest

from proxy.demo import employee
from proxy.demo.authority import Authority
from proxy.demo.manner import Mode
from proxy.demo.process import Employee
from proxy.demo.standins import ExternalStandIn
from tests import nursery

PATHS = {"openai": "/v1", "anthropic": ""}


@pytest.fixture(scope="module")
def person(authority: Authority):
    plain = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    one = Employee.start({**plain, "SSL_CERT_FILE": str(authority.pem)}, nursery.begin)
    yield one
    one.stop()


def ask(person: Employee, external: ExternalStandIn, sdk: str, **body: object) -> dict:
    base = f"https://localhost:{external.server.port}{PATHS[sdk]}"
    return person.ask({"sdk": sdk, "base_url": base, "prompt": "你好 hello", "body": body})


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("sdk", PATHS)
def test_an_answer_is_told_whole_and_its_pieces_as_they_come(
    person: Employee, external: ExternalStandIn, sdk: str, stream: bool
) -> None:
    said = ask(person, external, sdk, stream=stream)
    done = said["done"]
    text = done["choices"][0]["message"]["content"] if sdk == "openai" else done["content"][0]["text"]
    assert text == "外部替身服务听到：你好 hello"
    assert said["attempts"] == 1
    assert ("".join(person.pieces) == text) is stream


@pytest.mark.parametrize("sdk", PATHS)
def test_an_error_is_told_as_the_sdk_raised_it_and_retries_are_counted(
    person: Employee, external: ExternalStandIn, sdk: str
) -> None:
    external.manner.mode = Mode.FAIL
    said = ask(person, external, sdk)
    assert (said["error"]["class"], said["error"]["status"]) == ("InternalServerError", 500)
    assert said["attempts"] == len(external.requests) == 3


def test_both_sdks_are_there() -> None:
    assert employee.missing_sdks() == []


def test_an_sdk_that_is_missing_is_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: object) -> None:
        raise ImportError(name="openai")

    monkeypatch.setitem(employee.ASK, "openai", absent)
    assert list(employee.serve(iter([b'{"sdk": "openai"}']))) == [{"missing": "openai"}]
