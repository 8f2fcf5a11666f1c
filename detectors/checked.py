"""What each check of a rule asks of a value, in words for people: one row, both languages.

The names are those of `patterns.CHECKS`. The page of secrets tells the English; `scan --explain` and `policy explain`
tell either.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Asked(NamedTuple):
    """What a check asks, without which a value is not found."""

    en: str
    zh: str


CHECKED: Final[Mapping[str, Asked]] = {
    "account_number": Asked("no mobile number, no identity number, no moment", "不是手机号、身份证号或时间"),
    "account_password": Asked(
        "letters, figures and a sign; no address, nothing technical", "含字母、数字和符号；不是地址或技术词"
    ),
    "argument_password": Asked("no port, no file, no variable", "不是端口、文件或变量"),
    "asked_password": Asked(
        "letters and figures; nothing technical, and not one that everybody knows",
        "含字母和数字；不是技术词，也不是人人皆知的密码",
    ),
    "bank_card": Asked("13 to 19 digits with a check digit that is right", "13 至 19 位，校验位正确"),
    "bare_host": Asked("an address, no path of files", "是网址，不是文件路径"),
    "base58_checked": Asked("its check digits", "校验位正确"),
    "bracketed_password": Asked(
        "letters and figures; no length, no number of something, nothing technical",
        "含字母和数字；不是长度、编号或技术词",
    ),
    "chosen_password": Asked(
        "signs and figures, or capitals, small letters and figures; no place in a text, no version",
        "含符号和数字，或含大小写字母和数字；不是章节、房间或版本",
    ),
    "cn_credit_code": Asked("its check character", "校验码正确"),
    "cn_id_card": Asked("region, day of birth and check character", "地区、出生日期和校验码正确"),
    "cn_id_card_15": Asked("region and day of birth", "地区和出生日期正确"),
    "cn_organization_code": Asked("its check character", "校验码正确"),
    "cn_taxpayer_number": Asked("its check character", "校验码正确"),
    "cn_vehicle_plate": Asked("three digits at least in the serial", "序号中至少有三位数字"),
    "code_sent": Asked("has a digit, and is no voucher's word with a year", "含有数字，且不是带年份的优惠码"),
    "coded_text": Asked("words or keys when decoded", "解码后是词语或密钥"),
    "day_of_birth": Asked("a day, a month or a year that there is", "是存在的日、月或年"),
    "de_tax_id": Asked("its check digit", "校验位正确"),
    "document_number": Asked("no date, no time, no telephone number", "不是日期、时间或电话号码"),
    "drawn": Asked(
        "drawn at random beyond doubt: capitals, small letters and digits go to and fro",
        "明显是随机生成：大小写字母和数字交错",
    ),
    "employee_number": Asked("no month, no year", "不是年份或月份"),
    "fr_social_security": Asked("month, department and key", "月份、省份和校验码正确"),
    "framework_secret": Asked("drawn at random", "是随机生成的"),
    "handle": Asked("no word of the trade, nothing cut off a longer one", "不是技术词，也不是从长词里截下的"),
    "hk_id_card": Asked("its check digit", "校验位正确"),
    "iban": Asked("its check digits and its country's length", "校验位和该国的长度正确"),
    "lettered_password": Asked("no variable, no stand-in, no word of manuals", "不是变量、占位示例或手册用词"),
    "lone_word": Asked("no word of manuals, and none that says how a password is", "不是手册用词，也不是形容密码的词"),
    "luhn": Asked("its check digit", "校验位正确"),
    "mailbox": Asked("a mailbox, no repository and no file", "是邮箱，不是代码库或文件名"),
    "mixed_code": Asked("four figures or more; no year, no day", "四位以上数字；不是年份或日期"),
    "mixed_key": Asked("drawn at random, with capitals, small letters and digits", "是随机生成的，含大小写字母和数字"),
    "mixed_password": Asked(
        "letters and figures, or six figures that are no day; nothing technical",
        "含字母和数字，或六位数字且不是日期；不是技术词",
    ),
    "named_password": Asked(
        "figures in it; no length, no name in code, nothing technical", "含有数字；不是长度、代码里的名称或技术词"
    ),
    "names_a_paper": Asked("a paper is named behind it", "后面写明了是什么文件"),
    "numbered_handle": Asked("letters with figures, nothing technical", "字母加数字，不是技术词"),
    "odd_mailbox": Asked("a mailbox, no mention of an account", "是邮箱，不是提到某个账号"),
    "one_time_code": Asked("has a digit", "含有数字"),
    "opening_code": Asked("has a digit, and counts nothing", "含有数字，且不是数量或编号"),
    "pair_password": Asked(
        "signs and figures, or capitals, small letters and figures; nothing technical",
        "含符号和数字，或含大小写字母和数字；不是技术词",
    ),
    "paired_password": Asked("no variable, no stand-in, no word of documentation", "不是变量、占位示例或文档用词"),
    "password_by_looks": Asked(
        "letters, figures and a sign inside; no address, no operator, nothing technical",
        "中间有符号，且含字母和数字；不是地址、运算符或技术词",
    ),
    "password_of_words": Asked("four words or more, no sentence", "四个词以上，且不是句子"),
    "phone_in_words": Asked("as many figures as a telephone number has", "数字个数与电话号码相符"),
    "phrase_password": Asked("no word that says where or how the password is", "不含说明密码在哪里或是什么样的词"),
    "public_host": Asked("a name below a public suffix", "是公共后缀下的域名"),
    "quoted_password": Asked("no variable, no stand-in", "不是变量或占位示例"),
    "random_key": Asked("drawn at random", "是随机生成的"),
    "real_credentials": Asked("a name and a password when decoded", "解码后是用户名和密码"),
    "real_data": Asked("no stand-in when decoded", "解码后不是占位示例"),
    "real_json_web_token": Asked("not the sample of the manuals", "不是手册里的示例"),
    "real_key": Asked("no stand-in", "不是占位示例"),
    "real_password": Asked("no variable, no stand-in, no prose", "不是变量、占位示例或普通文字"),
    "real_private_key": Asked("a key's length at least", "长度足以是私钥"),
    "real_token": Asked("no variable, no stand-in, no words", "不是变量、占位示例或词语"),
    "security_answer": Asked("no word about an answer", "不是形容答案的词"),
    "seed_phrase": Asked("as many words as a phrase has, no sentence", "词数与助记词相符，且不是句子"),
    "several_passports": Asked("each has a passport's form", "每个都符合护照号的写法"),
    "several_passwords": Asked("letters and figures in each; nothing technical", "每个都含字母和数字；不是技术词"),
    "several_strange": Asked(
        "letters and figures in each, and one that looks like nothing else",
        "每个都含字母和数字，且其中有一个明显是密码",
    ),
    "short_key": Asked("letters and figures that go to and fro", "字母和数字交错"),
    "signed_password": Asked("letters, figures and a sign; nothing technical", "含字母、数字和符号；不是技术词"),
    "some_figures": Asked("six signs, two figures at least", "至少六位，其中至少两位数字"),
    "spelt_mailbox": Asked("leads to a host that can be", "指向可能存在的主机"),
    "spoken_password": Asked(
        "letters and figures; no number of something, no address, nothing technical",
        "含字母和数字；不是编号、地址或技术词",
    ),
    "strange_password": Asked(
        "signs and figures, or capitals, small letters and figures; no address, nothing technical",
        "含符号和数字，或含大小写字母和数字；不是地址或技术词",
    ),
    "told_password": Asked("no variable, no stand-in, no prose, no algorithm", "不是变量、占位示例、普通文字或算法名"),
    "tw_id_card": Asked("its check digit", "校验位正确"),
    "typed_password": Asked(
        "letters and figures; no algorithm, version, file or stand-in", "含字母和数字；不是算法、版本、文件或占位示例"
    ),
    "undigested_key": Asked("drawn at random, and no digest in hexadecimal", "是随机生成的，且不是十六进制摘要"),
    "unquoted_password": Asked("no variable, no stand-in, no name in code", "不是变量、占位示例或代码里的名称"),
    "us_ssn": Asked("no group that is never given", "各段都是会发放的号段"),
}
