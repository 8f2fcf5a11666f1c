"""The section `front_door` of the settings."""

from pathlib import Path

import pytest

from proxy.errors import SettingsError
from proxy.refusals.front_door import FrontDoor
from proxy.settings.interface import Settings
from proxy.settings.read import parse_settings


def read(written: str) -> Settings:
    return parse_settings(f"front_door: {written}", "sluice.yaml", Path("/nowhere"), {})


GOOD = {
    "redirect": ("{address: 'https://ai.corp.example/start?a=1'}", FrontDoor("https://ai.corp.example/start?a=1")),
    "link": ("{address: 'http://intranet:8080/', how: link}", FrontDoor("http://intranet:8080/", "link")),
}
BAD = {
    "no address": "{how: link}",
    "no scheme": "{address: ai.corp.example}",
    "a script": "{address: 'javascript:alert(1)'}",
    "a name and a password": "{address: 'https://a:b@ai.corp.example/'}",
    "another host to a browser": "{address: 'https://ai.corp.example\\\\@evil.example/'}",
    "a blank": "{address: 'https://ai.corp.example/a b'}",
    "no port": "{address: 'https://ai.corp.example:x/'}",
    "another way": "{address: 'https://ai.corp.example/', how: push}",
    "another key": "{address: 'https://ai.corp.example/', page: x}",
    "no mapping": "https://ai.corp.example/",
}


@pytest.mark.parametrize(("written", "door"), GOOD.values(), ids=GOOD.keys())
def test_a_door_is_read(written: str, door: FrontDoor) -> None:
    assert read(written).front_door == door


@pytest.mark.parametrize("written", BAD.values(), ids=BAD.keys())
def test_a_mistake_is_told_with_its_place(written: str) -> None:
    with pytest.raises(SettingsError, match=r"sluice\.yaml:1:"):
        read(written)
