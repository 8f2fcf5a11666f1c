"""The reasons of a finding (`because`) in words for people, in English and Chinese.

Enters: a finding. Leaves: a sentence. Detectors say why by short names of their own (`check:real_key`, `cue:double`);
here each has its words. A name that has none, of a company's own rule say, stands as it is. No value is in any of them.
"""

from typing import Final

from detectors.interface import Finding
from detectors.secrets_page import CHECKED
from policies.decision import Text


def because(finding: Finding, language: str = "en") -> str:
    """Return in words what speaks for a finding; each reason once."""
    told = dict.fromkeys(_told(reason, language) for reason in finding.because)
    return ("，" if language == "zh" else ", ").join(told) or FORM.in_language(language)


def _told(reason: str, language: str) -> str:
    if reason in WHOLE:
        return WHOLE[reason].in_language(language)
    kind, _, word = reason.partition(":")
    if kind not in WORDS:
        return reason
    told = WORDS[kind].in_language(language).format(word)
    asks = CHECKS.get(word) if kind == "check" else None
    if asks is None:
        return told
    return f"{told}（{asks.zh}）" if language == "zh" else f"{told} ({asks.en})"


FORM: Final = Text("by its form alone", "仅凭格式判断")
WORDS: Final = {
    "rule": Text("fits the rule {}", "符合规则 {}"),
    "check": Text("passes the check {}", "通过校验 {}"),
    "context": Text("stands near “{}”", "附近有“{}”"),
    "cue": Text("is announced by “{}”", "由“{}”引出"),
    "model": Text("the model {} says so", "由模型 {} 识别"),
    "called": Text("which calls it {}", "模型标签：{}"),
    "form": Text("has the form: {}", "符合写法：{}"),
    "inside": Text("stands inside {}", "藏在 {} 编码里"),
    "variant": Text("is written another way: {}", "另一种写法：{}"),
    "view": Text("read another way: {}", "换一种读法：{}"),
    "term": Text("is a term of the list", "是名单中的词条"),
    "label": Text("is a marking: {}", "标记：{}"),
    "exact": Text("is registered in the index {}", "已登记在索引 {} 中"),
    "columns": Text("{} columns of one row", "同一行的 {} 列"),
    "fingerprint": Text("is a passage registered in the index {}", "是索引 {} 中登记的段落"),
    "document": Text("document {} of it", "其中第 {} 份文件"),
}
"""How each kind of reason reads."""

WHOLE: Final = {
    "cue:authority": Text("ends as an authority's name does", "结尾像机关单位的名称"),
    "cue:body": Text("goes on as a body's name does", "后面接着机构名称的结尾"),
    "cue:called": Text("the text says what somebody is called", "文中说明了某人叫什么"),
    "cue:cited": Text("is cited as an author, with initials", "像参考文献里带缩写的作者"),
    "cue:company": Text("ends as a company's name does", "结尾像公司名称"),
    "cue:department": Text("is written as a department's name", "写法像部门名称"),
    "cue:double": Text("begins with a double family name", "以复姓开头"),
    "cue:family": Text("a family name stands beside it", "旁边有姓氏"),
    "cue:from": Text("somebody is said to be from there", "文中说明某人来自该处"),
    "cue:greeting": Text("is greeted", "出现在称呼里"),
    "cue:lead": Text(
        "stands behind words that lead to a body (our supplier, work for)", "前面的词引出机构（如 our supplier）"
    ),
    "cue:link": Text("its parts are linked as in a name (bin, ibn)", "由人名中的连接词相连（如 bin）"),
    "cue:list": Text("stands in a list of persons", "列在一串人名之中"),
    "cue:mail": Text("stands beside a mail address made of it", "旁边的邮箱地址由此名构成"),
    "cue:meeting": Text("somebody meets with them", "文中说与此人会面"),
    "cue:name": Text("has a word that people are known to bear as a name", "含有常见的外文人名"),
    "cue:nickname": Text("is written as a nickname (小李)", "写法像昵称（如小李）"),
    "cue:office": Text("stands behind an office or before what somebody says", "前面有职务，或后面接着此人的话"),
    "cue:postcode": Text("ends in a postcode, as an address does", "以邮编结尾，像地址"),
    "cue:repeated": Text("is named with certainty elsewhere in the text", "同一人名在文中别处已确认"),
    "cue:role": Text("a role stands beside it (our plumber)", "旁边写明了身份（如 our plumber）"),
    "cue:sign-off": Text("signs the text", "出现在落款里"),
    "cue:speaker": Text("speaks in a talk (Anna: …)", "是对话中的发言人（如 Anna: …）"),
    "cue:street": Text("follows the grammar of addresses", "符合地址的写法"),
    "cue:title": Text("a title stands beside it (Dr., 经理)", "旁边有称谓（如经理、Dr.）"),
    "cue:trade": Text("ends as the name of a business does", "结尾像商家的行业名称"),
    "cue:vietnamese": Text("is written as a Vietnamese name", "写法像越南人名"),
    "form:country code": Text("has the form: a country code first", "符合写法：以国家代码开头"),
    "form:grouping": Text("has the form: grouped as telephone numbers are", "符合写法：按电话号码的习惯分段"),
}
"""Reasons that are no words of the text, although they look like some."""

