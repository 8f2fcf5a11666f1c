"""A page's conversation that the company's model has begun stays with it: the vendor hears nothing of it, ever.

Every page goes the same way: two turns, a turn of somebody else, and the calls beside them. What the vendor's stand-in
received is the judge.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.e2e.page_turns import ASKED, ROOT_OF_ALL
from tests.e2e.play import FALCON, IDENTIFIED, NEXT
from tests.e2e.street import WITH_PAGES, Street, office_policy, open_street
from tests.pages import PAGES, agents

POLICY = office_policy(*WITH_PAGES, personal=())


every_page = pytest.mark.parametrize("page", ASKED)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """One street with the hosts of all pages, where a header says who asks."""
    hosts = (*(page.host for page in ASKED.values()), "app.notion.com")
    with open_street(tmp_path_factory.mktemp("pages"), POLICY, hosts=hosts, identity=IDENTIFIED) as street:
        yield street


@pytest.fixture
def street(running: Street) -> Iterator[Street]:
    """The street, where nothing may have reached the vendor when the test is over."""
    running.reset()
    yield running
    assert running.external.requests == []


@dataclass
class Writer:
    """A person in one conversation of a page."""

    street: Street
    page: str
    id: str = field(default_factory=lambda: str(uuid4()))
    before: int = 0

    def ask(self, text: str, user: str = "alice") -> httpx.Response:
        asked = ASKED[self.page]
        body = asked.body(text, self.id, self.before)
        path = asked.path if self.before or not asked.first else asked.first
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        url = f"https://{asked.host}{path.format(self.id)}"
        client = self.street.kept(front={"x-user": user})
        answer = client.post(url, headers={"content-type": asked.kind}, **sent)
        if not self.before and asked.begun and user == "alice":
            self.id = asked.begun(answer.content)
        return answer

    def say(self, text: str, user: str = "alice") -> str:
        """Ask, and return what the page shows."""
        answer = self.ask(text, user)
        shown = PAGES[self.page](answer.content)
        assert (answer.status_code, shown.finished) == (200, True)
        self.before += 1
        return shown.text

    def call(self, method: str, path: str, user: str = "alice", **sent: Any) -> httpx.Response:
        """Make a call beside the turns; `{}` in its path is the conversation's id."""
        url = f"https://{ASKED[self.page].host}{path.format(self.id)}"
        given = json.loads(json.dumps(sent).replace('"{}"', json.dumps(self.id)))
        return self.street.kept(front={"x-user": user}).request(method, url, **given)


def told(street: Street, number: int) -> list[str]:
    """Return the messages of the request that the company's model got as this one."""
    return [each["content"] for each in street.internal.requests[number].json()["messages"]]


@every_page
def test_later_turns_go_to_the_companys_model_with_those_before(street: Street, page: str) -> None:
    writer = Writer(street, page)
    first = writer.say(FALCON)
    assert first.endswith(FALCON)
    second = writer.say(NEXT)  # by itself, policy would send this outside
    assert second.endswith(NEXT)
    assert writer.say("ok").endswith("ok")
    assert told(street, 1) == [FALCON, first, NEXT]
    assert told(street, 2) == [FALCON, first, NEXT, second, "ok"]
    records = street.request_records()[-3:]
    assert [(line["outcome"], line["route"], line["turn"]) for line in records] == [
        ("redirected", "internal", number) for number in (1, 2, 3)
    ]
    assert len({line["conversation"] for line in records}) == 1
    assert writer.id not in str(records)


@every_page
def test_nobody_else_gets_into_it(street: Street, page: str) -> None:
    writer = Writer(street, page)
    writer.say(FALCON)
    said = writer.say("What was that about?", user="bob")
    assert "请新建对话" in said and "Begin a new conversation" in said and "Falcon" not in said
    assert len(street.internal.requests) == 1
    assert street.last_record()["code"] == "conversation_over"


@every_page
def test_no_call_beside_it_reaches_the_vendor(street: Street, page: str) -> None:
    writer = Writer(street, page)
    writer.say(FALCON)
    calls = [(method, path) for method in ("GET", "POST", "PATCH", "DELETE") for path in ("/api/a/{}", "/rest/a?id={}")]
    for user, code in (("alice", "conversation_inside"), ("bob", "conversation_over")):
        for method, path in (*calls, ("POST", "/eb/a"), ("PUT", "/eb/a")):
            sent = {} if "{}" in path else {"json": {"some": [{"name": "{}"}]}}
            answer = writer.call(method, ASKED[page].below + path, user, **sent)
            assert (answer.status_code, street.last_record()["code"]) == (404, code)
            assert "application/json" in answer.headers["content-type"] and "Falcon" not in answer.text


