"""What a page lets slip beside its turns: drafts, completions while typing, titles, links, telemetry, what is shared.

Each row is a call of one page with somebody's words in it, as the page's script or a browser makes it. What is
confidential leaves as a placeholder, and what policy forbids, or keeps inside, leaves by no row.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus, urlencode

import pytest
from mitmproxy.http import HTTPFlow

from detectors.dictionary import Dictionary
from detectors.find import Finder
from policies.load import parse_policy
from proxy.adapters.web.beside import BESIDE
from proxy.services.activity import activity
from proxy.services.catalogue import load_catalogue
from tests.proxy.house import SERVER, SmallDetector, Tenant, flow_to, open_house
from tests.rows import each

CATALOGUE = load_catalogue()
PHONE, CROW, FALCON = "13912345678", "Project Crow", "Project Falcon 华星科技"
ID = "3f0c2b5e-77aa-4b1d-9a52-0d6e5b1c9f01"
POLICY = """
policy: 旁路 / Side channels
version: 1
owner: 合规部
otherwise: forbid
data_classes:
  personal: {entities: [PHONE_NUMBER]}
  secret: {terms: [Project Crow]}
  customers: {terms: [Project Falcon]}
rules:
  - {id: secret, verdict: forbidden, when: {data: secret}}
  - {id: inside, verdict: allowed, when: {data: customers}, route: internal, redact: [personal]}
  - {id: use, verdict: allowed, redact: [personal]}
"""
SCRIPT = {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "content-type": "application/json"}
BEACON = {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty", "content-type": "text/plain;charset=UTF-8"}
OPENED = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "accept": "text/html", "accept-language": "en"}


@dataclass(frozen=True)
class Row:
    """One call; `TEXT` in its path or its body stands for what somebody wrote."""

    wire: str
    channel: str
    call: str
    """Method, host and path."""
    body: Any = None
    headers: dict[str, str] = field(default_factory=lambda: SCRIPT)

    @property
    def name(self) -> str:
        return f"{self.wire} {self.channel}: {self.call.partition('?')[0]}"

    def flow(self, text: str, spelt: Any = quote) -> HTTPFlow:
        """Return the flow of the call with `text` in it."""
        method, _, place = self.call.partition(" ")
        asked = self.body.replace("TEXT", quote_plus(text)) if isinstance(self.body, str) else self.body
        body = asked.encode() if isinstance(asked, str) else b"" if asked is None else put(asked, text)
        host = place.partition("/")[0]
        flow = flow_to(place.replace("TEXT", spelt(text)), body, **self.headers, origin=f"https://{host}")
        flow.request.method = method
        if self.body is None:
            del flow.request.headers["content-length"]
        return flow


def put(value: Any, text: str) -> bytes:
    return json.dumps(value, ensure_ascii=False).replace("TEXT", json.dumps(text, ensure_ascii=False)[1:-1]).encode()


PAGES = {
    "chatgpt-web": "chatgpt.com/",
    "claude-web": "claude.ai/new",
    "gemini-web": "gemini.google.com/app",
    "ms-copilot": "copilot.microsoft.com/",
    "m365-copilot": "m365.cloud.microsoft/chat",
    "perplexity-web": "www.perplexity.ai/search",
    "deepseek-web": "chat.deepseek.com/",
    "kimi-web": "www.kimi.com/",
    "qwen-web": "chat.qwen.ai/",
    "chatglm": "chatglm.cn/main/alltoolsdetail",
    "doubao": "www.doubao.com/chat/",
    "yuanbao": "yuanbao.tencent.com/chat",
    "yiyan": "yiyan.baidu.com/",
    "grok-web": "grok.com/",
    "huggingchat": "huggingface.co/chat/",
    "poe": "poe.com/Assistant",
    "character-ai": "character.ai/chat/Zq3hX",
    "you": "you.com/search",
    "spark": "xinghuo.xfyun.cn/desk",
}
"""Where each page is opened; a link may hold what is to be asked. Notion's pages are no traffic of its AI."""
FORM = {**SCRIPT, "content-type": "application/x-www-form-urlencoded;charset=UTF-8"}
SIGNED = {**SCRIPT, "poe-tag-id": "0a1b2c3d"}
GPT, CLAUDE, GEMINI = "chatgpt.com/backend-api", "claude.ai/api/organizations/o1", "gemini.google.com"
KIMI = "www.kimi.com/apiv2/kimi.chat.v1.ChatService"
HUGGING = "huggingface.co/chat/conversation"
BATCH = f"POST {GEMINI}/_/BardChatUi/data/batchexecute?rpcids=MUAZcd"


