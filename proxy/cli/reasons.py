"""The reasons of a finding (`because`) in words for people, in English and Chinese.

Enters: a finding. Leaves: a sentence. Detectors say why by short names of their own (`check:real_key`, `cue:double`);
here each has its words. A name that has none, of a company's own rule say, stands as it is. No value is in any of them.
"""

from typing import Final

from detectors.checked import CHECKED
from detectors.interface import Finding
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
    told = WORDS[kind].in_language(language).format(called(kind, word) if language == "zh" else word)
    asks = CHECKED.get(word) if kind == "check" else None
    if asks is None:
        return told
    return f"{told}（{asks.zh}）" if language == "zh" else f"{told} ({asks.en})"


def called(kind: str, word: str) -> str:
    """Return the Chinese name of a way of ours to find something; what has none stands as it is."""
    if kind == "check" and word.startswith(PLAN):
        region = word.removeprefix(PLAN)
        return "各国编号规则" if region == WORLD else f"{region} 编号规则"
    return CHINESE.get(kind, {}).get(word, word)


PLAN: Final = "numbering plan "
WORLD: Final = "of the world"
CHINESE: Final = {
    "variant": {"pinyin": "拼音", "initials": "拼音首字母", "separated": "字间隔开", "plural": "复数"},
    "label": {
        "cue": "由“密级”一类的词引出",
        "marking": "按密级标识的写法",
        "brackets": "在括号里",
        "line": "独占一行",
        "heading": "在标题里",
    },
}
"""Ways of which there is a list, by the kind of their reason."""

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
    "cue:PIN": Text("ends in a PIN code of India, behind a door", "前面是门牌，以印度邮编结尾"),
    "cue:authority": Text("ends as an authority's name does", "结尾像机关单位的名称"),
    "cue:body": Text("goes on as a body's name does", "后面接着机构名称的结尾"),
    "cue:box": Text("is a post box or a mail drop", "是邮政信箱或军邮地址"),
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
    "cue:ward": Text("names a ward or a town of Japan", "写有日本的区或市町村"),
    "found in an earlier request": Text("was found in an earlier request", "在之前的请求中识别过"),
    "repeated": Text("is found elsewhere in the same request", "同一请求的别处已识别"),
    "rule:names": Text("was seen by the models for names", "由名称模型识别"),
    "form:country code": Text("has the form: a country code first", "符合写法：以国家代码开头"),
    "form:grouping": Text("has the form: grouped as telephone numbers are", "符合写法：按电话号码的习惯分段"),
    "model:hashed": Text("our model for Chinese sees it by the words around", "由自有的中文模型根据上下文识别"),
    "model:latin": Text("our model for Latin script sees it by the words around", "由自有的拉丁文字模型根据上下文识别"),
}
"""Reasons that are no words of the text, although they look like some."""
