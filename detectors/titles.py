"""Tells whether a confidentiality word at the start of a line marks a document, or is merely mentioned or defined.

Enters: a text, and the span of the word in it. Leaves: yes or no. Pure.
In `机密：并购计划` and `CONFIDENTIAL - merger plan` the word marks a document, for a title follows; in a
glossary, in settings and in a question it does not: `机密：指……`, `confidential: true`, `Confidential - meaning?`.
"""

import re
from collections.abc import Callable
from typing import Final

LONGEST: Final = 60
"""Characters of a title."""
LINE: Final = 200
"""Characters of a line that are looked at on either side of a word."""

APART: Final = re.compile(r"[ \t]*(?:(?P<sign>:|[-–—]{1,2}|[|·•/,;])[ \t]*|(?<=[\])）】》>〕」』])[ \t]*)")
"""The separator between a marking, or its brackets, and the title."""
AROUND: Final = " \t*#_=~.。!！\"'“”《》"
HAN: Final = re.compile("[㐀-鿿]")

EXPLAINS: Final = re.compile(
    r"[指是即否仅只最比凡你他她它谁请在]|为(?!期)|不(?![良动])|有(?!限)|无(?![形人])|我(?![方司]|们?公司)"
    r"|[高中低](?:级|等|$)|一[旦般种个部项词]|泄[露漏]|包[括含]|什么|如何|怎[么样]|为什么|用于|适用|表示"
    r"|意味|属于|分为|可以|应当|必须|需要|员工|公开|[0-9]+ ?(?:年|级|个月|天)"
)
"""Beginnings of a Chinese definition or of an ordinary sentence, as against a title."""
SAYS: Final = re.compile(
    r"(?i)\b(?:is|are|was|means?|meaning|that|which|who|must|would|should|does|do|don|refers?|may|might|can|cannot"
    r"|not|if|only|access|applies|yes|no|none|null|true|false|see|what|how|why|i|you|we|he|she|they|it|its|a|an|any"
    r"|all|some)\b"
)
"""Words of English sentences and of settings' values, which no short title has."""
CODE: Final = re.compile(r"[=<>{}`\\?？|;；]|[A-Za-z0-9_]\(|::")

PAPER: Final = re.compile(
    r"(?:计划|計畫|計劃|方案|合同|协议|協議|报告|報告|名单|名單"
    r"|名册|预算|預算|纪要|紀要|通知|决议|決議|决定|请示|批复"
    r"|意见|数据|數據|资料|資料|清单|清單|图纸|圖紙|代码|文件"
    r"|文档|草案|报价|報價|定价|战略|戰略|规划|規劃|标书|投标"
    r"|议案|提案|材料|汇报|总结|策略|路线图|财报|报表|報表|数字"
    r"|分析|评估|调查|备忘录|备忘|底价|薪酬|薪资|配方|台账|会议"
    r"|安排|部署|设计|项目|记录|紀錄|信函|意向|说明|建议|任务"
    r"|档案|并购|收购|重组|裁员"
    r")(?:书|表)?(?:[ _\-]?(?:初稿|终稿|草稿|草案|修订|定稿|[vV]?[0-9.]{1,4}(?:版|年度?|稿)?"
    r"|[(（\[【][^()（）【】]{1,12}[)）\]】]))*"
)
"""How the title of a Chinese document ends."""
PAPERS: Final = re.compile(
    r"(?i)\b(?:plans?|decks?|papers?|memos?|memorand(?:um|a)|reports?|minutes|roadmaps?|contracts?|agreements?"
    r"|budgets?|forecasts?|proposals?|strateg(?:y|ies)|presentations?|drafts?|lists?|pricing|prices|offers?"
    r"|term ?sheets?|results|figures|reviews?|analys[ei]s|designs?|specs?|specifications?|briefings?|letters?"
    r"|notes|records?|files?|numbers|documents?|source code|summar(?:y|ies)|assessments?|bids?|tenders?|mergers?"
    r"|acquisitions?|due diligence|terms|restructuring|layoffs?|salar(?:y|ies)|payroll|accounts?|contacts"
    r"|projects?|invoices?|patents?|filings?|valuations?)\b"
)