def test_what_policy_sends_outside_would_have_been_seen_there(street: Street) -> None:
    Writer(street, "claude-web").ask("hello")
    assert [seen.json()["prompt"] for seen in street.external.requests] == ["hello"]
    street.reset()


def chatgpt_messages(tree: dict[str, Any]) -> list[tuple[str, str]]:
    """Return who said what on the way to the current message, as the page shows it."""
    said: list[tuple[str, str]] = []
    node = tree["mapping"][tree["current_node"]]
    while node["parent"]:
        said.insert(0, (node["message"]["author"]["role"], "".join(node["message"]["content"]["parts"])))
        assert node["id"] in tree["mapping"][node["parent"]]["children"]
        node = tree["mapping"][node["parent"]]
    return said


def claude_messages(tree: dict[str, Any]) -> list[tuple[str, str]]:
    """Return who said what on the way to the current message, as the page shows it."""
    by_id = {each["uuid"]: each for each in tree["chat_messages"]}
    said: list[tuple[str, str]] = []
    at = tree["current_leaf_message_uuid"]
    while at != ROOT_OF_ALL:
        said.insert(0, (by_id[at]["sender"], "".join(piece["text"] for piece in by_id[at]["content"])))
        at = by_id[at]["parent_message_uuid"]
    return said


CLAUDE_ONE = "/api/organizations/o1/chat_conversations/{}"


