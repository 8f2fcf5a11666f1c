"""The HTTP interface of the authorization workflow: JSON in, JSON out, at an address that only the proxy knows.

Enters: a caller whom the proxy has identified, and a request. Leaves: an answer; nothing is raised but bugs. Another
site's page must never act in the caller's name: every request carries `x-sluice: 1`, which a page can only set on its
own origin, and every body is declared as JSON. No answer to one person holds what another asked for, unless it is
theirs to answer.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import orjson

from policies.decision import Text
from proxy.caller import Caller
from proxy.errors import Declined, StoreError
from proxy.exchange import Answer, Request, header
from proxy.workflow.grants import alive, ends_soon, span
from proxy.workflow.permission import GrantRecord, GrantRequest, moment
from proxy.workflow.portal import Portal
from proxy.workflow.requests import NOBODY

HOST: Final = "sluice.internal"
"""Name at which the proxy itself answers."""
MOST_BODY: Final = 16 * 1024
"""Bytes of a request's body."""
MOST_NAMES: Final = 100
STEP: Final = re.compile(r"/api/(requests|grants)/([A-Z]-[0-9A-Z]{6})/([a-z]+)", re.ASCII)
HEADERS: Final = (
    ("content-type", "application/json"),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
)

NOT_OURS: Final = Text(
    "Send the header `x-sluice: 1`, and the body as application/json.",
    "请附上请求头 `x-sluice: 1`，并以 application/json 发送内容。",
)
NOT_JSON: Final = Text("The body is not the JSON that is expected here.", "请求内容不是此处所需的 JSON。")
NOT_HERE: Final = Text("There is nothing at this address.", "此地址没有内容。")
NOT_SO: Final = Text("This address does not take that method.", "此地址不支持该方法。")
TOO_LARGE: Final = Text("The body is too large.", "请求内容过大。")
NO_STORE: Final = Text(
    "Sluice cannot reach its own records; try again in a moment.", "Sluice 暂时无法读取记录；请稍后重试。"
)

type Call = Callable[[Portal, Caller, dict[str, Any], datetime], tuple[int, dict[str, Any]]]
"""What answers a path: portal, caller, the body's fields, now → status and the answer's fields."""


def respond(portal: Portal, caller: Caller, request: Request, now: datetime) -> Answer:
    """Return the answer to a request at `HOST`; its body must not be content-encoded. Blocks on the store."""
    try:
        if not caller.user:
            raise Declined(403, "unidentified", NOBODY)
        status, told = dispatch(portal, caller, request, now)
    except Declined as declined:
        status, told = declined.status, trouble(declined.code, declined.told)
    except StoreError as error:
        status, told = error.status, trouble(error.code, NO_STORE)
    return Answer(status, HEADERS, orjson.dumps(told))


def dispatch(portal: Portal, caller: Caller, request: Request, now: datetime) -> tuple[int, dict[str, Any]]:
    """Find what answers the path, and ask it; raises `Declined`."""
    path = request.path.partition("?")[0]
    step = STEP.fullmatch(path)
    ways = CALLS.get(f"/api/{step[1]}/*/{step[3]}" if step else path.replace("*", ""))
    if ways is None:
        raise Declined(404, "not_found", NOT_HERE)
    if header(request.headers, "x-sluice") != "1":
        raise Declined(403, "not_same_origin", NOT_OURS)
    call = ways.get(request.method)
    if call is None:
        raise Declined(405, "method_not_allowed", NOT_SO)
    fields = {} if request.method == "GET" else body_of(request)
    return call(portal, caller, fields | ({"id": step[2]} if step else {}), now)


def body_of(request: Request) -> dict[str, Any]:
    """Return the fields of a JSON object; no body is an empty one. Raises `Declined`."""
    if len(request.body) > MOST_BODY:
        raise Declined(413, "body_too_large", TOO_LARGE)
    kind = header(request.headers, "content-type").partition(";")[0].strip().lower()
    if kind != "application/json" or header(request.headers, "content-encoding") not in ("", "identity"):
        raise Declined(415, "not_json", NOT_OURS)
    try:
        fields = orjson.loads(request.body or b"{}")
    except orjson.JSONDecodeError:
        raise Declined(400, "not_json", NOT_JSON) from None
    if not isinstance(fields, dict):
        raise Declined(400, "not_json", NOT_JSON)
    return fields


# -- what answers each path -------------------------------------------------------------------------------------------


def ask(portal: Portal, caller: Caller, fields: dict[str, Any], now: datetime) -> tuple[int, dict[str, Any]]:
    """Take a request for a grant; one that is open already is shown instead of asked twice."""
    token, purpose, duration = (told(fields, key) for key in ("token", "purpose", "duration"))
    request, new = portal.ask_with(caller, token, purpose, names(fields, "classes"), span(duration), now)
    return 201 if new else 200, {"request": shown_request(request)}


def list_requests(portal: Portal, caller: Caller, _: dict[str, Any], now: datetime) -> tuple[int, dict[str, Any]]:
    """Show the caller's own requests, and those that wait for the caller's answer."""
    return 200, {"requests": [shown_request(one) for one in portal.visible_requests(caller, now)]}


