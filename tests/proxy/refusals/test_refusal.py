"""The words of a refusal: complete, in the person's language, and never the request's own."""

import pytest

from policies.decision import Decision, Route, RuleNote, Text, Verdict
from proxy import errors
from proxy.refusals.refusal import TROUBLES, compose

CHATGPT = Text(en="ChatGPT")
KIMI = Text(en="Kimi", zh="月之暗面 Kimi")
RULE = RuleNote("no-secrets", Text(en="Secrets stay inside", zh="机密不出门"), Verdict.FORBIDDEN)
OTHER = RuleNote("other", Text(en="Another rule", zh="另一规则"), Verdict.ALLOWED)
DECISION = Decision(
    rules=(OTHER, RULE),
    deciding="no-secrets",
    reason=Text(en="Confidential material never leaves", zh="机密资料不得外传"),
    instead=Text(en="Use the internal assistant.", zh="请使用内部助手。"),
)

PARAGRAPHS = {
    "zh": "公司的 AI 网关 Sluice 未将本次请求发送给 月之暗面 Kimi。依据规则：机密不出门。机密资料不得外传。"
    "请使用内部助手。如有疑问，请联系：信息安全部。编号：R-7。",
    "en": "Sluice, your company's AI gateway, did not send this request to Kimi. Rule: Secrets stay inside. "
    "Confidential material never leaves. Use the internal assistant. Questions: 信息安全部. Reference: R-7.",
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_refusal_says_who_rule_why_what_instead_and_the_number(language):
    refusal = compose(DECISION, KIMI, "R-7", language, "信息安全部")
    assert PARAGRAPHS[language] == refusal.message
    assert (refusal.status, refusal.code, refusal.reference) == (403, "blocked_by_policy", "R-7")


def test_both_languages_come_one_after_the_other():
    refusal = compose(DECISION, KIMI, "R-7", "both", "信息安全部")
    assert refusal.message == PARAGRAPHS["zh"] + " " + PARAGRAPHS["en"]
    assert [section.language for section in refusal.sections] == ["zh", "en"]


def test_a_name_in_one_language_stands_in_for_the_other():
    assert "发送给 ChatGPT。" in compose(DECISION, CHATGPT, "R-7", "zh").message
    assert "to 内部助手." in compose(DECISION, Text(zh="内部助手"), "R-7", "en").message


def test_a_service_without_a_name_is_still_spoken_of():
    assert "to this AI service." in compose(DECISION, Text(), "R-7", "en").message
    assert "发送给 该 AI 服务。" in compose(DECISION, Text(), "R-7", "zh").message


def test_without_contact_nobody_is_named():
    assert "Questions" not in compose(DECISION, KIMI, "R-7", "en").message


def test_a_missing_approval_has_its_own_code_and_says_how_to_ask():
    refusal = compose(Decision(verdict=Verdict.AUTHORIZED, instead=Text(zh="请在 OA 提交申请")), KIMI, "R-7", "zh")
    assert (refusal.status, refusal.code) == (403, "authorization_required")
    assert "需先获得批准" in refusal.message
    assert "请在 OA 提交申请。" in refusal.message


def test_a_policy_without_words_gets_ours():
    forbidden = compose(Decision(), KIMI, "R-7", "en").message
    assert "Rule: no rule covers this use, so the default applies." in forbidden
    assert "The company's AI policy does not permit it." in forbidden
    asked = compose(Decision(verdict=Verdict.AUTHORIZED), KIMI, "R-7", "zh").message
    assert "请说明使用目的、资料类别和所需期限" in asked


RULE_NAMES = {
    "its name": ((RULE,), "no-secrets", "Secrets stay inside"),
    "its id where it has no name": ((RuleNote("r9", Text(), Verdict.FORBIDDEN),), "r9", "r9"),
    "a rule that is not among the notes": ((), "r8", "r8"),
    "otherwise": ((OTHER,), "otherwise", "no rule covers this use, so the default applies"),
    "the unset decision": ((), "", "no rule covers this use, so the default applies"),
}


@pytest.mark.parametrize(("rules", "deciding", "wanted"), RULE_NAMES.values(), ids=RULE_NAMES.keys())
def test_the_deciding_rule_is_named(rules, deciding, wanted):
    assert wanted == compose(Decision(rules=rules, deciding=deciding), KIMI, "1", "en").sections[0].rule


def test_an_allowed_exchange_that_may_go_nowhere_is_blocked():
    assert compose(Decision(Verdict.ALLOWED, Route.NOWHERE), KIMI, "1", "en").code == "blocked_by_policy"


ERRORS = {
    "malformed": (errors.WireError, 400, "malformed_body", "does not follow its own format", "不符合其自身格式"),
    "unreadable": (errors.Unreadable, 400, "unreadable_body", "cannot be read", "格式无法读取"),
    "opaque": (errors.OpaquePart, 400, "unreadable_part", "an image, a file or encoded data", "图片、文件或编码数据"),
    "sealed file": (
        errors.SealedFile,
        403,
        "confidential_file",
        "files of that kind cannot be redacted",
        "无法在发送前脱敏",
    ),
    "denied address": (errors.DeniedAddress, 403, "address_denied", "leads to the proxy itself", "指向代理服务器自身"),
    "a name": (
        errors.SealedField,
        403,
        "confidential_header",
        "name of a header field, or a field that must",
        "请求头的字段名，或不可改动的",
    ),
    "a signed thought": (
        errors.SignedThought,
        403,
        "signed_thought",
        "which the service has signed, hold confidential",
        "已由服务方签名，无法脱敏",
    ),
    "too large": (errors.TooLarge, 413, "body_too_large", "larger than what can be checked", "超出发送前可检查的大小"),
    "store": (errors.StoreError, 503, "store_unavailable", "cannot reach its own records", "无法访问自身的记录存储"),
    "no model": (
        *(errors.NoInternalModel, 503, "internal_model_missing"),
        *("has not set up its own model yet", "尚未部署自己的模型"),
    ),
    "model": (errors.InternalModelError, 503, "internal_model_unavailable", "not sent outside", "未发送到外部"),
    "upstream": (errors.UpstreamError, 502, "service_unreachable", "got no answer from Kimi", "这并非公司规定所致"),
    "settings": (errors.SettingsError, 500, "internal_error", "failed inside Sluice", "内部出现故障"),
    "bug": (RuntimeError, 500, "internal_error", "failed inside Sluice", "内部出现故障"),
}


@pytest.mark.parametrize(("error", "status", "code", "en", "zh"), ERRORS.values(), ids=ERRORS.keys())
def test_an_error_speaks_by_its_class_and_never_by_its_message(error, status, code, en, zh):
    refusal = compose(error("at 13800138000 王小明"), KIMI, "R-7", "both", "help@example.com")
    assert (refusal.status, refusal.code) == (status, code)
    assert en in refusal.message
    assert zh in refusal.message
    assert "13800138000" not in repr(refusal)
    assert "王小明" not in repr(refusal)
    assert "Rule" not in refusal.message
    assert refusal.message.count("help@example.com") == 2


def test_a_text_that_is_too_long_is_told_how_long_it_may_be():
    refusal = compose(errors.TextTooLong(12_000_000), KIMI, "R-7", "both")
    assert (refusal.status, refusal.code) == (413, "text_too_long")
    assert "at most 12,000,000 characters" in refusal.message and "最多可检查 12,000,000 个字符" in refusal.message


def test_every_error_a_client_can_meet_has_words_of_its_own():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.SluiceError)]
    assert {kind.code for kind in kinds} - {"settings_error"} == TROUBLES.keys()


def test_texts_of_several_lines_become_one_paragraph():
    refusal = compose(Decision(reason=Text(en="First.\n  Second\n"), instead=Text(en="Ask?")), KIMI, "R-7", "en")
    assert "First. Second. Ask? Reference: R-7." in refusal.message
    assert "\n" not in refusal.message


def test_braces_in_texts_are_only_braces():
    decision = Decision(rules=(RuleNote("a", Text(en="{service} {0}"), Verdict.FORBIDDEN),), deciding="a")
    refusal = compose(decision, Text(en="{rule}"), "{reference}", "en", "{contact}")
    assert "to {rule}. Rule: {service} {0}." in refusal.message
    assert "Questions: {contact}. Reference: {reference}." in refusal.message
