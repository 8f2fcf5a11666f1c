"""What names a conversation is noticed wherever it stands, and a loaded conversation says what was said, in order."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.interface import Talk, Turn
from proxy.adapters.web.beside import BESIDE, hides, mentioned
from proxy.adapters.web.history import TITLE, chatgpt_history, claude_history, deepseek_history, title_of
from proxy.adapters.web.loads import LOADS
from tests.pages import agents

ID = "3f0c2b5e-77aa-4b1d-9a52-0d6e5b1c9f01"
NUMBER = "38417562019"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/backend-api/conversation/{ID}", b""),
        (f"/backend-api/conversation/{ID}/textdocs?x=1", b""),
        (f"/c/WEB:{ID}", b""),
        (f"/x?chat_session_id={ID}&count=2", b""),
        (f"/x?filter=%7B%22id%22%3A%22{ID}%22%7D", b""),
        ("/x/" + ID.replace("-", "%2D"), b""),
        ("/x", json.dumps({"a": [{"conversation_id": ID}]}).encode()),
        ("/x", json.dumps(json.dumps({"conversation_id": ID})).encode()),
        ("/x", json.dumps({"url": f"https://chatgpt.com/c/{ID}?a"}).encode()),
        ("/x", f"title=a&id={ID}".encode()),
        ("/x", b"\0\0\0\0\x40" + json.dumps({"chat_id": ID}).encode()),
        ("/x", f'--b\r\ncontent-disposition: form-data; name="id"\r\n\r\n{ID}\r\n--b--'.encode()),
        ("/x", b"\xff\xfe" + ID.encode()),
    ],
)
def test_an_id_is_noticed_wherever_it_stands(path: str, body: bytes) -> None:
    assert ID in set(mentioned(path, body))


@pytest.mark.parametrize(
    ("path", "body", "noticed"),
    [
        (f"/thread/{NUMBER}", b"", True),
        (f"/thread?id={NUMBER}", b"", True),
        ("/x", json.dumps({"conversation_id": NUMBER}).encode(), True),
        ("/x", f"a=b&id={NUMBER}".encode(), True),
        ("/x", f"id={NUMBER}&a=b".encode(), True),
        ("/x", json.dumps({"text": f"Call {NUMBER} now"}).encode(), False),
        ("/x", json.dumps({"text": f'He said "{NUMBER}"'}).encode(), False),
        ("/x", json.dumps({"id": f"x{NUMBER}"}).encode(), False),
    ],
)
def test_an_id_of_another_kind_is_one_only_where_it_stands_alone(path: str, body: bytes, noticed: bool) -> None:
    assert (NUMBER in set(mentioned(path, body))) == noticed


@given(st.text(), st.binary())
def test_any_request_can_be_looked_through(path: str, body: bytes) -> None:
    assert all(0 < len(name) <= 64 for name in mentioned(path, body))


@pytest.mark.parametrize(
    ("path", "body", "noticed"),
    [
        ("/c/api/conversations/aB3x/history", b"", True),
        ("/x?conversationId=aB3x", b"", True),
        ("/x", json.dumps({"conversationId": "aB3x"}).encode(), True),
        ("/x", json.dumps(json.dumps({"chat_id": "aB3x"})).encode(), True),
        ("/x", b"a=b&threadId=aB3x&c=d", True),
        ("/x", b"sessionId=aB3x", True),
        ("/x", json.dumps({"mode": "aB3x"}).encode(), False),
        ("/x", json.dumps({"text": "the conversation aB3x"}).encode(), False),
        ("/x", json.dumps({"conversationId": "aB3xaB3xx"}).encode(), False),
    ],
)
def test_a_short_id_is_one_where_its_key_or_the_address_says_so(path: str, body: bytes, noticed: bool) -> None:
    assert ("aB3x" in set(mentioned(path, body))) == noticed


def test_an_id_needs_no_digit() -> None:
    assert "abcdEFGHijklMNOPqrstu" in set(mentioned("/c/api/conversations/abcdEFGHijklMNOPqrstu", b""))
    assert "abcdEFGHijklMNOPqrstu" in set(mentioned("/x", b'{"conversationId":"abcdEFGHijklMNOPqrstu"}'))


@pytest.mark.parametrize(
    ("body", "wanted"),
    [(b'{"is_visible": false}', True), (b'{"is_visible": true}', False), (b'{"title": "x"}', False), (b"{", False)],
)
def test_only_hiding_takes_a_conversation_of_chatgpt_away(body: bytes, wanted: bool) -> None:
    assert hides(body) == wanted


@pytest.mark.parametrize(
    ("wire", "method", "path"),
    [
        ("chatgpt-web", "GET", f"/backend-api/conversation/{ID}/textdocs"),
        ("chatgpt-web", "POST", f"/backend-api/conversation/{ID}"),
        ("claude-web", "GET", f"/api/organizations/o/chat_conversations/{ID}/completion_status"),
        ("claude-web", "POST", "/api/organizations/o/chat_conversations/delete_many"),
        ("kimi-web", "GET", f"/api/chat/{ID}"),
    ],
)
def test_what_no_words_are_known_for_is_not_made_up(wire: str, method: str, path: str) -> None:
    assert BESIDE[wire].find(method, path) is None


def turn(question: str, answer: str) -> Turn:
    return Turn([{"role": "user", "content": question}], answer, 1764200000)


SAID = st.lists(st.tuples(st.text(), st.text()), max_size=5)


@given(SAID)
def test_chatgpts_tree_leads_from_the_last_message_back_to_the_first(said: list[tuple[str, str]]) -> None:
    tree = chatgpt_history(Talk(ID, [turn(*each) for each in said]))
    found, at = [], tree["mapping"][tree["current_node"]]
    while at["parent"]:
        found.insert(0, at["message"]["content"]["parts"][0])
        at = tree["mapping"][at["parent"]]
    assert found == texts(said)
    assert len(tree["mapping"]) == len(found) + 1 and json.dumps(tree)


@given(SAID)
def test_claudes_messages_name_each_the_one_before(said: list[tuple[str, str]]) -> None:
    loaded: dict[str, Any] = claude_history(Talk(ID, [turn(*each) for each in said]))
    messages = loaded["chat_messages"]
    assert [each["content"][0]["text"] for each in messages] == texts(said)
    assert [each["parent_message_uuid"] for each in messages[1:]] == [each["uuid"] for each in messages[:-1]]
    assert len({each["uuid"] for each in messages}) == len(messages)


@given(SAID)
def test_deepseeks_messages_keep_their_numbers_where_an_answer_never_came(said: list[tuple[str, str]]) -> None:
    loaded = deepseek_history(Talk(ID, [turn(*each) for each in said]))["data"]["biz_data"]
    messages = loaded["chat_messages"]
    assert [each["content"] for each in messages] == [text for each in said for text in each]
    assert [each["message_id"] for each in messages] == [*range(1, len(messages) + 1)]
    assert [each["parent_id"] for each in messages] == [None, *range(1, len(messages))][: len(messages)]


def as_kimi_shows(loaded: Any) -> list[tuple[str, str]]:
    messages = loaded(f"POST {KIMI}/ListMessages")["messages"][::-1]
    assert [each["parentId"] for each in messages[1:]] == [each["id"] for each in messages[:-1]]
    return [(each["role"], "".join(block["text"]["content"] for block in each["blocks"])) for each in messages]


def as_qwen_shows(loaded: Any) -> list[tuple[str, str]]:
    history = loaded(f"GET /api/v2/chats/{ID}")["data"]["chat"]["history"]
    found: list[tuple[str, str]] = []
    at, below = history["currentId"], []
    while at:
        message = history["messages"][at]
        assert message["childrenIds"] == below
        found.insert(0, (message["role"], message["content"]))
        assert all(each["content"] == message["content"] for each in message["content_list"])
        at, below = message["parentId"], [at]
    assert len(found) == len(history["messages"])
    return found


def as_grok_shows(loaded: Any) -> list[tuple[str, str]]:
    place = f"/rest/app-chat/conversations/{ID}"
    nodes = loaded(f"GET {place}/response-node")["responseNodes"]
    by_id = {each["responseId"]: each for each in loaded(f"POST {place}/load-responses")["responses"]}
    assert [each.get("parentResponseId") for each in nodes[1:]] == [each["responseId"] for each in nodes[:-1]]
    assert loaded(f"GET /rest/app-chat/conversations_v2/{ID}")["conversation"]["conversationId"] == ID
    shown = [by_id[each["responseId"]] for each in nodes]
    return [("user" if each["sender"] == "human" else each["sender"], each["message"]) for each in shown]


def as_huggingchat_shows(loaded: Any) -> list[tuple[str, str]]:
    root, *messages = loaded(f"GET /chat/api/v2/conversations/{ID}")["json"]["messages"]
    above = root
    for number, each in enumerate(messages, start=1):
        assert above["children"] == [each["id"]] and len(each["ancestors"]) == number
        above = each
    assert (root["from"], above["children"]) == ("system", [])
    return [(each["from"], each["content"]) for each in messages]


def as_copilot_shows(loaded: Any) -> list[tuple[str, str]]:
    who = {"human": "user", "ai": "assistant"}
    results = loaded(f"GET /c/api/conversations/{ID}/history?api-version=2")["results"][::-1]
    return [(who[each["author"]["type"]], each["content"][0]["text"]) for each in results]


def as_notion_shows(loaded: Any) -> list[tuple[str, str]]:
    return agents(loaded("POST /api/v3/getThreadTranscript")["patches"])


KIMI = "/apiv2/kimi.gateway.chat.v1.ChatService"
SHOWN = {
    "kimi-web": as_kimi_shows,
    "qwen-web": as_qwen_shows,
    "grok-web": as_grok_shows,
    "huggingchat": as_huggingchat_shows,
    "ms-copilot": as_copilot_shows,
    "notion-ai": as_notion_shows,
}


@given(st.sampled_from(list(SHOWN)), SAID)
def test_a_page_shows_again_who_said_what_in_order(wire: str, said: list[tuple[str, str]]) -> None:
    talk = Talk(ID, [turn(*each) for each in said])

    def loaded(call: str) -> Any:
        method, _, path = call.partition(" ")
        found = BESIDE[wire].find(method, path)
        assert found is not None
        return json.loads(json.dumps(found.writes(talk)))

    roles = [role for _, answer in said for role in (["user", "assistant"] if answer else ["user"])]
    assert SHOWN[wire](loaded) == list(zip(roles, texts(said), strict=True))


def test_a_kimi_conversation_keeps_its_name() -> None:
    call = BESIDE["kimi-web"].find("POST", f"{KIMI.replace('gateway.', '')}/GetChat")
    assert call is not None
    assert call.writes(Talk(ID, [turn("你好", "x")]))["chat"]["name"] == "你好"


@pytest.mark.parametrize("wire", [wire for wire, beside in BESIDE.items() if any(one.shows for one in beside.calls)])
def test_what_shows_a_conversation_again_is_a_call_by_which_the_page_loads_histories(wire: str) -> None:
    known = {(one.method, one.path.pattern) for one in LOADS[wire] if one.holds == "history"}
    shows = {(one.method, one.path.pattern) for one in BESIDE[wire].calls if one.shows}
    if wire == "chatgpt-web":  # what it loads beside the turns are documents, which no conversation of ours has
        known = {(method, pattern.replace("(?:/textdocs)?", "")) for method, pattern in known}
    if wire == "notion-ai":  # what it loads otherwise is of its older conversations, which are not shown again
        known = {one for one in known if "getThreadTranscript" in one[1]}
    assert shows == known


def texts(said: list[tuple[str, str]]) -> list[str]:
    """Return the texts in order; an answer that never came is none."""
    return [text for question, answer in said for text in ([question, answer] if answer else [question])]


def test_a_conversation_is_called_as_its_first_question_begins() -> None:
    assert title_of(Talk(ID, [turn("你好\n  Ann", "x"), turn("later", "y")])) == "你好 Ann"
    assert len(title_of(Talk(ID, [turn("word " * 99, "")]))) <= TITLE
    assert title_of(Talk(ID)) == ""