def approve(portal: Portal, caller: Caller, fields: dict[str, Any], now: datetime) -> tuple[int, dict[str, Any]]:
    """Approve somebody's request."""
    return 200, {"request": shown_request(portal.approve(caller, fields["id"], now))}


def deny(portal: Portal, caller: Caller, fields: dict[str, Any], now: datetime) -> tuple[int, dict[str, Any]]:
    """Deny somebody's request."""
    return 200, {"request": shown_request(portal.deny(caller, fields["id"], now))}


def withdraw(portal: Portal, caller: Caller, fields: dict[str, Any], now: datetime) -> tuple[int, dict[str, Any]]:
    """Take back one's own request."""
    return 200, {"request": shown_request(portal.withdraw(caller, fields["id"], now))}


def list_grants(portal: Portal, caller: Caller, _: dict[str, Any], now: datetime) -> tuple[int, dict[str, Any]]:
    """Show the caller's own grants, and those of their groups."""
    return 200, {"grants": [shown_grant(one, portal, now) for one in portal.visible_grants(caller)]}


def revoke(portal: Portal, caller: Caller, fields: dict[str, Any], now: datetime) -> tuple[int, dict[str, Any]]:
    """Take a grant back at once."""
    return 200, {"grant": shown_grant(portal.revoke(caller, fields["id"], now), portal, now)}


def renew(portal: Portal, caller: Caller, fields: dict[str, Any], now: datetime) -> tuple[int, dict[str, Any]]:
    """Ask for one's own grant to go on when it ends."""
    purpose = told(fields, "purpose") if "purpose" in fields else ""
    request, new = portal.renew(caller, fields["id"], purpose, span(told(fields, "duration")), now)
    return 201 if new else 200, {"request": shown_request(request)}


def break_glass(portal: Portal, caller: Caller, fields: dict[str, Any], now: datetime) -> tuple[int, dict[str, Any]]:
    """Take in an emergency what a refusal's link asks for, to be reviewed afterwards."""
    token, purpose = told(fields, "token"), told(fields, "purpose")
    wish = portal.wish_of(caller, token, purpose, span(told(fields, "duration")), now)
    return 201, {"grant": shown_grant(portal.break_glass(caller, wish, now), portal, now)}


def acknowledge(portal: Portal, caller: Caller, fields: dict[str, Any], now: datetime) -> tuple[int, dict[str, Any]]:
    """Remember that the caller has read a notice, with the reason where a rule asks for one."""
    words = told(fields, "purpose") if "purpose" in fields else ""
    portal.acknowledge(caller, told(fields, "notice"), words, now)
    return 200, {"acknowledged": fields["notice"]}


def declare(portal: Portal, caller: Caller, fields: dict[str, Any], now: datetime) -> tuple[int, dict[str, Any]]:
    """Remember what the caller says they use a service for."""
    hours = fields.get("hours")
    if type(hours) is not int:
        raise Declined(400, "not_json", NOT_JSON)
    until = portal.declare(caller, told(fields, "service"), told(fields, "purpose"), hours, now)
    return 200, {"until": until.isoformat(timespec="seconds")}


CALLS: Final[dict[str, dict[str, Call]]] = {
    "/api/requests": {"GET": list_requests, "POST": ask},
    "/api/requests/*/approve": {"POST": approve},
    "/api/requests/*/deny": {"POST": deny},
    "/api/requests/*/withdraw": {"POST": withdraw},
    "/api/grants": {"GET": list_grants},
    "/api/grants/*/revoke": {"POST": revoke},
    "/api/grants/*/renew": {"POST": renew},
    "/api/emergencies": {"POST": break_glass},
    "/api/acknowledgements": {"POST": acknowledge},
    "/api/purpose": {"POST": declare},
}
"""Every path with its methods; `*` stands for an id."""


# -- fields in and out ------------------------------------------------------------------------------------------------


def told(fields: dict[str, Any], key: str) -> str:
    """Return a text of the body; raises `Declined` where there is none."""
    value = fields.get(key)
    if not isinstance(value, str):
        raise Declined(400, "not_json", NOT_JSON)
    return value


def names(fields: dict[str, Any], key: str) -> frozenset[str]:
    """Return a list of names of the body, empty where it is left out; raises `Declined`."""
    value = fields.get(key, [])
    if not isinstance(value, list) or len(value) > MOST_NAMES or not all(isinstance(each, str) for each in value):
        raise Declined(400, "not_json", NOT_JSON)
    return frozenset(value)


def shown_request(request: GrantRequest) -> dict[str, Any]:
    """Return a request as its asker and its approvers see it."""
    return request.fields()


def shown_grant(record: GrantRecord, portal: Portal, now: datetime) -> dict[str, Any]:
    """Return a grant as its holder sees it."""
    return record.issued() | {
        "alive": not record.revoked and alive(record.grant, now) and portal.signer.holds(record),
        "ends_soon": ends_soon(record, now),
        "revoked_at": moment(record.revoked_at),
        "awaits_review": record.awaits_review,
    }


def trouble(code: str, text: Text) -> dict[str, Any]:
    """Return the fields of an answer that says no."""
    return {"error": {"code": code, "en": text.en, "zh": text.zh}}