def rpc(name: str) -> str:
    """Return the form of a call of Google's; TEXT stands where its arguments have a text."""
    inner = json.dumps([None, [["title"]], ["c_1", "TEXT"]])
    return urlencode({"f.req": json.dumps([[[name, inner, None, "generic"]]]), "at": "t:1764216000000"})


def saved(table: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return what Notion's workspace posts to save one record."""
    at = {"pointer": {"table": table, "id": ID, "spaceId": ID}, "path": [], "command": "set", "args": value}
    return {"requestId": ID, "transactions": [{"id": ID, "spaceId": ID, "operations": [at]}]}


def links() -> Iterator[Row]:
    """Yield, of each page, links that ask, and measurements with a text in them."""
    for wire, place in PAGES.items():
        yield Row(wire, "a link that asks", f"GET {place}?q=TEXT", headers=OPENED)
        yield Row(wire, "a link that fills in", f"GET {place}?hints=search&prompt=TEXT", headers=OPENED)
        top = "huggingface.co/chat" if wire == "huggingchat" else place.partition("/")[0]
        event = {"event": "typed", "properties": {"draft": "TEXT"}}
        yield Row(wire, "telemetry", f"POST {top}/api/telemetry/events", event)
        yield Row(wire, "a beacon", f"POST {top}/log/v1/batch", {"events": [event]}, BEACON)


ROWS = (
    *links(),
    Row("chatgpt-web", "a draft", f"POST {GPT}/f/conversation/prepare", {
        "action": "next", "partial_query": {"content": {"content_type": "text", "parts": ["TEXT"]}}}),
    Row("chatgpt-web", "completion while typing", f"POST {GPT}/conversation/experimental/generate_autocompletions", {
        "input_text": "TEXT"}),
    Row("chatgpt-web", "a title", f"PATCH {GPT}/conversation/{ID}", {"title": "TEXT"}),
    Row("chatgpt-web", "a share", f"POST {GPT}/share/create", {"conversation_id": ID, "title": "TEXT"}),
    Row("chatgpt-web", "instructions", f"POST {GPT}/user_system_messages", {"about_user_message": "TEXT"}),
    Row("chatgpt-web", "a search", f"GET {GPT}/conversations/search?query=TEXT", headers=SCRIPT),
    Row("claude-web", "a new conversation", f"POST {CLAUDE}/chat_conversations", {"uuid": ID, "name": "TEXT"}),
    Row("claude-web", "a title", f"POST {CLAUDE}/chat_conversations/{ID}/title", {"message_content": "TEXT"}),
    Row("claude-web", "a renaming", f"PUT {CLAUDE}/chat_conversations/{ID}", {"name": "TEXT"}),
    Row("claude-web", "a share", f"POST {CLAUDE}/chat_conversations/{ID}/share", {"chat_snapshot_name": "TEXT"}),
    Row("claude-web", "a project", f"POST {CLAUDE}/projects/p1/docs", {"file_name": "a.txt", "content": "TEXT"}),
    Row("gemini-web", "a title", BATCH, rpc("MUAZcd"), FORM),
    Row("gemini-web", "a gem", BATCH, rpc("oMH3Zd"), FORM),
    Row("gemini-web", "a search", BATCH, rpc("unqWSc"), FORM),
    Row("ms-copilot", "a title", f"PATCH copilot.microsoft.com/c/api/conversations/{ID}", {"title": "TEXT"}),
    Row("ms-copilot", "a share", f"POST copilot.microsoft.com/c/api/conversations/{ID}/shares", {"title": "TEXT"}),
    Row("m365-copilot", "a title", "POST substrate.office.com/m365Copilot/UpdateConversation", {"chatName": "TEXT"}),
    Row("m365-copilot", "an address", "GET substrate.office.com/m365Copilot/GetSuggestions?request=TEXT"),
    Row("perplexity-web", "completion while typing", "POST www.perplexity.ai/rest/autosuggest/list-autosuggest", {
        "query": "TEXT"}),
    Row("perplexity-web", "a title", "POST www.perplexity.ai/rest/thread/set_thread_title", {"title": "TEXT"}),
    Row("perplexity-web", "a share", "POST www.perplexity.ai/rest/thread/share", {"title": "TEXT", "access": 2}),
    Row("deepseek-web", "a title", "POST chat.deepseek.com/api/v0/chat_session/update_title", {"title": "TEXT"}),
    Row("deepseek-web", "a share", "POST chat.deepseek.com/api/v0/share/create", {"title": "TEXT"}),
    Row("kimi-web", "before the turn", f"POST kimi.moonshot.cn/api/chat/{ID}/pre-n2s", {"content": "TEXT"}),
    Row("kimi-web", "a count", f"POST kimi.moonshot.cn/api/chat/{ID}/token_size", {"content": "TEXT"}),
    Row("kimi-web", "completion while typing", "POST kimi.moonshot.cn/api/suggestion", {"query": "TEXT"}),
    Row("kimi-web", "a title", f"POST {KIMI}/UpdateChat", {"chat": {"name": "TEXT"}}),
    Row("kimi-web", "a search", f"POST {KIMI}/ListChats", {"query": "TEXT"}),
    Row("qwen-web", "a new conversation", "POST chat.qwen.ai/api/v2/chats/new", {"title": "TEXT", "models": ["m"]}),
    Row("qwen-web", "a title", f"POST chat.qwen.ai/api/v2/chats/{ID}", {"title": "TEXT"}),
    Row("chatglm", "a title", "POST chatglm.cn/chatglm/mainchat-api/conversation/modify_title", {"title": "TEXT"}),
    Row("chatglm", "a picture", "POST chatglm.cn/chatglm/video-api/v1/chat", {"prompt": "TEXT"}),
    Row("doubao", "files before the turn", "POST www.doubao.com/alice/message/pre_handle_v2_without_conv", {
        "content": json.dumps({"text": "TEXT"})}),
    Row("doubao", "a title", "POST www.doubao.com/im/conversation/update", {"name": "TEXT"}),
    Row("doubao", "the older interface", "POST www.doubao.com/samantha/thread/update", {"title": "TEXT"}),
    Row("yuanbao", "a title", "POST yuanbao.tencent.com/api/conv/title", {"title": "TEXT"}),
    Row("yuanbao", "a share", "POST yuanbao.tencent.com/api/conversations/share", {"shareTitle": "TEXT"}),
    Row("yiyan", "a check", "POST yiyan.baidu.com/eb/chat/check", {"text": "TEXT"}),
    Row("yiyan", "a check that bans", "POST yiyan.baidu.com/eb/chat/checkAndBan", {"text": "TEXT"}),
    Row("yiyan", "a new conversation", "POST yiyan.baidu.com/eb/session/new", {"sessionName": "TEXT"}),
    Row("grok-web", "a title", f"PUT grok.com/rest/app-chat/conversations/{ID}", {"title": "TEXT"}),
    Row("grok-web", "a share", f"POST grok.com/rest/app-chat/conversations/{ID}/share", {"title": "TEXT"}),
    Row("huggingchat", "a new conversation", f"POST {HUGGING}", {"model": "m/m", "preprompt": "TEXT"}),
    Row("huggingchat", "a title", f"PATCH {HUGGING}/{ID}", {"title": "TEXT"}),
    Row("poe", "a title", "POST poe.com/api/gql_POST", {"queryName": "rename", "variables": {"title": "TEXT"}}),
    Row("poe", "a signed title", "POST poe.com/api/gql_POST", {"variables": {"title": "TEXT"}}, SIGNED),
    Row("character-ai", "a title", f"PATCH neo.character.ai/chat/{ID}/update_name", {"name": "TEXT"}),
    Row("character-ai", "a persona", "POST plus.character.ai/chat/persona/create/", {"definition": "TEXT"}),
    Row("you", "instructions", "POST you.com/api/user_settings", {"instructions": "TEXT"}),
    Row("you", "completion while typing", "GET you.com/api/autocomplete?q=TEXT"),
    Row("notion-ai", "a search", "POST www.notion.so/api/v3/getInferenceTranscriptsForUser", {"query": "TEXT"}),
    Row("notion-ai", "the turn, saved before it is asked", "POST app.notion.com/api/v3/saveTransactionsFanout", saved(
        "thread_message", {"step": {"id": ID, "type": "user", "value": [["TEXT"]]}})),
    Row("notion-ai", "an agent's first turn", "POST app.notion.com/api/v3/createAgentThread", {
        "type": "personal_agent", "spaceId": ID, "content": [{"type": "text", "text": [["TEXT"]]}]}),
    Row("notion-ai", "an agent's next turn", "POST www.notion.so/api/v3/sendEventToAgentThread", {
        "threadId": ID, "event": {"type": "user.message", "content": [{"type": "text", "text": "TEXT"}]}}),
    Row("notion-ai", "a file of an agent", "POST www.notion.so/api/v3/createAgentServiceFileUploadURL", {
        "target": {"type": "user"}, "filename": "TEXT.txt", "mediaType": "text/plain", "sizeBytes": 12}),
    Row("spark", "a title", "POST xinghuo.xfyun.cn/iflygpt/u/chat-list/v1/rename-chat-list", {"chatListName": "TEXT"}),
)  # fmt: skip
every_row = each("row", ROWS, ids=[row.name for row in ROWS])
INSIDE = SERVER.host


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    """A house whose policy forbids one project, keeps another inside and takes numbers out."""
    policy = parse_policy(POLICY, "policy.yaml", lambda _: "", CATALOGUE.services.keys())
    terms = (Dictionary(f"terms:{one.entity}", one.entity, one.terms) for one in policy.dictionaries)
    finder = Finder((SmallDetector(), *terms))
    opened = open_house(tmp_path_factory.mktemp("beside"), policy=policy, finder=finder)
    yield opened
    opened.close()


def said(flow: HTTPFlow) -> str:
    """Return all that a vendor would get, its escapes read."""
    head = "\n".join(f"{name}: {value}" for name, value in flow.request.headers.items())
    told = f"{flow.request.path}\n{head}\n{(flow.request.content or b'').decode()}"
    return told + unquote_plus(told) + unquote_plus(unquote_plus(told))


def test_every_page_has_its_rows() -> None:
    assert {row.wire for row in ROWS} == set(BESIDE) | {"poe"}


@every_row
def test_it_is_judged_as_words_for_a_model_and_not_as_loading_a_page(row: Row) -> None:
    method, _, place = row.call.partition(" ")
    host, _, path = place.partition("/")
    shared = CATALOGUE.by_body(host, f"/{path}")
    service = CATALOGUE.lookup(host, f"/{path}") if shared is None else shared.service
    assert service is not None and service.wire == row.wire
    known = "request=" not in path  # what an address holds in a field of its own is read all the same
    does = activity(
        method, f"/{path.replace('TEXT', 'x')}", tuple(row.headers.items()), service, body=row.body is not None
    )
    assert does in ("prompt", "complete", "upload") or not known


@every_row
def test_what_is_confidential_leaves_as_a_placeholder_or_not_at_all(house: Tenant, row: Row) -> None:
    for spelt in (quote, quote_plus):
        flow = house.ask(row.flow(f"Call {PHONE} 今天", spelt))
        if flow.response is None:
            assert PHONE not in said(flow) and "[PHONE_NUMBER_" in said(flow)
        else:
            assert row.headers is SIGNED, (flow.response.status_code, house.records()[-1]["code"])
            assert house.records()[-1]["code"] == "signed_request"


@every_row
def test_what_must_not_leave_leaves_by_no_row(house: Tenant, row: Row) -> None:
    for text in (CROW, FALCON):
        flow = house.ask(row.flow(f"About {text}, please"))
        assert flow.response is not None or flow.request.host == INSIDE, text
        if flow.response is not None:
            assert text not in (flow.response.text or "")
        elif text == CROW:
            raise AssertionError("what is forbidden goes nowhere, inside neither")
    plain = house.ask(row.flow("a harmless word"))
    assert plain.response is None and plain.request.host != INSIDE, "what nothing forbids goes to its vendor"


def test_a_question_in_an_address_goes_inside_without_what_is_taken_out_of_it(house: Tenant) -> None:
    row = Row("you", "a turn", "GET you.com/api/streamingSearch?q=TEXT&chat=%5B%5D&queryTraceId=t-12345678")
    flow = house.ask(row.flow(f"{FALCON}: call {PHONE}"))
    assert (flow.request.host, flow.request.method, flow.request.path) == (INSIDE, "POST", "/v1/chat/completions")
    (message,) = json.loads(flow.request.content or b"")["messages"]
    assert "Project Falcon" in message["content"] and "[PHONE_NUMBER_" in message["content"]
    assert PHONE not in said(flow)