def deepseek_messages(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Return who said what, as the page shows it."""
    loaded = answer["data"]["biz_data"]
    assert [each["message_id"] for each in loaded["chat_messages"]] == [1, 2, 3, 4], "as the streams numbered them"
    assert loaded["chat_session"]["current_message_id"] == 4
    return [
        (each["role"].lower(), "".join(piece["content"] for piece in each["fragments"]))
        for each in loaded["chat_messages"]
    ]


RELOADS = {
    "chatgpt-web": ("/backend-api/conversation/{}", chatgpt_messages, "user"),
    "claude-web": (
        f"{CLAUDE_ONE}?tree=True&rendering_mode=messages",
        claude_messages,
        "human",
    ),
    "deepseek-web": ("/api/v0/chat/history_messages?chat_session_id={}&cache_version=2", deepseek_messages, "user"),
}


@pytest.mark.parametrize("page", RELOADS)
def test_a_reloaded_page_shows_the_conversation(street: Street, page: str) -> None:
    path, messages, person = RELOADS[page]
    writer = Writer(street, page)
    said = [writer.say(FALCON), writer.say(NEXT)]
    wanted = [(person, FALCON), ("assistant", said[0]), (person, NEXT), ("assistant", said[1])]
    loaded = writer.call("GET", path)
    assert (loaded.status_code, messages(loaded.json())) == (200, wanted)
    assert writer.call("GET", path, "bob").status_code == 404
    record = street.request_records()[-2]
    assert (record["outcome"], record["turn"], record["route"]) == ("redirected", 0, "internal")


@pytest.mark.parametrize(
    ("page", "method", "path", "sent", "wanted"),
    [
        ("chatgpt-web", "POST", "/backend-api/conversation/gen_title/{}", {"message_id": "m"}, {"title": FALCON}),
        ("chatgpt-web", "PATCH", "/backend-api/conversation/{}", {"title": "Falcon"}, {"success": True}),
        ("claude-web", "POST", f"{CLAUDE_ONE}/title", {"message_content": "x"}, {"title": FALCON}),
    ],
    ids=["ChatGPT title", "ChatGPT rename", "Claude title"],
)
def test_what_changes_a_conversation_is_answered_in_its_vendors_place(
    street: Street, page: str, method: str, path: str, sent: dict[str, Any], wanted: dict[str, Any]
) -> None:
    writer = Writer(street, page)
    writer.say(FALCON)
    answer = writer.call(method, path, json=sent)
    assert (answer.status_code, answer.json()) == (200, wanted)


@pytest.mark.parametrize(
    ("page", "method", "path", "sent"),
    [
        ("chatgpt-web", "PATCH", "/backend-api/conversation/{}", {"json": {"is_visible": False}}),
        ("claude-web", "DELETE", CLAUDE_ONE, {}),
        ("deepseek-web", "POST", "/api/v0/chat_session/delete", {"json": {"chat_session_id": "{}"}}),
    ],
    ids=["ChatGPT", "Claude", "DeepSeek"],
)
def test_a_conversation_that_is_deleted_is_forgotten_and_still_not_the_vendors(
    street: Street, page: str, method: str, path: str, sent: dict[str, Any]
) -> None:
    writer = Writer(street, page)
    writer.say(FALCON)
    assert writer.call(method, path, **sent).status_code == 200
    assert writer.call("GET", RELOADS[page][0]).status_code == 404
    assert "Begin a new conversation" in writer.say(NEXT)
    assert len(street.internal.requests) == 1


def test_a_draft_in_it_is_answered_and_not_sent(street: Street) -> None:
    writer = Writer(street, "chatgpt-web")
    writer.say(FALCON)
    draft = {"conversation_id": writer.id, "partial_query": {"content": {"parts": ["Falcon"]}}}
    assert writer.call("POST", "/backend-api/f/conversation/prepare", json=draft).json()["status"] == "ok"


def test_a_call_about_several_conversations_is_refused_as_a_whole(street: Street) -> None:
    writer = Writer(street, "claude-web")
    writer.say(FALCON)
    several = {"conversation_uuids": [str(uuid4()), writer.id]}
    answer = writer.call("POST", "/api/organizations/o1/chat_conversations/delete_many", json=several)
    assert (answer.status_code, street.last_record()["code"]) == (404, "conversation_inside")
    assert "公司内部模型" in answer.json()["error"]["message"]


def test_what_policy_forbids_is_refused_there_too(street: Street) -> None:
    writer = Writer(street, "chatgpt-web")
    writer.say(FALCON)
    assert "This project is secret." in writer.say("And Project Crow?")
    writer.say(NEXT)
    assert [each for each in told(street, 1) if "Crow" in each] == []


AGENT = "https://app.notion.com/api/v3"


def test_an_agent_whose_answers_are_fetched_is_answered_by_the_companys_model(street: Street) -> None:
    thread, heard = str(uuid4()), street.internal.requests

    def call(name: str, user: str = "alice", **body: Any) -> httpx.Response:
        return street.post(f"{AGENT}/{name}", front={"x-user": user}, json={"threadId": thread, **body})

    def said(text: str) -> dict[str, Any]:
        return {"content": [{"type": "text", "text": [[text]]}]}

    def fetched(**asks: Any) -> dict[str, Any]:
        loaded = call("getThreadTranscript", limit=100, direction="forward", **asks)
        assert (loaded.status_code, loaded.json()["session"]["status"]) == (200, "idle")
        return loaded.json()

    begun = call("createAgentThread", **said(FALCON), clientMessageId="c1")
    assert (begun.status_code, begun.json()["threadId"]) == (200, thread)
    first = fetched()
    ((_, asked), (_, answer)) = agents(first["patches"])
    assert asked == FALCON and answer.endswith(FALCON) and first["patches"][0]["entity"]["client_message_id"] == "c1"
    later = {"event": {"type": "user.message", **said(NEXT)}}
    assert call("sendEventToAgentThread", **later).status_code == 200
    assert [who for who, _ in agents(fetched()["patches"])] == ["user", "assistant"] * 2
    assert agents(fetched(cursor=first["forward_cursor"])["patches"])[0] == ("user", NEXT)
    assert told(street, 1) == [FALCON, answer, NEXT]
    assert call("sendEventToAgentThread", event={"type": "user.interrupt"}).json() == {}
    assert len(heard) == 2, "to stop what is answered asks nobody"
    rewind = {"events": [{"type": "user.rewind", "rewind_to_sequence": 1}, later["event"]]}
    refused = call("sendEventToAgentThread", **rewind)
    assert (refused.status_code, street.last_record()["code"]) == (400, "not_translatable")
    for name, body in (("getThreadTranscript", {}), ("sendEventToAgentThread", later)):
        other = call(name, "bob", **body)
        assert (other.status_code, street.last_record()["code"]) == (404, "conversation_over")
        assert other.json()["isNotionError"] and "Falcon" not in other.text
    beside = call("getFileContentURLForAgentThread", fileId="f")
    assert (beside.status_code, street.last_record()["code"]) == (404, "conversation_inside")
    assert len(heard) == 2
