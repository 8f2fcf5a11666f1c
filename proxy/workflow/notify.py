"""What people are told of the workflow's steps and of the policy: an event enters, a JSON body or a mail leaves. Pure.

A notification names people, services, rules and numbers. It never holds a purpose or any other words of a person: it
travels over channels that Sluice does not guard.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from typing import Any, Final, Literal

import orjson

from policies.decision import Text
from proxy.audit import clean
from proxy.workflow.permission import Event, Message

type Tls = Literal["offered", "required", "implicit"]
TLS: Final[tuple[Tls, ...]] = ("offered", "required", "implicit")
MOST_ATTEMPTS: Final = 8
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(hours=6)

TOLD: Final = {
    "grant_asked": Text("{holder} asks for {service}", "{holder} 申请使用 {service}"),
    "grant_approved": Text(
        "One more approval is needed for {holder}: {service}", "{holder} 的申请还需一人批准：{service}"
    ),
    "grant_given": Text("{holder} may use {service}", "{holder} 已获准使用 {service}"),
    "grant_denied": Text("The request of {holder} for {service} was denied", "{holder} 使用 {service} 的申请被拒绝"),
    "grant_withdrawn": Text("{holder} withdrew the request for {service}", "{holder} 撤回了使用 {service} 的申请"),
    "grant_request_expired": Text(
        "Nobody answered the request of {holder} for {service}", "{holder} 使用 {service} 的申请逾期未获答复"
    ),
    "grant_revoked": Text("The grant of {holder} for {service} was revoked", "{holder} 使用 {service} 的授权被撤销"),
    "grant_ends_soon": Text("The grant of {holder} for {service} ends soon", "{holder} 使用 {service} 的授权即将到期"),
    "break_glass": Text(
        "{holder} took an emergency permission for {service}; review it", "{holder} 紧急自行授权使用 {service}；请复核"
    ),
    "grant_reviewed": Text(
        "The emergency permission of {holder} was reviewed: {finding}", "{holder} 的紧急授权已复核：{finding}"
    ),
    "grant_unreviewed": Text("The emergency permission {grant} awaits review", "紧急授权 {grant} 尚待复核"),
    "grant_unsound": Text(
        "The grant {grant} is ignored: it was not given by Sluice, or was changed",
        "授权 {grant} 已被忽略：并非由 Sluice 发出，或遭到改动",
    ),
    "canary_failed": Text(
        "The self-test of {service} failed ({result}, {code}): what people send there may go out unfiltered",
        "{service} 的自检未通过（{result}，{code}）：发往该服务的内容可能未经过滤",
    ),
    "canary_proven": Text("The self-test of {service} passes again", "{service} 的自检已恢复正常"),
    "witness_away": Text(
        "The audit log's witness {witness} has been away since {since}", "审计日志的见证方 {witness} 自 {since} 起失联"
    ),
    "witness_contradicts": Text(
        "The audit log's witness {witness} has something else than what was signed here: call the auditor",
        "审计日志的见证方 {witness} 所存内容与本机签名的检查点矛盾：请联系审计员",
    ),
    "witness_back": Text("The audit log's witness {witness} is back", "审计日志的见证方 {witness} 已恢复"),
    "clock_stepped": Text(
        "The wall clock was set by {seconds} seconds; rules on hours hold by both times for an hour",
        "系统时钟被调整 {seconds} 秒；一小时内按两种时间中较严的一方执行时段规则",
    ),
    "audit_rewritten": Text(
        "The audit log {log} is not the one that was signed: nothing goes out; call the auditor",
        "审计日志 {log} 与已签名的检查点不符：已停止放行，请联系审计员",
    ),
    "audit_key_changed": Text("The audit log is signed with a new key, {key}", "审计日志已改用新密钥 {key} 签名"),
    "vault_forgotten": Text("What the vault kept of {holder} was destroyed", "保险库中 {holder} 的内容已销毁"),
    "vault_key_added": Text("The vault has a new key, version {version}", "保险库启用新密钥，版本 {version}"),
    "vault_key_ended": Text(
        "Vault keys below version {version} open nothing any more", "保险库中版本低于 {version} 的密钥已全部失效"
    ),
    "ca_made": Text("A next certificate authority was made: {authority}", "已建立下一个证书颁发机构：{authority}"),
    "ca_taken": Text(
        "An authority was taken as the next one that clients are to trust: {authority}",
        "已接收一个颁发机构，作为客户端须信任的下一个：{authority}",
    ),
    "ca_swapped": Text(
        "From the next start on another authority signs: {authority}", "自下次启动起改由另一颁发机构签发：{authority}"
    ),
    "ca_retired": Text("The old certificate authority was retired: {authority}", "旧的证书颁发机构已停用：{authority}"),
    "policy_loaded": Text("The policy {policy} is in force", "政策 {policy} 已生效"),
    "policy_rolled_back": Text("{by} went back to the policy {policy}", "{by} 已恢复到政策 {policy}"),
    "policy_closed": Text(
        "{by} has closed all AI services for an incident: everything is refused until somebody opens them again",
        "{by} 因突发事件暂停了所有 AI 服务：重新开放之前一律拒绝",
    ),
    "policy_scheduled": Text("The policy {policy} will be in force from {starts}", "政策 {policy} 将于 {starts} 生效"),
    "policy_review_overdue": Text(
        "The policy {policy} was to be reviewed by {due}", "政策 {policy} 应在 {due} 之前复审"
    ),
    "policy_rejected": Text(
        "A new policy cannot be used; {policy} stays in force", "新的政策无法使用；继续执行 {policy}"
    ),
}
SHOWN: Final = (
    *("holder", "service", "rule", "activity", "classes", "approvers", "user"),
    *(
        "result",
        "code",
        "left",
        "request",
        "grant",
        "reference",
        "deadline",
        "until",
        "policy",
        "before",
        "starts",
        "due",
        "places",
        "witness",
        "since",
        "version",
        "log",
        "key",
        "authority",
    ),
)
"""Facts of an event that a mail lists, in this order."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail server, and who writes to whom."""

    host: str
    port: int
    sender: str
    to: tuple[str, ...]
    tls: Tls = "offered"
    """`offered` encrypts where the server can, `required` sends nothing otherwise, `implicit` begins encrypted."""
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Notify:
    """Where notifications go; nowhere by default."""

    webhook: str = field(default="", repr=False)
    """Address that takes JSON; often a secret in itself."""
    mail: Mail | None = None
    link: str = ""
    """Address where people answer requests, to stand in a notification."""

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that are set."""
        return (("webhook",) if self.webhook else ()) + (("smtp",) if self.mail else ())


def headline(event: Event, language: str) -> str:
    """Return what happened, in one sentence."""
    words = TOLD.get(event.name, Text(event.name, event.name)).in_language(language)
    return words.format_map(Facts({key: clean(str(value)) for key, value in event.notes.items()}))


class Facts(dict[str, str]):
    """The facts of an event; one that it does not have is a dash."""

    def __missing__(self, key: str) -> str:
        """Return what stands for a fact that is not known."""
        return "–"


def as_json(event: Event, link: str = "") -> bytes:
    """Return the body of a webhook call."""
    told: dict[str, Any] = {
        "event": event.name,
        "time": event.at.isoformat(timespec="seconds"),
        "text": f"{headline(event, 'en')}. {headline(event, 'zh')}。",
        "facts": {key: event.notes[key] for key in SHOWN if event.notes.get(key)},
        "link": link,
    }
    return orjson.dumps(told)


def as_mail(event: Event, mail: Mail, link: str = "") -> EmailMessage:
    """Return the mail about an event, in both languages."""
    message = EmailMessage()
    message["Subject"] = f"[Sluice] {headline(event, 'en')} / {headline(event, 'zh')}"
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.to)
    message["Message-ID"] = f"<{digest(event)}@sluice.internal>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's out-of-office answers it
    facts = [f"{key}: {spelled(event.notes[key])}" for key in SHOWN if event.notes.get(key)]
    lines = [f"{headline(event, 'en')}.", f"{headline(event, 'zh')}。", "", *facts]
    message.set_content("\n".join([*lines, "", link] if link else lines) + "\n")
    return message


def spelled(value: object) -> str:
    """Return a fact for people."""
    return ", ".join(clean(str(one)) for one in value) if isinstance(value, list | tuple) else clean(str(value))


def digest(event: Event) -> str:
    """Return what tells a repeated notification from a new one."""
    return hashlib.sha256(orjson.dumps(event.fields(), option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def wait_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many failed attempts; None gives the message up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return min(FIRST_WAIT * (1 << 2 * (attempts - 1)), LONGEST_WAIT)


def dropped(message: Message) -> dict[str, Any]:
    """Return what the audit log is told of a notification that could not be delivered."""
    return {"channel": message.channel, "about": message.event.name, "attempts": message.attempts}
