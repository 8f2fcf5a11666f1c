"""A grant or a token counts only as this house made it, unchanged in every field."""

from base64 import urlsafe_b64encode
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.decision import Grant
from proxy.errors import Declined
from proxy.workflow.permission import Finding, GrantRecord
from proxy.workflow.signing import AskToken, Signer, ask_link
from tests.thorough import drawn

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SIGNER, OTHER = Signer(b"k" * 32), Signer(b"x" * 32)
GRANT = Grant(
    *("G-1", "张三", "", "chatgpt", "客户资料外发", "李四 carol", "季度报价 quote", NOW + timedelta(days=7)),
    activity="prompt",
    classes=frozenset({"客户资料", "Finance"}),
    uses_left=3,
    from_=NOW,
    approvers=("李四", "carol"),
)
RECORD = SIGNER.sign(GrantRecord(GRANT, NOW, "R-1", "SLC-1"))
TOKEN = AskToken("SLC-1", "张三", "chatgpt", "r1", "prompt", frozenset({"客户资料"}), NOW + timedelta(days=1))

OTHERWISE = {
    "id": "G-2",
    "person": "alice",
    "group": "Sales",
    "service": "*",
    "rule": "*",
    "approver": "张三",
    "purpose": "other",
    "until": NOW + timedelta(days=300),
    "activity": "*",
    "classes": frozenset(),
    "uses_left": None,
    "from_": None,
    "approvers": ("张三",),
}


def test_a_grant_holds_as_it_was_signed_and_after_it_was_kept() -> None:
    assert SIGNER.holds(RECORD)
    assert SIGNER.holds(GrantRecord.from_fields(RECORD.fields()))
    assert Signer(b"k" * 32).holds(RECORD)


def test_the_table_changes_every_field_of_a_grant() -> None:
    assert OTHERWISE.keys() == {field.name for field in fields(Grant)}


@pytest.mark.parametrize("field", OTHERWISE)
def test_a_grant_changed_in_one_field_does_not_hold(field: str) -> None:
    assert not SIGNER.holds(replace(RECORD, grant=replace(GRANT, **{field: OTHERWISE[field]})))


@pytest.mark.parametrize(
    "change",
    [
        {"created": NOW + timedelta(seconds=1)},
        {"request": "R-2"},
        {"reference": "SLC-2"},
        {"break_glass": True},
        {"signature": b""},
        {"signature": bytes(64)},
        {"signature": RECORD.signature[:-1]},
        {"signature": OTHER.sign(RECORD).signature},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_record_changed_elsewhere_or_signed_with_another_key_does_not_hold(change) -> None:
    assert not SIGNER.holds(replace(RECORD, **change))


def test_what_happens_to_a_grant_later_leaves_its_signature_alone() -> None:
    later = replace(RECORD, warned=True, reviewed_by="bob", reviewed_at=NOW, finding=Finding.JUSTIFIED)
    assert SIGNER.holds(later)


@settings(max_examples=drawn(60))
@given(st.text(), st.text(), st.text(), st.frozensets(st.text(), max_size=4))
def test_a_token_says_again_what_it_was_told(user: str, rule: str, service: str, classes: frozenset[str]) -> None:
    told = replace(TOKEN, user=user, rule=rule, service=service, classes=classes)
    try:
        token = SIGNER.token(told)
    except TypeError:  # an unpaired surrogate, which no name can hold
        return
    assert SIGNER.read_token(token, NOW) == told


def test_a_token_can_stand_in_an_address_and_the_link_carries_it() -> None:
    token = SIGNER.token(TOKEN)
    assert ask_link("http://sluice.internal/", token) == f"http://sluice.internal/ask?token={token}"


def code(token: str, signer: Signer = SIGNER, now: datetime = NOW) -> str:
    with pytest.raises(Declined) as caught:
        signer.read_token(token, now)
    assert caught.value.told.en and caught.value.told.zh
    return caught.value.code


@settings(max_examples=drawn(80))
@given(st.data())
def test_no_character_of_a_token_can_be_changed(data: st.DataObject) -> None:
    token = SIGNER.token(TOKEN)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda char: char != token[place]))
    assert code(token[:place] + other + token[place + 1 :]) == "bad_token"


@settings(max_examples=drawn(80))
@given(st.text())
def test_no_text_is_taken_for_a_token(text: str) -> None:
    assert code(text) == "bad_token"


@pytest.mark.parametrize(
    "token",
    {
        "nothing": "",
        "only a dot": ".",
        "no tag": SIGNER.token(TOKEN).partition(".")[0] + ".",
        "more behind": SIGNER.token(TOKEN) + "A",
        "padded": SIGNER.token(TOKEN) + "=",
        "another key": OTHER.token(TOKEN),
        "very long": "A" * 5000 + "." + "A" * 43,
        "unsigned": urlsafe_b64encode(b"{}").decode() + "." + urlsafe_b64encode(bytes(32)).decode(),
    }.values(),
)
def test_a_token_that_was_not_made_here_is_refused(token: str) -> None:
    assert code(token) == "bad_token"


@pytest.mark.parametrize(("seconds", "over"), [(-1, False), (0, True), (1, True)])
def test_a_token_is_over_at_its_end(seconds: int, over: bool) -> None:
    token, at = SIGNER.token(TOKEN), TOKEN.expires + timedelta(seconds=seconds)
    if over:
        assert code(token, now=at) == "token_expired"
    else:
        assert SIGNER.read_token(token, at) == TOKEN


def test_a_token_tells_no_more_than_names_and_a_time() -> None:
    assert {field.name for field in fields(AskToken)} == {
        *("reference", "user", "service", "rule", "activity", "classes", "expires")
    }


def test_a_short_key_signs_nothing() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Signer(b"k" * 31)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "ab" * 12,
        "ab" * 12 + ".",
        OTHER.canary("ab" * 12),
        SIGNER.canary("ab" * 12) + "A",
        SIGNER.canary("ab" * 12).replace("ab", "ac", 1),
        SIGNER.canary("AB" * 12),
        SIGNER.canary("ab" * 12) + "é",
    ],
    ids=["none", "no tag", "empty tag", "another house", "longer", "another mark", "no mark", "no ASCII"],
)
def test_a_self_test_is_marked_by_this_house_alone(value: str) -> None:
    assert SIGNER.read_canary(SIGNER.canary("ab" * 12)) == "ab" * 12
    assert SIGNER.read_canary(value) == ""
