"""After a refusal, a page's next turn names the last message that its vendor knows; any other turn is left alone."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import orjson
import pytest

from detectors.vault import Sealer
from proxy.adapters.choose import ADAPTERS
from proxy.adapters.web.page_writer import identify
from proxy.keyring import Keyring
from proxy.parents import THREADS, Parents, follow, refused, taken_over
from proxy.store.sqlite import SqliteStore
from proxy.vault import Vault
from tests.proxy.vaults import MASTER

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
DAY = timedelta(days=1)
ADAPTER = {entry.adapter.id: entry.adapter for entry in ADAPTERS}
TALK = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
REFERENCE = "SL-2026-AB12"
NAME = "sl2026ab12"


def chatgpt(parent, own="own-1"):
    message = {"id": own, "author": {"role": "user"}, "content": {"content_type": "text", "parts": ["hi"]}}
    return orjson.dumps({"action": "next", "messages": [message], "parent_message_id": parent, "conversation_id": TALK})


def claude(parent, own="own-1"):
    named = {} if parent is None else {"parent_message_uuid": parent}
    turn = {"human_message_uuid": own, "assistant_message_uuid": f"{own}-answer"}
    return orjson.dumps({"prompt": "hi", **named, "turn_message_uuids": turn})


def kimi(parent, own="own-1"):
    message = {"id": own, "parent_id": parent, "role": "user", "blocks": [{"text": {"content": "hi"}}]}
    body = orjson.dumps({"chat_id": TALK, "message": message})
    return b"\0" + len(body).to_bytes(4) + body


def qwen(parent, own="own-1"):
    message = {"fid": own, "parentId": parent, "role": "user", "content": "hi"}
    return orjson.dumps({"chat_id": TALK, "parent_id": parent, "messages": [message]})


def gemini(parent, _own=""):
    ids = ["c_1f2e3d4c", *(parent if isinstance(parent, tuple) else (f"r_{parent}", f"rc_{parent}"))]
    inner = orjson.dumps([["hi", 0], ["en"], ids]).decode()
    return urlencode({"f.req": orjson.dumps([None, inner]).decode(), "at": "t:1764216000000"}).encode()


def deepseek(parent, _own=""):
    return orjson.dumps({"chat_session_id": TALK, "parent_message_id": parent, "prompt": "hi"})


PAGES = {
    "chatgpt-web": (chatgpt, JSON, identify(NAME, 1)),
    "claude-web": (claude, JSON, f"chatcompl_{NAME}"),
    "kimi-web": (kimi, "application/connect+json", NAME),
    "qwen-web": (qwen, JSON, NAME),
    "grok-web": (lambda parent, _own="": orjson.dumps({"message": "hi", "parentResponseId": parent}), JSON, NAME),
    "yiyan-web": (
        lambda parent, _own="": orjson.dumps({"text": "hi", "sessionId": TALK, "parentChatId": parent}),
        JSON,
        NAME,
    ),
    "gemini-web": (gemini, FORM, NAME),
}


def taken(name, body, kind, known=None):
    return follow(ADAPTER[name], f"/chat_conversations/{TALK}/completion", body, kind, (known or {}).get)


@pytest.mark.parametrize("name", PAGES)
def test_the_turn_after_a_refused_one_names_what_that_one_followed(name):
    write, kind, told = PAGES[name]
    first = taken(name, write("known-1"), kind)
    assert first[1] == write("known-1") and not first[0].changed
    behind = refused(first[0], REFERENCE)
    for parent in (told, *first[0].own):
        followed, body = taken(name, write(parent, "own-2"), kind, behind)
        assert followed.changed and body == write("known-1", "own-2")
        again = refused(followed, "SL-2026-CD34")
        assert {*map(tuple, again.values())} == {*map(tuple, behind.values())}, "one refusal after the other"


@pytest.mark.parametrize("name", PAGES)
def test_any_other_turn_is_left_as_it_came(name):
    write, kind, _ = PAGES[name]
    behind = refused(taken(name, write("known-1"), kind)[0], REFERENCE)
    for body in (write("vendors-own"), write(""), b"", b"[]", b"{", b'{"messages":3}'):
        assert taken(name, body, kind, behind)[1] == body


def test_every_page_that_names_a_message_before_is_here():
    assert {*PAGES, "deepseek-web"} == {*THREADS}


def test_a_first_turn_that_named_nothing_leaves_the_next_without_a_name():
    behind = refused(taken("claude-web", claude(None), JSON)[0], REFERENCE)
    assert taken("claude-web", claude("own-1-answer", "own-2"), JSON, behind)[1] == claude(None, "own-2")


def test_numbers_stand_for_the_vendors_messages_again_once_it_has_given_them():
    first = taken("deepseek-web", deepseek(2), JSON)[0]
    behind = refused(first, REFERENCE)
    assert behind == {f"{TALK}/3": (2,), f"{TALK}/4": (2,)} and taken_over(first) == ()
    second, body = taken("deepseek-web", deepseek(4), JSON, behind)
    assert body == deepseek(2) and second.last == 4, "for the page, its own count goes on"
    assert set(taken_over(second)) == behind.keys()
    assert refused(second, REFERENCE) == {f"{TALK}/5": (2,), f"{TALK}/6": (2,)}
    started = refused(taken("deepseek-web", deepseek(None), JSON)[0], REFERENCE)
    assert taken("deepseek-web", deepseek(2), JSON, started)[1] == deepseek(None)
    other = deepseek(4).replace(TALK[:8].encode(), b"00000000")
    assert taken("deepseek-web", other, JSON, behind)[1] == other, "numbers count within one conversation"


def test_a_refused_message_that_is_sent_once_more_and_answered_is_the_vendors():
    behind = refused(taken("chatgpt-web", chatgpt("known-1"), JSON)[0], REFERENCE)
    again = taken("chatgpt-web", chatgpt("known-1"), JSON, behind)[0]
    assert taken_over(again) == ("own-1",)


def test_what_is_kept_is_sealed_for_its_owner_and_names_nothing(tmp_path):
    store = SqliteStore(tmp_path / "sluice.db")
    parents = Parents(store, Vault(store, Sealer(MASTER), Keyring(tmp_path / "keys")), DAY)
    parents.keep("user:alice", "chatgpt", {"refused-1": ("known-1",), "refused-2": ()}, NOW)
    assert parents.find("user:alice", "chatgpt", "refused-1", NOW) == ["known-1"]
    assert parents.find("user:alice", "chatgpt", "refused-2", NOW) == []
    for owner, service, name, at in (
        ("user:bob", "chatgpt", "refused-1", NOW),
        ("user:alice", "claude", "refused-1", NOW),
        ("user:alice", "chatgpt", "other", NOW),
        ("user:alice", "chatgpt", "refused-1", NOW + DAY),
    ):
        assert parents.find(owner, service, name, at) is None
    held = b"".join(one.read_bytes() for one in tmp_path.glob("sluice.db*"))
    assert not any(word in held for word in (b"refused", b"known-1"))
    parents.forget("user:alice", "chatgpt", ["refused-1"])
    assert parents.find("user:alice", "chatgpt", "refused-1", NOW) is None
    assert store.forget_owner("user:alice", NOW, parents.vault.traces("user:alice")).traces == 1
    assert store.rows("SELECT count(*) FROM parents WHERE owner = ?", (parents.vault.traces("user:alice"),)) == [(0,)]
    assert parents.find("user:alice", "chatgpt", "refused-2", NOW) is None, "it was forgotten with the person's key"
    store.close()


def test_where_no_conversations_are_kept_nothing_is(tmp_path):
    store = SqliteStore(None)
    Parents(store, Vault(store, Sealer(MASTER), Keyring(tmp_path / "keys")), timedelta(0)).keep(
        "user:alice", "chatgpt", {"a": ("b",)}, NOW
    )
    assert store.rows("SELECT * FROM parents") == []
    store.close()
