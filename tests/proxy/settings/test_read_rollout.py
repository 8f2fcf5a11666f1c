"""Where the PAC file is served, as the settings say."""

import pytest

from proxy.errors import SettingsError
from proxy.rollout.pac import Pac
from tests.proxy.settings.test_read import read


def test_it_is_read() -> None:
    assert read("{}").pac is None
    text = "pac: {listen: '0.0.0.0:8081', proxies: ['proxy.example:8080', '[fd00::1]:8080']}"
    assert read(text).pac == Pac(("0.0.0.0", 8081), (("proxy.example", 8080), ("fd00::1", 8080)))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pac: {listen: '0.0.0.0:8081'}", "`pac` needs proxies"),
        ("pac: {listen: '0.0.0.0:8081', proxies: []}", "go round Sluice"),
        ("pac: {listen: '0.0.0.0:8081', proxies: ['0.0.0.0:8080']}", "as clients reach them"),
        ("pac: {listen: '0.0.0.0:8081', proxies: ['http://proxy:8080']}", "host:port is expected"),
        ("pac: {listen: '0.0.0.0:8081', proxies: ['proxy/x:8080']}", "host:port is expected"),
        ("admin: {listen: 'http://127.0.0.1:9464'}", "host:port is expected"),
        ("pac: {listen: '0.0.0.0:8081', proxies: [here]}", "1:"),
    ],
)
def test_mistakes_are_told(text: str, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(text)
    assert told in str(error.value)