_ENGLISH: Final = {
    **{name: asks for name, asks in CHECKED.items() if name},
    "account_number": "no mobile number, no identity number, no moment",
    "bank_card": "13 to 19 digits with a check digit that is right",
    "bare_host": "an address, no path of files",
    "cn_credit_code": "its check character",
    "cn_id_card": "region, day of birth and check character",
    "cn_id_card_15": "region and day of birth",
    "cn_organization_code": "its check character",
    "cn_taxpayer_number": "its check character",
    "cn_vehicle_plate": "three digits at least in the serial",
    "day_of_birth": "a day, a month or a year that there is",
    "de_tax_id": "its check digit",
    "document_number": "no date, no time, no telephone number",
    "employee_number": "no month, no year",
    "fr_social_security": "month, department and key",
    "handle": "no word of the trade, nothing cut off a longer one",
    "hk_id_card": "its check digit",
    "iban": "its check digits and its country's length",
    "luhn": "its check digit",
    "mailbox": "a mailbox, no repository and no file",
    "names_a_paper": "a paper is named behind it",
    "numbered_handle": "letters with figures, nothing technical",
    "odd_mailbox": "a mailbox, no mention of an account",
    "phone_in_words": "as many figures as a telephone number has",
    "public_host": "a name below a public suffix",
    "several_passports": "each has a passport's form",
    "some_figures": "six signs, two figures at least",
    "spelt_mailbox": "leads to a host that can be",
    "tw_id_card": "its check digit",
    "us_ssn": "no group that is never given",
}
_CHINESE: Final = {
    "account_number": "不是手机号、身份证号或时间",
    "account_password": "含字母、数字和符号；不是地址或技术词",
    "argument_password": "不是端口、文件或变量",
    "asked_password": "含字母和数字；不是技术词，也不是人人皆知的密码",
    "bank_card": "13 至 19 位，校验位正确",
    "bare_host": "是网址，不是文件路径",
    "base58_checked": "校验位正确",
    "bracketed_password": "含字母和数字；不是长度、编号或技术词",
    "chosen_password": "含符号和数字，或含大小写字母和数字；不是章节、房间或版本",
    "cn_credit_code": "校验码正确",
    "cn_id_card": "地区、出生日期和校验码正确",
    "cn_id_card_15": "地区和出生日期正确",
    "cn_organization_code": "校验码正确",
    "cn_taxpayer_number": "校验码正确",
    "cn_vehicle_plate": "序号中至少有三位数字",
    "code_sent": "含有数字，且不是带年份的优惠码",
    "coded_text": "解码后是词语或密钥",
    "day_of_birth": "是存在的日、月或年",
    "de_tax_id": "校验位正确",
    "document_number": "不是日期、时间或电话号码",
    "drawn": "明显是随机生成：大小写字母和数字交错",
    "employee_number": "不是年份或月份",
    "fr_social_security": "月份、省份和校验码正确",
    "framework_secret": "是随机生成的",
    "handle": "不是技术词，也不是从长词里截下的",
    "hk_id_card": "校验位正确",
    "iban": "校验位和该国的长度正确",
    "lettered_password": "不是变量、占位示例或手册用词",
    "lone_word": "不是手册用词，也不是形容密码的词",
    "luhn": "校验位正确",
    "mailbox": "是邮箱，不是代码库或文件名",
    "mixed_code": "四位以上数字；不是年份或日期",
    "mixed_key": "是随机生成的，含大小写字母和数字",
    "mixed_password": "含字母和数字，或六位数字且不是日期；不是技术词",
    "named_password": "含有数字；不是长度、代码里的名称或技术词",
    "names_a_paper": "后面写明了是什么文件",
    "numbered_handle": "字母加数字，不是技术词",
    "odd_mailbox": "是邮箱，不是提到某个账号",
    "opening_code": "含有数字，且不是数量或编号",
    "one_time_code": "含有数字",
    "pair_password": "含符号和数字，或含大小写字母和数字；不是技术词",
    "paired_password": "不是变量、占位示例或文档用词",
    "password_by_looks": "中间有符号，且含字母和数字；不是地址、运算符或技术词",
    "password_of_words": "四个词以上，且不是句子",
    "phone_in_words": "数字个数与电话号码相符",
    "phrase_password": "不含说明密码在哪里或是什么样的词",
    "public_host": "是公共后缀下的域名",
    "quoted_password": "不是变量或占位示例",
    "random_key": "是随机生成的",
    "real_credentials": "解码后是用户名和密码",
    "real_data": "解码后不是占位示例",
    "real_json_web_token": "不是手册里的示例",
    "real_key": "不是占位示例",
    "real_password": "不是变量、占位示例或普通文字",
    "real_private_key": "长度足以是私钥",
    "real_token": "不是变量、占位示例或词语",
    "security_answer": "不是形容答案的词",
    "seed_phrase": "词数与助记词相符，且不是句子",
    "several_passports": "每个都符合护照号的写法",
    "several_passwords": "每个都含字母和数字；不是技术词",
    "several_strange": "每个都含字母和数字，且其中有一个明显是密码",
    "short_key": "字母和数字交错",
    "signed_password": "含字母、数字和符号；不是技术词",
    "some_figures": "至少六位，其中至少两位数字",
    "spelt_mailbox": "指向可能存在的主机",
    "spoken_password": "含字母和数字；不是编号、地址或技术词",
    "strange_password": "含符号和数字，或含大小写字母和数字；不是地址或技术词",
    "told_password": "不是变量、占位示例、普通文字或算法名",
    "tw_id_card": "校验位正确",
    "typed_password": "含字母和数字；不是算法、版本、文件或占位示例",
    "undigested_key": "是随机生成的，且不是十六进制摘要",
    "unquoted_password": "不是变量、占位示例或代码里的名称",
    "us_ssn": "各段都是会发放的号段",
}
CHECKS: Final = {name: Text(asks, _CHINESE[name]) for name, asks in _ENGLISH.items()}
"""What a check asks of a value; behind the check's own name, which an administrator looks for in the rules."""
