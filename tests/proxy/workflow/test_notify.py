"""A notification tells in both languages what happened to what, and none of anybody's words."""

from datetime import UTC, datetime, timedelta
from email import policy
from email.parser import BytesParser

import orjson
import pytest

from proxy.workflow.notify import (
    FIRST_WAIT,
    LONGEST_WAIT,
    MOST_ATTEMPTS,
    TOLD,
    Mail,
    Notify,
    as_json,
    as_mail,
    digest,
    headline,
    wait_after,
)
from proxy.workflow.permission import Event

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
NOTES = {
    "user": "张三",
    "holder": "张三",
    "service": "chatgpt",
    "rule": "客户资料外发",
    "classes": ["客户资料", "Finance"],
    "request": "R-7K2F9Q",
    "deadline": "2026-11-22T09:30:00+00:00",
    "finding": "justified",
    "result": "missed",
    "code": "left",
    "grant": "G-7K2F9Q",
    "seconds": 3600,
    "address": "10.0.0.1",
    "policy": "8@9f86d081884c",
    "witness": "siem.example",
    "since": "2026-11-20T09:00:00+00:00",
    "version": 7,
    "log": "audit.jsonl",
    "key": "e7855d444e3cfd2b",
    "starts": "2026-12-03T00:00:00+08:00",
    "by": "张三",
    "due": "2026-11-01",
    "authority": "AB:CD",
}
ASKED = Event("grant_asked", NOW, NOTES)
LATER = ("siem.example", "版本 7", "版本低于 7", "audit.jsonl", "e7855d444e3cfd2b", "3600 秒", "AB:CD")
MAIL = Mail(
    "mail.corp.example", 25, "sluice@corp.example", ("合规@corp.example".replace("合规", "desk"), "b@corp.example")
)


@pytest.mark.parametrize("name", TOLD)
def test_every_step_has_words_in_both_languages(name: str) -> None:
    event = Event(name, NOW, NOTES)
    en, zh = headline(event, "en"), headline(event, "zh")
    assert en != zh and "–" not in en + zh and "{" not in en + zh
    assert any(known in zh for known in ("张三", "G-7K2F9Q", "8@9f86d081884c", "chatgpt", *LATER))


def test_a_step_without_words_is_named_and_a_missing_fact_is_a_dash() -> None:
    assert headline(Event("new_step", NOW, {}), "en") == "new_step"
    assert headline(Event("grant_asked", NOW, {"service": "kimi"}), "en") == "– asks for kimi"


def test_a_web_call_says_what_a_program_or_a_chat_needs() -> None:
    told = orjson.loads(as_json(ASKED, "https://portal.corp.example"))
    assert (told["event"], told["time"], told["link"]) == (
        *("grant_asked", "2026-11-20T09:30:00+00:00", "https://portal.corp.example"),
    )
    assert told["text"] == "张三 asks for chatgpt. 张三 申请使用 chatgpt。"
    assert told["facts"]["classes"] == ["客户资料", "Finance"]
    assert not {"address", "seconds"} & told["facts"].keys()


def test_a_mail_is_readable_by_any_mail_program() -> None:
    sent = BytesParser(policy=policy.default).parsebytes(as_mail(ASKED, MAIL, "https://portal").as_bytes())
    assert (sent["From"], sent["To"]) == ("sluice@corp.example", "desk@corp.example, b@corp.example")
    assert sent["Subject"] == "[Sluice] 张三 asks for chatgpt / 张三 申请使用 chatgpt"
    body = sent.get_body().get_content()
    assert "张三 申请使用 chatgpt。" in body and "classes: 客户资料, Finance" in body and "https://portal" in body


@pytest.mark.parametrize("name", ["a\r\nBcc: x@evil.example", "a\nb", "a\u2028b", "\u202ea", "a\x00b", "x" * 9000])
def test_a_strange_name_makes_no_header_and_no_second_line(name: str) -> None:
    event = Event("grant_asked", NOW, NOTES | {"holder": name})
    sent = BytesParser(policy=policy.default).parsebytes(as_mail(event, MAIL).as_bytes())
    assert sent["Bcc"] is None and set(sent["To"].addresses[0].domain.split()) == {"corp.example"}
    assert len(sent["Subject"]) < 600 and sent["Subject"].isprintable()


def test_a_repeated_notification_has_the_same_mark_and_another_one_a_new_mark() -> None:
    again = Event.from_fields(ASKED.fields())
    assert digest(again) == digest(ASKED) != digest(Event("grant_asked", NOW + timedelta(seconds=1), NOTES))
    assert as_mail(again, MAIL)["Message-ID"] == as_mail(ASKED, MAIL)["Message-ID"]


def test_waits_grow_to_a_bound_and_then_a_message_is_given_up() -> None:
    waits = [wait_after(n) for n in range(1, MOST_ATTEMPTS + 1)]
    assert waits[:3] == [FIRST_WAIT, FIRST_WAIT * 4, FIRST_WAIT * 16]
    assert waits[-2:] == [LONGEST_WAIT, None]


def test_channels_are_those_that_are_set_and_secrets_are_not_shown() -> None:
    assert Notify().channels == ()
    assert Notify("https://hook", MAIL).channels == ("webhook", "smtp")
    shown = repr(Notify("https://hook/SECRET", Mail("h", 25, "a@b", (), password="SECRET")))
    assert "SECRET" not in shown