LEVEL: Final = (
    r"(?:绝密|絕密|机密|機密|秘密|内部|內部|公开|(?i:(?:top )?secret|confidential|restricted|internal|public))"
)
LISTED: Final = re.compile(rf"[ \t#>*\-|•·]{{0,8}}{LEVEL}[^\n:]{{0,12}}?[ \t]*[:|\-–—]")
"""How a line of a glossary of such words begins."""

STRONG: Final = re.compile(r"[【\[(]?(?!秘密|(?:SECRET|RESTRICTED|PROPRIETARY|TOP SECRET)\b)")
"""Words that mark a document within running text, too; the weaker ones are mostly ordinary words there."""
OURS: Final = re.compile(
    r"[ \t]*[:,，。!！—\-]{1,2}[ \t\n]*(?:以下|下面|附件|附上|这[是份些]|我们|我司|我公司|本公司|本司|公司"
    r"|(?:麻烦|请|帮)(?:帮?我|帮忙|你|您)?(?:把|将)?(?:翻译|总结|润色|整理|检查|审阅|修改|概括|分析|看|核对|改写|下面|以下|这)"
    r"|(?i:we|our|attached|below|here (?:is|are)|this is|the following"
    r"|(?:please|can you|could you) (?:translate|summari[sz]e|review|rewrite|proofread|polish|edit|check|shorten)"
    r")\b)"
)
"""Beginnings of sentences that tell what the company has, or hand a document over."""


def title_behind(text: str, end: int) -> str:
    """Return what follows the word on its line behind a separator, if it may be a title; else an empty string."""
    apart = APART.match(text, end)
    if apart is None or apart.end() == end:
        return ""
    stop = text.find("\n", end, end + LINE)
    title = text[apart.end() : end + LINE if stop < 0 else stop].strip(AROUND)
    setting = apart["sign"] == ":" and title.isascii() and " " not in title
    return "" if setting or explains(title) else title


def explains(title: str) -> bool:
    """Tell whether what follows the word defines it, or is a value, an answer or a question."""
    if not 1 < len(title) <= LONGEST or CODE.search(title) or "。" in title:
        return True
    return bool(EXPLAINS.match(title) if HAN.search(title) else SAYS.search(title))


def names_a_paper(text: str, start: int, end: int) -> bool:
    """Tell whether a document follows the word from `start` to `end`, and no other level stands beside it."""
    if listed(text, start, end):
        return False
    if handed_over(text, start, end):
        return True
    title = title_behind(text, end)
    if not title:
        return False
    if HAN.search(title):
        return any(found.end() == len(title) for found in PAPER.finditer(title))
    return " " in title and PAPERS.search(title) is not None


def handed_over(text: str, start: int, end: int) -> bool:
    """Tell whether the word marks a text that tells of the company's documents, or hands one over."""
    if not STRONG.match(text, start) or not (told := OURS.match(text, end)):
        return False
    rest = text[told.end() : told.end() + LINE]
    return (PAPER if HAN.search(rest) else PAPERS).search(rest) is not None


def listed(text: str, start: int, end: int) -> bool:
    """Tell whether a neighbouring line begins with a level of confidentiality, too, as in a glossary."""
    begin = text.rfind("\n", max(0, start - LINE), start) + 1
    before = text[max(0, begin - LINE) : max(0, begin - 1)].rpartition("\n")[2] if begin else ""
    stop = text.find("\n", end, end + LINE)
    return LISTED.match(before) is not None or (stop >= 0 and LISTED.match(text, stop + 1) is not None)


IN_PLACE: Final[dict[str, Callable[[str, int, int], bool]]] = {"names_a_paper": names_a_paper}
"""Checks that a rule may name under `check:` and that need the text around the value."""
