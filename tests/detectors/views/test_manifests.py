"""Whatever stands in a secret of Kubernetes is found under any key, far from its kind; other kinds are left alone."""

import base64
import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from detectors.reading import read_text
from detectors.views.manifests import manifests
from detectors.views.pieces import Pieces
from tests.detectors.views.reading import found, redacted
from tests.rows import each

VALUES = {"conn": "mysql://app2", "salt": "Rt#2026xx", "pepper": "zhang1988!", "note": "第一个 key7"}


def coded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def manifest(kind: str, name: str = "crm", padding: int = 60) -> dict[str, Any]:
    """Return what kubectl shows, with as many annotations as push the kind far away."""
    notes = {f"corp.cn/note-{number}": f"owner of part {number}" for number in range(padding)}
    return {
        "apiVersion": "v1",
        "data": {key: coded(value) for key, value in VALUES.items()},
        "kind": kind,
        "metadata": {"annotations": notes, "name": name, "resourceVersion": "88213381"},
        "type": "Opaque",
    }


def hand_written(kind: str) -> dict[str, Any]:
    """Return the same in the order in which people write it, the kind far above."""
    one = manifest(kind)
    return {key: one[key] for key in ("apiVersion", "kind", "metadata", "type", "data")}


WRITERS = {
    "JSON": lambda one: json.dumps(one, indent=4),
    "JSON on one line": json.dumps,
    "YAML": lambda one: yaml.safe_dump(one, sort_keys=False),
    "YAML with CRLF": lambda one: yaml.safe_dump(one, sort_keys=False).replace("\n", "\r\n"),
    "in a list of JSON": lambda one: json.dumps({"apiVersion": "v1", "items": [one], "kind": "List"}, indent=2),
    "in a list of YAML": lambda one: yaml.safe_dump({"items": [one], "kind": "List"}, sort_keys=False),
    "in a tool's result": lambda one: "$ kubectl get secret crm -o yaml\n" + yaml.safe_dump(one, sort_keys=False),
    "JSON in a string": lambda one: json.dumps({"output": json.dumps(one)}),
}


@each("write", WRITERS.values(), list(WRITERS))
def test_every_value_of_a_secret_is_found(write: Any) -> None:
    for one in (manifest("Secret"), hand_written("Secret")):
        text = write(one)
        kept = redacted(text)
        assert [value for value in map(coded, VALUES.values()) if value in kept] == []
        assert "88213381" in kept and "owner of part 7" in kept, "what is about it stays"


@each("write", WRITERS.values(), list(WRITERS))
def test_nothing_of_another_kind_is_taken_for_one(write: Any) -> None:
    for one in (manifest("ConfigMap"), hand_written("ConfigMap")):
        assert found(write(one)) == []


def test_beside_a_secret_another_kind_is_left_alone() -> None:
    both = {"items": [manifest("Secret"), manifest("ConfigMap")], "kind": "List"}
    both["items"][1]["data"] = {"mode": coded("production-mode-7")}
    both["items"][0]["data"] = {"salt": coded("Rt#2026xx")}
    kept = redacted(json.dumps(both))
    assert coded("production-mode-7") in kept and coded("Rt#2026xx") not in kept


def test_text_of_a_secret_is_found_as_it_is() -> None:
    one = {key: value for key, value in hand_written("Secret").items() if key != "data"}
    one["stringData"] = {"smtp": "Sm7p!relay", "key": "${SMTP_KEY}", "username": "orders", "db_host": "db01.corp.cn"}
    for text in (yaml.safe_dump(one, sort_keys=False), json.dumps(one), json.dumps(one, indent=2)):
        kept = redacted(text)
        assert "Sm7p!relay" not in kept
        assert all(value in kept for value in ("${SMTP_KEY}", "orders", "db01.corp.cn"))


def test_however_many_values_there_are_each_is_read_once() -> None:
    values = [coded(f"zq{number:04}-Vw#") for number in range(600)]
    many = {"kind": "List", "items": [{"kind": "Secret", "data": {"salt": value}} for value in values]}
    within = '{"kind":"Secret","x":' + "".join(f'{{"data":{{"salt":"{value}",' for value in values)
    for text in (json.dumps(many), yaml.safe_dump(many, sort_keys=False), within):
        pieces = Pieces()
        manifests(read_text(text), pieces, lambda start, end: (start, end))
        assert [text[place.start : place.end] for one in pieces.cores for place in one.places] == values


@pytest.mark.parametrize(
    "text", ["kind: Secret\ndata:\n", "kind: Secret\ndata: {", '"kind":"Secret","data":{"a":', "data:"]
)
def test_half_a_manifest_is_no_error(text: str) -> None:
    assert found(text) == []


@given(st.text("{}\"':,-\n datkinSecr=AbZ9", max_size=200))
def test_whatever_stands_round_a_secret_it_is_found(text: str) -> None:
    whole = json.dumps(manifest("Secret", padding=1))
    assert coded("Rt#2026xx") not in redacted(f"{text.replace('{', '')}\n{whole}\n")
