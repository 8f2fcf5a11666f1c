"""Where a proxy shows how it stands: nowhere, unless the settings say so."""

import pytest

from proxy.errors import SettingsError
from proxy.observe.spans import Tracing
from tests.proxy.settings.test_read import read


def test_nothing_listens_and_nothing_is_traced_by_default() -> None:
    settings = read("{}")
    assert settings.admin is None and settings.tracing == Tracing()


def test_what_is_written_is_taken() -> None:
    settings = read("admin: {listen: '127.0.0.1:9464'}\ntracing: {endpoint: 'http://c:4318/v1/traces', ratio: 0.1}")
    assert settings.admin == ("127.0.0.1", 9464)
    assert settings.tracing == Tracing("http://c:4318/v1/traces", 0.1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("admin: {listen: here}", "1:17"),
        ("admin: {port: 1}", "unknown key `port`"),
        ("tracing: {ratio: 0.5}", "`endpoint` must be"),
        ("tracing: {endpoint: collector}", "`endpoint` must be"),
        ("tracing: {endpoint: 'http://c', ratio: 2}", "a share from 0 to 1"),
        ("tracing: {endpoint: 'http://c', ratio: -1}", "a number above zero"),
    ],
)
def test_every_mistake_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(text)
    assert told in str(error.value)
