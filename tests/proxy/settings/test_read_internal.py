"""The sections about the company's models: what is read, and every mistake with its place."""

from pathlib import Path

import pytest

from proxy.errors import SettingsError
from proxy.internal.models import Checks, KeySource
from proxy.settings.read import parse_settings

WHOLE = """\
internal_models:
  servers:
    vault: {url: https://vault.internal, key_file: token, key_seconds: 60, speaks: [openai-chat, anthropic-messages]}
    general:
      - {url: http://gpu1:8000/v1, key_env: GPU_KEY, models: {"*": qwen}, check: /health}
      - url: https://our.openai.azure.com/openai/deployments/{model}
        query: {api-version: 2024-10-21}
        key_header: API-Key
        key_command: [vault, read, key]
        models: {"*": gpt-4o}
  default: general
  choose: {"o1-*": vault}
  checks: {every: 5, timeout: 1.5, answer: 30}
"""


def read(text: str, folder: Path, **environment: str):
    return parse_settings(text, "sluice.yaml", folder, environment)


def test_all_of_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("vaultskey\n", "utf-8")
    models = read(WHOLE, tmp_path, GPU_KEY="gpuskey").internal
    assert models is not None
    assert (list(models.servers), models.default, models.choose) == (
        *(["vault", "general"], "general", {"o1-*": "vault"}),
    )
    assert models.checks == Checks(5.0, 1.5, 30.0)
    vault, gpu, azure = models.all
    assert [one.name for one in models.all] == ["vault", "general/1", "general/2"]
    assert (vault.key, vault.source, vault.check) == ("vaultskey", KeySource(tmp_path / "token", (), 60), "/models")
    assert (gpu.key, gpu.source, gpu.check) == ("gpuskey", None, "/health")
    assert (azure.key, azure.key_header) == ("", "api-key")
    assert azure.source == KeySource(None, ("vault", "read", "key"), 300)
    assert azure.check == "/?api-version=2024-10-21"
    assert azure.path("/chat/completions", "gpt-4o") == (
        "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
    )
    assert not any(key in repr(models) for key in ("vaultskey", "gpuskey"))


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    models = read("internal_models: {servers: {a: {url: 'http://a/v1'}, b: {url: 'http://b/v1'}}}", tmp_path).internal
    assert models is not None
    assert (models.default, models.checks) == ("a", Checks(15.0, 3.0, 120.0))


@pytest.mark.parametrize(
    ("said", "checks"), [("every: never", Checks(every=0.0, answer=120.0)), ("answer: never", Checks())]
)
def test_checks_and_patience_can_be_switched_off(tmp_path: Path, said: str, checks: Checks) -> None:
    text = f"internal_models: {{servers: {{a: {{url: 'http://a/v1'}}}}, checks: {{{said}}}}}"
    assert read(text, tmp_path).internal.checks == checks


def test_a_lone_model_is_asked_nothing_but_what_people_ask_and_waited_for_as_long_as_it_takes(tmp_path: Path) -> None:
    models = read("internal_model: {url: 'http://a/v1'}", tmp_path).internal
    assert (models.checks.every, models.checks.answer) == (0.0, 0.0)


SERVER = "url: 'http://a/v1'"
WRONG = {
    "both sections": (f"internal_model: {{{SERVER}}}\ninternal_models: {{servers: {{a: {{{SERVER}}}}}}}", "not both"),
    "no servers": ("internal_models: {default: a}", "`servers` must name at least one model"),
    "an empty list": ("internal_models: {servers: {a: []}}", "`a` has no server"),
    "a strange name": (f"internal_models: {{servers: {{A b: {{{SERVER}}}}}}}", "`A b` is no name for a model"),
    "an unknown default": (f"internal_models: {{servers: {{a: {{{SERVER}}}}}, default: b}}", "there is no model `b`"),
    "an unknown choice": (f"internal_models: {{servers: {{a: {{{SERVER}}}}}, choose: {{x: b}}}}", "no model `b`"),
    "no time": (f"internal_models: {{servers: {{a: {{{SERVER}}}}}, checks: {{every: 0}}}}", "above zero"),
    "no patience": (f"internal_models: {{servers: {{a: {{{SERVER}}}}}, checks: {{timeout: never}}}}", "above zero"),
    "a password in the address": ("internal_model: {url: 'http://me:pass@a/v1'}", "neither a name, a password"),
    "a query in the address": ("internal_model: {url: 'http://a/v1?api-version=1'}", "nor a query"),
    "a field of ours": (f"internal_model: {{{SERVER}, key_header: Host}}", "none that Sluice writes itself"),
    "no field": (f"internal_model: {{{SERVER}, key_header: 'a b'}}", "a header field such as api-key"),
    "a check elsewhere": (f"internal_model: {{{SERVER}, check: 'http://b/'}}", "must be a path"),
    "a key that never changes": (f"internal_model: {{{SERVER}, key_seconds: 9}}", "needs `key_file` or `key_command`"),
    "an unset variable": (f"internal_model: {{{SERVER}, key_env: GONE}}", "GONE is empty or not set"),
    "ollama beside another protocol": (
        f"internal_model: {{{SERVER}, speaks: [ollama, openai-chat]}}",
        "has it at another address than the rest",
    ),
    "an unknown protocol": (f"internal_model: {{{SERVER}, speaks: [telepathy]}}", "must be one of openai-chat"),
}


@pytest.mark.parametrize("name", WRONG)
def test_every_mistake_is_told_with_its_place_and_no_secret(tmp_path: Path, name: str) -> None:
    text, told = WRONG[name]
    with pytest.raises(SettingsError) as caught:
        read(text, tmp_path)
    message = str(caught.value)
    assert told in message and "sluice.yaml:" in message
