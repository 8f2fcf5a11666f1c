"""Every setting is read or refused with its place; the environment overrides, and nothing unknown is passed over."""

import json
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.caller import HeaderSource, IdentitySources, NetworkSource
from proxy.errors import SettingsError
from proxy.internal.models import ONLY, Checks, InternalModels, InternalServer, only
from proxy.settings.detection import Detection
from proxy.settings.interface import Settings
from proxy.settings.read import OVERRIDABLE, load_settings, parse_settings
from proxy.wire.body import Limits
from proxy.workflow.notify import Mail, Notify
from tests.rows import each

HERE = Path("/etc/sluice")
AUDITOR = "age1cal4w9eme05l9mufl7wf2elwy8fhhpd4wur97h3u7lj26y4rkdaqd8prur"


def read(text: str, **environment: str) -> Settings:
    return parse_settings(text, "sluice.yaml", HERE, environment)


def told(text: str, **environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(text, **environment)
    return str(caught.value)


SMTP = "notify: {smtp: {host: mail, from: sluice@corp.example, to: [desk@corp.example, b@corp.example]}}"


def lone(*given: Any, **more: Any) -> InternalModels:
    """Return the company's only model as the old section describes it."""
    return InternalModels(only(InternalServer(*given, **more)).servers, ONLY, checks=Checks(every=0.0, timeout=10.0))


MODEL = "internal_model:\n  url: http://llm.internal:8000/v1/\n"
GOOD = {
    "webhook": (
        "notify: {webhook: 'https://chat.example/hook/1', link: 'https://ai.corp.example'}",
        "notify",
        Notify("https://chat.example/hook/1", link="https://ai.corp.example"),
    ),
    "mail": (
        SMTP,
        "notify",
        Notify(mail=Mail("mail", 25, "sluice@corp.example", ("desk@corp.example", "b@corp.example"))),
    ),
    "mail with a login": (
        "notify: {smtp: {host: m, port: 587, from: a@b.c, to: d@e.f, tls: required, user: u, password_env: MODEL_KEY}}",
        "notify",
        Notify(mail=Mail("m", 587, "a@b.c", ("d@e.f",), "required", "u", "k-1")),
    ),
    "listen": ("listen: 0.0.0.0:3128", "listen", ("0.0.0.0", 3128)),
    "listen on any port": ("listen: '[::1]:0'", "listen", ("::1", 0)),
    "mode": ("mode: upstream:http://proxy:3128", "mode", "upstream:http://proxy:3128"),
    "policy": ("policy: rules/policy.yaml", "policy", HERE / "rules/policy.yaml"),
    "absolute path": ("policy: /srv/p.yaml", "policy", Path("/srv/p.yaml")),
    "state": ("state: data", "state", HERE / "data"),
    "store": ("store: sqlite:///x.db", "store", "sqlite:///x.db"),
    "audit": ("audit: '-'", "audit", "-"),
    "upstream_ca": ("upstream_ca: ca.pem", "upstream_ca", HERE / "ca.pem"),
    "proxy_login": ("proxy_login: users", "proxy_login", HERE / "users"),
    "scan_seconds": ("scan_seconds: 2.5", "scan_seconds", 2.5),
    "keep_originals_days": ("keep_originals_days: 7", "keep_originals_days", 7),
    "keep_conversations_days": ("keep_conversations_days: 7", "keep_conversations_days", 7),
    "keep_no_conversations": ("keep_conversations_days: 0", "keep_conversations_days", 0),
    "keep_sealed_days": ("keep_sealed_days: 7", "keep_sealed_days", 7),
    "auditor_keys": (f"auditor_keys: {AUDITOR}", "auditor_keys", (AUDITOR,)),
    "tunnel": ("tunnel: [Pinned.Example.com., other.com]", "tunnel", frozenset({"pinned.example.com", "other.com"})),
    "Chinese tunnel": ("tunnel: 例子.cn", "tunnel", frozenset({"xn--fsqu00a.cn"})),
    "transparent": ("mode: transparent", "mode", "transparent"),
    "one tunnel": ("tunnel: a.com", "tunnel", frozenset({"a.com"})),
    "language": ("language: zh", "language", "zh"),
    "contact": ("contact: 合规部 / Compliance, ext. 1234", "contact", "合规部 / Compliance, ext. 1234"),
    "log_level": ("log_level: debug", "log_level", "debug"),
    "node": ("node: 北京-1", "node", "北京-1"),
    "limits": (
        "limits: {body: 1 MiB, decoded: 2MB, ratio: 9, text: 7, text_names: 5}",
        "limits",
        Limits(1 << 20, 2_000_000, 9, 7, 5),
    ),
    "resolve": (
        "resolve:\n  API.openai.com:443: 10.0.0.1:8443\n",
        "resolve",
        {("api.openai.com", 443): ("10.0.0.1", 8443)},
    ),
    "internal model": (
        MODEL,
        "internal",
        lone("http", "llm.internal", 8000, "/v1", "", {"*": "default"}, frozenset({"openai-chat"}), check="/v1/models"),
    ),
    "all of an internal model": (
        "internal_model:\n  url: https://llm\n  key_env: MODEL_KEY\n  models: {gpt-*: big, '*': small}\n"
        "  speaks: [openai-chat, anthropic-messages]\n",
        "internal",
        lone(
            *("https", "llm", 443, "", "k-1", {"gpt-*": "big", "*": "small"}),
            *(frozenset({"openai-chat", "anthropic-messages"}),),
            check="/models",
        ),
    ),
    "trusted header": (
        "identity: {header: {user: X-User, groups: X-Groups, from: [10.0.0.1, 10.1.0.0/16], inside_tunnels: yes}}",
        "identity",
        IdentitySources(
            header=HeaderSource("x-user", (ip_network("10.0.0.1/32"), ip_network("10.1.0.0/16")), "x-groups", True)
        ),
    ),
    "networks": (
        "identity:\n  networks:\n    - {cidr: 10.2.0.0/16, user: lab, groups: [研发]}\n",
        "identity",
        IdentitySources(networks=(NetworkSource(ip_network("10.2.0.0/16"), "lab", frozenset({"研发"})),)),
    ),
    "upstream_auth": ("upstream_auth_env: PROXY_SECRET", "upstream_auth", "joe:pw"),
}


@pytest.mark.parametrize("name", GOOD)
def test_every_setting_is_read(name: str) -> None:
    text, field, value = GOOD[name]
    settings = read(text, MODEL_KEY="k-1", PROXY_SECRET="joe:pw")
    assert getattr(settings, field) == value


def test_a_login_is_a_source_of_names() -> None:
    assert read("proxy_login: users").identity.proxy_login
    assert read("proxy_login: users\nidentity: {groups: {研发: [alice]}}").identity.roster["alice"].name == "alice"


@pytest.mark.parametrize("text", ["", "{}", "# listen: 1.2.3.4:1\n\n   # nothing\n"])
def test_a_file_that_sets_nothing_means_the_defaults(text: str) -> None:
    assert read(text) == Settings(state=HERE / "state")


def test_a_service_of_the_company_is_handed_on() -> None:
    [service] = read(
        "services:\n  - {id: our-ai, name: {zh: 公司助手}, vendor: us, country: 'CN', category: chat, "
        "hosts: {exact: [ai.corp.example]}}\n"
    ).services
    assert service["id"] == "our-ai"


BAD = {
    "webhook": ("notify: {webhook: chat.example}", "1:19: `webhook` must be an address"),
    "unknown key of notify": ("notify: {hook: 'https://a'}", "1:10: unknown key `hook`", "`webhook`"),
    "mail without addresses": ("notify: {smtp: {host: m}}", "`smtp` needs from, to"),
    "mail to nobody": (SMTP.replace("b@corp.example", "b"), "a mail address such as"),
    "mail to a header": (SMTP.replace("b@corp.example", '"b@c.d\\nBcc: x@y.z"'), "a mail address such as"),
    "mail from a name": (SMTP.replace("sluice@corp.example", "合规部"), "1:35: a mail address such as"),
    "mail port": (SMTP.replace("host: mail", "host: mail, port: 0"), "a whole number from 1 to 65535"),
    "mail encryption": (
        SMTP.replace("host: mail", "host: mail, tls: maybe"),
        "must be one of offered, required, implicit",
    ),
    "mail password that is not there": (
        SMTP.replace("host: mail", "host: m, password_env: GONE"),
        "GONE is empty or not set",
    ),
    "unknown key with its neighbour": ("listn: a:1", "sluice.yaml:1:1: unknown key `listn`", "did you mean `listen`?"),
    "unknown key far from all": (
        "zzz: 1",
        "1:1: unknown key `zzz`",
        "known keys: accounts, admin, admission, audit, auditor_keys",
    ),
    "unknown key inside": ("limits:\n  bdy: 1MiB", "2:3: unknown key `bdy`", "did you mean `body`?"),
    "unknown key of the model": (MODEL + "  modles: {}", "3:3: unknown key `modles`", "`models`"),
    "a key twice": ("node: a\nnode: b", "2:1", "node"),
    "address without port": ("listen: localhost", "1:9: host:port is expected"),
    "port too high": ("listen: a:65536", "1:9: host:port"),
    "endless port": (f"listen: a:{'9' * 5000}", "1:9: host:port"),
    "foreign digits": ("listen: a:٨٠", "1:9: host:port"),
    "list for a text": ("mode: [a]", "1:7: a text is expected"),
    "nothing for a text": ("contact:", "a text is expected"),
    "hidden zero": (r'policy: "a\0b"', "1:9: a text is expected"),
    "half a character": (r'node: "\ud800"', "sluice.yaml:1:"),
    "nobody's home": ("policy: ~nobody-of-that-name/p.yaml", "1:9: the home directory"),
    "text for a number": ("scan_seconds: soon", "1:15: a number above zero"),
    "zero seconds": ("scan_seconds: 0", "1:15: a number above zero"),
    "endless seconds": ("scan_seconds: inf", "1:15: a number above zero"),
    "no number": ("scan_seconds: nan", "1:15: a number above zero"),
    "a private key of an auditor": ("auditor_keys: AGE-SECRET-KEY-1", "1:15: a public key such as age1…", "keygen"),
    "half a day": ("keep_originals_days: 0.5", "1:22: a whole number from 1 to 3660"),
    "fewer days than none": ("keep_conversations_days: -1", "1:26: a whole number from 0 to 3660"),
    "too many days": ("keep_originals_days: 99999", "1:22: a whole number"),
    "size without unit": ("limits: {body: 1000}", "1:16: a size is expected here, such as 20MiB"),
    "size of nothing": ("limits: {body: 0MiB}", "1:16: a size"),
    "endless size": (f"limits: {{body: {'9' * 5000}MiB}}", "1:16: a size"),
    "half a ratio": ("limits: {ratio: 1.5}", "1:17: a whole number"),
    "language": ("language: fr", "1:11: must be one of zh, en, both"),
    "log level": ("log_level: loud", "1:12: must be one of debug"),
    "text for keys": ("limits: 5", "1:9: keys and values are expected"),
    "list for all": ("- a", "1:1: keys and values are expected"),
    "model without url": ("internal_model: {models: {a: b}}", "1:17: `url` must be an address"),
    "model with a strange url": ("internal_model: {url: ftp://a}", "1:23: `url` must be an address"),
    "model with a strange port": ("internal_model: {url: 'http://a:99999'}", "1:23: `url`"),
    "model with half a bracket": ("internal_model: {url: 'http://[a'}", "1:23: `url`"),
    "key variable that is not set": (MODEL + "  key_env: GONE", "3:12: the environment variable GONE is empty"),
    "key file that is not there": (MODEL + "  key_file: gone", "3:13: the file /etc/sluice/gone cannot be read"),
    "key with a line break": (MODEL + "  key_env: TWO_LINES", "3:12: the key holds a line break"),
    "unknown protocol": (MODEL + "  speaks: grpc", "3:11: must be one of openai-chat"),
    "header from anywhere": ("identity: {header: {user: X-User}}", "1:20: a trusted header needs `user` and `from`"),
    "mode misspelt": ("mode: reglar", "1:7: `reglar` is not a mode", "did you mean `regular`?"),
    "mode misspelt, with an address": ("mode: upstram:http://p:1", "1:7", "did you mean `upstream`?"),
    "mode without its address": ("mode: upstream", "1:7: `upstream` is not a mode", "modes are regular"),
    "mode that nobody knows": ("mode: sideways", "1:7: `sideways` is not a mode", "modes are regular"),
    "tunnel of everything": ("tunnel: ['*']", "1:10: `*` is no host name", "without scheme, port or `*`"),
    "tunnel with a wildcard": ("tunnel: [a.com, '*.b.com']", "1:17: `*.b.com` is no host name"),
    "tunnel with a port": ("tunnel: 'a.com:443'", "1:9: `a.com:443` is no host name"),
    "identity in a field for services": (
        "identity: {header: {user: Authorization, from: 10.0.0.1}}",
        "1:27: `authorization` has a meaning of its own",
        "x-forwarded-user",
    ),
    "groups in a field for services": (
        "identity: {header: {user: x-user, groups: cookie, from: 10.0.0.1}}",
        "1:43: `cookie` has a meaning of its own",
    ),
    "no name of a field": ("identity: {header: {user: 用户, from: 10.0.0.1}}", "1:27: `用户` is no name of a header"),
    "no network": ("identity: {header: {user: a, from: here}}", "1:36: a network such as 10.0.0.0/8"),
    "network without cidr": ("identity: {networks: [{user: a}]}", "1:23: a network needs `cidr`"),
    "resolve from nowhere": ("resolve: {nowhere: 'a:1'}", "1:11: host:port"),
    "resolve to nowhere": ("resolve: {'a:1': nowhere}", "1:18: host:port"),
    "service without an id": ("services: [{name: {en: x}}]", "1:12", "needs an `id`"),
    "anchor": ("node: &a b", "1:7"),
    "no YAML": ("listen: [", "sluice.yaml:"),
}


@each("name", BAD)
def test_a_mistake_is_told_with_its_place(name: str) -> None:
    text, *wanted = BAD[name]
    message = told(text, TWO_LINES="a\nb")
    assert [piece for piece in wanted if piece not in message] == [], message


def test_all_mistakes_are_told_at_once_in_their_order() -> None:
    message = told("language: fr\nlistn: a:1\nlimits: {ratio: -1}")
    assert [message.index(place) for place in ("yaml:1:", "yaml:2:", "yaml:3:")] == sorted(
        message.index(place) for place in ("yaml:1:", "yaml:2:", "yaml:3:")
    )


def test_no_message_quotes_a_secret() -> None:
    assert "sk-secret" not in told(MODEL + "  key_env: KEY", KEY="sk-secret\nrest")


ENVIRONMENT = {
    "listen": ("SLUICE_LISTEN", "127.0.0.1:9", "listen", ("127.0.0.1", 9)),
    "policy": ("SLUICE_POLICY", "p.yaml", "policy", HERE / "p.yaml"),
    "a number": ("SLUICE_SCAN_SECONDS", "3", "scan_seconds", 3.0),
    "a size": ("SLUICE_LIMITS_BODY", "1KiB", "limits", Limits(max_body=1024)),
    "a word": ("SLUICE_LANGUAGE", "en", "language", "en"),
}


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_the_environment_overrides_the_file(name: str) -> None:
    variable, value, field, wanted = ENVIRONMENT[name]
    file = "listen: 1.2.3.4:5\npolicy: q.yaml\nscan_seconds: 9\nlanguage: zh\nlimits: {body: 5MiB}\n"
    assert [getattr(read(text, **{variable: value}), field) for text in (file, "")] == [wanted] * 2


def test_every_overridable_setting_is_taken_from_its_variable(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-file\n", "utf-8")
    values = {
        "listen": "a:1", "mode": "socks5", "language": "zh", "log_level": "error", "scan_seconds": "1",
        "keep_originals_days": "1", "keep_sealed_days": "1", "keep_conversations_days": "0", "most_originals": "9",
        "most_originals_per_person": "3", "internal_model.url": "http://m/v1", "internal_model.key_env": "KEY",
        "internal_model.key_file": "key", "limits.body": "1MB", "limits.decoded": "1MB", "upstream_auth_env": "KEY",
        "upstream_auth_file": "key", "notify.webhook": "https://chat.example/hook", "detection.names": "fast",
        "detection.device": "cpu", "detection.threads": "3", "detection.processes": "2", "documents.ocr": "false",
        "documents.seconds": "4", "admin.listen": "a:2", "tracing.endpoint": "http://c/t", "workers.count": "3",
        "policy_from": "store"}  # fmt: skip
    environment = {f"SLUICE_{path.replace('.', '_').upper()}": values.get(path, "x") for path in OVERRIDABLE}
    settings = parse_settings("", "sluice.yaml", tmp_path, environment | {"KEY": "from-variable"})
    assert settings.internal is not None and settings.internal.all[0].key == settings.upstream_auth == "from-file"
    assert (settings.node, settings.mode, settings.limits.max_decoded) == ("x", "socks5", 1_000_000)
    assert settings.detection == Detection(names="fast", device="cpu", threads=3, processes=2)


def test_the_environments_source_of_a_secret_wins_over_the_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-file", "utf-8")
    text = MODEL + "  key_env: NOT_SET\nupstream_auth_env: NOT_SET_EITHER\n"
    environment = {"SLUICE_INTERNAL_MODEL_KEY_FILE": "key", "SLUICE_UPSTREAM_AUTH_FILE": "key", "NOT_SET_EITHER": "x"}
    settings = parse_settings(text, "sluice.yaml", tmp_path, environment)
    assert settings.internal is not None and settings.internal.all[0].key == "from-file"
    assert settings.upstream_auth == "from-file"


def test_a_part_of_the_internal_model_is_overridden_alone() -> None:
    internal = read(MODEL + "  models: {a: b}", SLUICE_INTERNAL_MODEL_URL="https://other/v2").internal
    assert internal is not None
    [server] = internal.all
    assert (server.host, server.port, server.base, server.models) == ("other", 443, "/v2", {"a": "b"})


@pytest.mark.parametrize(
    ("variable", "hint"),
    [("SLUICE_LISTN", "did you mean SLUICE_LISTEN?"), ("SLUICE_Q", ""), ("SLUICE_RESOLVE", "")],
)
def test_an_unknown_variable_of_ours_is_a_mistake(variable: str, hint: str) -> None:
    message = told("", **{variable: "x"})
    assert message.startswith(f"environment variable {variable}:1:1: unknown environment variable {variable}")
    assert hint in message


def test_a_mistake_in_a_variable_names_the_variable_and_not_the_file() -> None:
    message = told("node: a", SLUICE_LISTEN="nowhere")
    assert "environment variable SLUICE_LISTEN" in message and "sluice.yaml" not in message


@pytest.mark.parametrize("named_by", ["the file", "another variable"])
def test_a_variable_that_holds_a_named_secret_is_no_mistake(named_by: str) -> None:
    if named_by == "the file":
        settings = read(MODEL + "  key_env: SLUICE_A_KEY", SLUICE_A_KEY="k")
    else:
        settings = read(MODEL, SLUICE_INTERNAL_MODEL_KEY_ENV="SLUICE_A_KEY", SLUICE_A_KEY="k")
    assert settings.internal is not None and settings.internal.all[0].key == "k"


def test_a_variable_that_holds_the_mail_servers_password_is_no_mistake() -> None:
    mail = read(SMTP.replace("host: mail", "host: m, password_env: SLUICE_MAIL"), SLUICE_MAIL="p").notify.mail
    assert mail is not None and mail.password == "p"


def test_other_peoples_variables_are_none_of_our_business() -> None:
    assert read("", PATH="/bin", LANG="zh_CN", SLUICEX="1") == read("")


def test_a_file_is_read_beside_itself_and_a_missing_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("policy: p.yaml\nlistn: x\n", "utf-8")
    with pytest.raises(SettingsError, match=r"s\.yaml:2:1: unknown key"):
        load_settings(tmp_path / "s.yaml", {})
    with pytest.raises(SettingsError, match=r"gone\.yaml: cannot be read: FileNotFoundError"):
        load_settings(tmp_path / "gone.yaml", {})
    (tmp_path / "s.yaml").write_bytes("联系: 张三".encode("gbk"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(tmp_path / "s.yaml", {})
    assert load_settings(None, {}).state == Path.cwd() / "state"


WORDS = st.sampled_from(
    [
        *("listen", "mode", "state", "limits", "body", "ratio", "identity", "header", "from", "networks", "cidr"),
        *("internal_model", "url", "models", "speaks", "key_file", "resolve", "services", "id", "hosts", "tunnel"),
        *("http://a:99999", "http://[", "10.0.0.0/99", "~x", "20MiB", "1e999", "-1", "٣", "a:1", "[::1]:80", "\0", ""),
    ]
)
TREES = st.recursive(
    st.one_of(WORDS, st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=12,
)


def outcome(text: str, environment: dict[str, str]) -> None:
    """Read; anything but `Settings` or `SettingsError` fails the test."""
    try:
        settings = parse_settings(text, "sluice.yaml", HERE, environment)
    except SettingsError:
        return
    assert isinstance(settings, Settings)
    timedelta(days=settings.keep_originals_days)


@given(st.text(max_size=60))
def test_any_text_is_settings_or_a_told_mistake(text: str) -> None:
    outcome(text, {})


@given(st.dictionaries(WORDS, TREES, max_size=4), st.dictionaries(st.sampled_from(sorted(OVERRIDABLE)), WORDS))
def test_any_tree_is_settings_or_a_told_mistake(tree: dict[str, object], overrides: dict[str, str]) -> None:
    environment = {f"SLUICE_{path.replace('.', '_').upper()}": value for path, value in overrides.items()}
    outcome(json.dumps(tree), environment)
    outcome(json.dumps(tree, ensure_ascii=False), environment)


def test_a_command_that_sends_nothing_needs_no_keys(tmp_path):
    text = "internal_model: {url: 'http://llm:8000/v1', key_env: NOT_SET}\n"
    assert parse_settings(text, "s", tmp_path, {}, secrets=False).internal.all[0].key == ""
    with pytest.raises(SettingsError, match="NOT_SET is empty or not set"):
        parse_settings(text, "s", tmp_path, {})


def test_networks_and_hosts_are_told_apart_in_what_is_reached() -> None:
    reach = parse_settings("reach: [10.8.0.1/16, '::1', GPT.corp.example]", "s.yaml", Path("/x"), {}).reach
    assert [str(each) for each in reach.networks] == ["10.8.0.0/16", "::1/128"]
    assert reach.hosts == {"gpt.corp.example"}
    with pytest.raises(SettingsError, match="1:9"):
        parse_settings("reach: ['*.corp.example']", "s.yaml", Path("/x"), {})
