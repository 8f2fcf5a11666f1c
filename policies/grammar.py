"""The shape of a policy file, with a sentence for people at each of its places; data only.

The loader decides what is right. A test holds this page to the keys and words that the loader knows, both ways, so that
neither the formatter nor an editor's completion can speak another language than the proxy.
"""

from typing import Final

from detectors.entities import ENTITIES
from policies import oblige
from policies.classify import VARIANTS
from policies.decision import Gate, Mode, Period, RecordDetail, Route, Text, Treatment, Unit, Verdict
from policies.define import CATEGORIES, DAYS, TAGS
from policies.enact import ACCOUNTS, ACTIVITIES, PURPOSES
from policies.head import OTHERWISE
from policies.measure import CHARACTERS, SHARED
from policies.model import Trouble
from policies.read import FLAGS
from policies.shapes import Either, Key, Keys, Line, ListOf, Name, Named, Number, Some, Word
from policies.suite import OUTCOMES

FLAG: Final = Word(tuple(FLAGS))
FREE: Final = Line()
TIME: Final = Line(r"^([01][0-9]|2[0-4]):[0-5][0-9]$", "09:00")
DATE: Final = Line(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "2026-12-01")
DATES: Final = Some(Line(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?$", "2026-10-01..2026-10-07"))
SPAN: Final = Line(r"^[1-9][0-9]{0,3}\s*\S+$", "30 days")
ID: Final = Line(r"^[a-z0-9-]{1,80}$", "no-uploads")
ENTITY: Final = tuple(ENTITIES)
ENTITY_WORDS: Final = "entity"
"""What the schema calls them."""
HOW_MUCH: Final = Number(1, 10**9)
ZH: Final = Key(FREE, Text("In Chinese.", "中文。"))
EN: Final = Key(FREE, Text("In English.", "英文。"))
SPOKEN: Final = Either((FREE, Keys(Text("A text in two languages", "双语文字"), {"zh": ZH, "en": EN})))

WINDOW: Final = Keys(
    Text("A window of hours", "时段"),
    {
        "days": Key(Some(Word(DAYS)), Text("Days of the week on which it opens.", "在星期几开放。"), True),
        "from": Key(TIME, Text('When it opens, in quotes: "09:00".', '开始时间，加引号："09:00"。'), True),
        "to": Key(
            TIME, Text('When it ends: "18:00"; "24:00" is midnight.', '结束时间："18:00"；"24:00" 即午夜。'), True
        ),
        "holidays": Key(Some(Name()), Text("A calendar that comes with Sluice: cn-2026.", "随附的节假日：cn-2026。")),
        "off": Key(DATES, Text("Dates on which nobody works.", "放假的日期。")),
        "work": Key(DATES, Text("Dates that are worked to make up for others.", "调休上班的日期。")),
    },
)
SET: Final = Keys(
    Text("A set of services; all that is given must fit", "服务集合；写出的条件须同时符合"),
    {
        "ids": Key(
            Some(Name()),
            Text("Ids of the catalogue: openai-chatgpt.", "目录中的服务编号：openai-chatgpt。"),
        ),
        "category": Key(Some(Word(CATEGORIES)), Text("Main use.", "主要用途。")),
        "country": Key(Some(Name()), Text("Two capital letters: CN.", "两个大写字母：CN。")),
        "tags": Key(
            Some(Word(tuple(sorted(TAGS)), "tag")),
            Text("Tags of the catalogue, or unlisted.", "目录的标签，或“未收录”。"),
        ),
    },
)
CLASS: Final = Keys(
    Text("A data class: what must be protected", "数据类：需要保护的内容"),
    {
        "entities": Key(
            Some(Word(ENTITY, ENTITY_WORDS)),
            Text(
                "What Sluice recognises by itself, and what your own rules and models do.",
                "程序自带的识别项，以及公司自己的规则和模型能识别的。",
            ),
        ),
        "terms": Key(
            ListOf(Either((Name(), Named(Some(Name()))))),
            Text(
                "Words of the company's own; a word may have aliases: “Falcon: [PF-1, the bird]”.",
                "公司自己的词；一个词可以带别名：“猎鹰项目: [PF-1, Falcon]”。",
            ),
        ),
        "terms_file": Key(
            FREE,
            Text(
                "A file beside the policy, one word a line, aliases after tabs.",
                "政策旁边的文件，一行一个词，别名用制表符隔开。",
            ),
        ),
        "variants": Key(
            Some(Word(VARIANTS)),
            Text("Other ways of writing the terms that count as well.", "词条的哪些其他写法也算。"),
        ),
        "index": Key(
            Some(Name()),
            Text("Rows or documents that `sluice index` has registered.", "用 `sluice index` 登记的数据行或文档。"),
        ),
        "labels": Key(
            Some(Name()),
            Text("Markings of texts and office files: Confidential.", "文本和办公文件上的密级标记：机密。"),
        ),
        "minimum_score": Key(
            Line("", "0.6"),
            Text(
                "From 0 to 1: what is found with less certainty does not count for this class.",
                "0 到 1：把握低于此值的发现，对本数据类不算。",
            ),
        ),
        "placeholder": Key(
            Line(r"^[A-Z][A-Z0-9_]{0,39}$", "CUSTOMER"),
            Text("What stands for the company's own when it is taken out.", "隐去公司自己的词和数据时用的代号。"),
        ),
    },
)
SHOW: Final = Keys(
    Text("How a notice is shown", "提示的显示方式"),
    {
        "once_per": Key(
            Either((Word(oblige.OFTEN), SPAN)), Text("How long until it is shown again.", "多久之后再次显示。")
        ),
        "acknowledge": Key(FLAG, Text("Whether it must be confirmed first.", "是否须先确认。")),
        "with": Key(
            Word(oblige.MOMENTS), Text("With the answer, or before the request.", "随回答显示，或在提问前显示。")
        ),
    },
)
NOTICE: Final = Either(
    (
        FREE,
        Keys(
            Text("A notice to people", "给员工的提示"),
            {"zh": ZH, "en": EN, "show": Key(SHOW, Text("When, and how often.", "何时显示、多久一次。"))},
        ),
    )
)
QUOTA: Final = Keys(
    Text("A quota", "配额"),
    {
        **{
            unit.value: Key(HOW_MUCH, Text(f"The most {unit.value} of the period.", f"周期内最多的{zh}数。"))
            for unit, zh in zip(Unit, ("请求", "字符", "词元", "不同值"), strict=True)
        },
        "per": Key(Word(tuple(map(str, Period))), Text("The period, on the calendar.", "周期，按日历计。"), True),
        "of": Key(Word(SHARED), Text("Who shares it; each person if not said.", "由谁共用；不写则每人各计。")),
    },
)
AMOUNT: Final = Keys(
    Text("How much a text holds", "文本含有的数量"),
    {
        "more_than": Key(
            Named(Number(0, 10**9), (CHARACTERS, *ENTITY)),
            Text("More than so many different values, or characters.", "不同值的个数，或字符数，超过此数。"),
            True,
        )
    },
)
WHEN: Final = Keys(
    Text("Conditions; all must hold", "条件；须同时成立"),
    {
        "service": Key(
            Some(Name(("any",))), Text("Services or sets of them; any for all.", "服务或服务集合；任何表示全部。")
        ),
        "tag": Key(
            Some(Word(tuple(sorted(TAGS)), "tag")), Text("The service has any of these tags.", "服务带有其中任一标签。")
        ),
        "group": Key(Some(Name()), Text("People of any of these groups.", "属于其中任一用户组的人。")),
        "person": Key(Some(Name()), Text("User names.", "用户名。")),
        "hours": Key(Some(Name()), Text("Inside any of these windows.", "在其中任一时段之内。")),
        "outside_hours": Key(Some(Name()), Text("Outside all of these windows.", "在所有这些时段之外。")),
        "activity": Key(Some(Word(ACTIVITIES)), Text("What is done with the service.", "对服务做什么。")),
        "data": Key(Some(Name()), Text("The text holds any of these classes.", "文本含有其中任一数据类。")),
        "amount": Key(AMOUNT, Text("How much the text holds.", "文本含有多少。")),
        "network": Key(Some(Name()), Text("Address ranges: 10.0.0.0/8.", "网段：10.0.0.0/8。")),
        "account": Key(Some(Word(ACCOUNTS)), Text("Whose account of the service it is.", "所用账号属于谁。")),
        "purpose": Key(
            Some(Word(PURPOSES)), Text("What it is for; unknown counts as business.", "用途；未知按工作处理。")
        ),
    },
)
ASK: Final = Keys(
    Text("How to ask for a grant", "如何申请授权"),
    {
        "zh": ZH,
        "en": EN,
        "approvers": Key(Some(Name()), Text("Who may approve.", "谁可以审批。")),
        "four_eyes": Key(FLAG, Text("Whether two must approve.", "是否须两人审批。")),
        "longest": Key(SPAN, Text("How long a grant may last.", "授权最长多久。")),
        "answer_within": Key(SPAN, Text("When an answer is due.", "多久之内答复。")),
        "break_glass": Key(
            FLAG, Text("Whether people may help themselves in an emergency.", "紧急时是否可先自行授权、事后复核。")
        ),
    },
)
STAGE: Final = Keys(
    Text("For whom the rule is in force already", "规则先对谁生效"),
    {
        "groups": Key(Some(Name()), Text("These groups.", "这些用户组。")),
        "percent": Key(Number(1, 100), Text("So many people in a hundred.", "百分之多少的人。")),
    },
)
TROUBLE: Final = Word(tuple(map(str, Trouble)))
ROUTE: Final = Word((Route.EXTERNAL.value, Route.INTERNAL.value))
RULE: Final = Keys(
    Text("A rule", "规则"),
    {
        "id": Key(
            ID, Text("A stable name in ASCII, for records and tests.", "固定的英文编号，供记录和测试使用。"), True
        ),
        "name": Key(SPOKEN, Text("Its name for people.", "给人看的名称。")),
        "verdict": Key(
            Word(tuple(map(str, Verdict))),
            Text("forbidden; authorized: with a grant; or allowed.", "禁止；需授权：有授权才可；或允许。"),
            True,
        ),
        "when": Key(WHEN, Text("When it applies; always if not said.", "何时适用；不写则总是适用。")),
        "except": Key(
            Some(Name()),
            Text(
                "Rules whose grant takes the place of this one, which forbids or sends to the internal model.",
                "有这些规则的授权时，本规则（禁止，或转到内部模型）不再适用。",
            ),
        ),
        "route": Key(ROUTE, Text("The service, or the company's own model.", "外部服务，或公司内部模型。")),
        "send_to": Key(ROUTE, Text("The same as route.", "与“去向”相同。")),
        "model": Key(
            Name(),
            Text(
                "Which of the company's models, by its name in the settings.", "公司的哪一个内部模型，用设置里的名称。"
            ),
        ),
        "redact": Key(
            Either((Some(Name()), Named(Word(tuple(map(str, Treatment)))))),
            Text("Classes taken out before anything is sent, and how.", "发送之前隐去的数据类及其方式。"),
        ),
        "withhold": Key(FLAG, Text("Whether the whole message is held back.", "是否扣留整条内容。")),
        "gate": Key(Word(tuple(map(str, oblige.GATES))), Text("What the person must do first.", "员工须先做什么。")),
        "remind": Key(Some(Name()), Text("Notices to show.", "要显示的提示。")),
        "label": Key(SPOKEN, Text("What is added to the answer.", "加在回答上的标注。")),
        "quota": Key(
            Either((Name(), ListOf(Either((Name(), QUOTA))), QUOTA)), Text("Quotas it draws on.", "所占用的配额。")
        ),
        "record": Key(Word(tuple(map(str, RecordDetail))), Text("How much the audit keeps.", "审计记录的详细程度。")),
        "mode": Key(Word(tuple(map(str, Mode))), Text("How far it is in force.", "生效的程度。")),
        "stage": Key(STAGE, Text("For whom it is in force already.", "先对谁生效。")),
        "unreadable": Key(TROUBLE, Text("What cannot be read: refuse or pass.", "无法读取的内容：拒绝或放行。")),
        "on_error": Key(TROUBLE, Text("When checking itself fails: refuse or pass.", "检查出错时：拒绝或放行。")),
        "reason": Key(SPOKEN, Text("Why, for the person.", "给员工的理由。")),
        "instead": Key(SPOKEN, Text("What to do instead.", "员工可以改做什么。")),
        "ask": Key(Either((FREE, ASK)), Text("How to ask for a grant.", "如何申请授权。")),
    },
)
SIGN_TITLE: Final = Text("Conditions of a sign; all must hold", "一条依据的条件；须同时成立")
SIGNS: Final = Either(
    (
        Keys(SIGN_TITLE, {name: key for name, key in WHEN.keys.items() if name != "purpose"}),
        ListOf(Keys(SIGN_TITLE, {name: key for name, key in WHEN.keys.items() if name != "purpose"})),
    )
)
FOUND: Final = Either((Name(ENTITY), ListOf(Name(ENTITY)), Named(HOW_MUCH, ENTITY)))
EXPECT: Final = Keys(
    Text("What must come of it", "应有的结果"),
    {
        "verdict": Key(Word(tuple(map(str, Verdict))), Text("The verdict.", "裁决。")),
        "route": Key(Word(tuple(map(str, Route))), Text("Where it goes.", "去向。")),
        "found": Key(
            FOUND,
            Text(
                "What the detectors find in the text, and nothing else; with a number, so many different values.",
                "检测器在文本中检出的内容，不多不少；写数字则为不同值的个数。",
            ),
        ),
        "redact": Key(
            Either((Name(ENTITY), ListOf(Name(ENTITY)))),
            Text("What is taken out, and nothing else.", "隐去的内容，不多不少。"),
        ),
        "gate": Key(Word(tuple(map(str, Gate))), Text("What the person must do first.", "员工须先做什么。")),
        "record": Key(Word(tuple(map(str, RecordDetail))), Text("How much is kept.", "记录的详细程度。")),
        "notices": Key(
            Either((Name(), ListOf(Name()))), Text("The notices shown, and no others.", "显示的提示，不多不少。")
        ),
        "withhold": Key(Word(("yes", "no")), Text("Whether it is held back.", "是否扣留。")),
    },
)
CASE: Final = Keys(
    Text("A test", "测试"),
    {
        "name": Key(FREE, Text("What it shows.", "说明什么。"), True),
        "as": Key(FREE, Text("User name; nobody known if not said.", "用户名；不写则身份不明。")),
        "group": Key(Some(Name()), Text("Groups of the person.", "所属的用户组。")),
        "at": Key(Line("", "2026-12-02 10:00"), Text("When, in the policy's time zone.", "时间，按政策的时区。")),
        "service": Key(Name(("unlisted",)), Text("Id or name of the service.", "服务的编号或名称。")),
        "activity": Key(Word(ACTIVITIES), Text("What is done; a prompt if not said.", "做什么；不写则为提问。")),
        "account": Key(Word(ACCOUNTS), Text("Whose account it is.", "所用账号属于谁。")),
        "purpose": Key(Word(PURPOSES), Text("What it is for.", "用途。")),
        "address": Key(FREE, Text("The client's address.", "客户端地址。")),
        "says": Key(FREE, Text("The text; the real detectors look through it.", "文本；由真正的检测器检查。")),
        "file": Key(FREE, Text("Or a file beside the tests.", "或测试旁边的文件。")),
        "finds": Key(FOUND, Text("Or what is taken to be found.", "或假定发现的内容。")),
        "grant": Key(Some(Name()), Text("Rules for which the person has a grant.", "已获授权的规则。")),
        "acknowledged": Key(Some(Name()), Text("Notices and rules already confirmed.", "已确认的提示和规则。")),
        "expect": Key(Either((Word(OUTCOMES), EXPECT)), Text("What must come of it.", "应有的结果。"), True),
        "because": Key(Name(("otherwise",)), Text("The rule that must decide.", "应当由哪条规则决定。")),
    },
)
TESTS: Final = Key(ListOf(CASE), Text("Tests of this policy.", "本政策的测试。"))
SUITE: Final = Keys(
    Text("Tests of a policy", "政策的测试"),
    {"policy": Key(FREE, Text("Which policy.", "哪一份政策。")), "tests": TESTS},
)
POLICY: Final = Keys(
    Text("A usage policy for generative AI", "生成式人工智能使用政策"),
    {
        "policy": Key(FREE, Text("Its name.", "政策名称。"), True),
        "version": Key(Number(1, 999_999_999), Text("One higher for each change.", "每次修改加一。"), True),
        "owner": Key(FREE, Text("Whom people turn to.", "员工有疑问时找谁。")),
        "approved_by": Key(Some(Name()), Text("Who approved it.", "由谁批准。")),
        "effective": Key(DATE, Text("The first day on which it holds.", "从哪一天起生效。")),
        "review": Key(
            Keys(
                Text("The review of the policy", "政策的复审"),
                {
                    "every": Key(SPAN, Text("How often: 6 months.", "多久一次：6个月。"), True),
                    "last": Key(DATE, Text("When it was last done.", "上次复审的日期。")),
                },
            ),
            Text("When it is looked at again.", "何时复审。"),
        ),
        "record": Key(Word(tuple(map(str, RecordDetail))), Text("The least that is kept.", "至少记录多少。")),
        "time_zone": Key(Line("", "Asia/Shanghai"), Text("The clock that hours are meant by.", "时段按哪个时区。")),
        "otherwise": Key(
            Word(tuple(OTHERWISE)), Text("What happens where no rule applies.", "没有规则适用时怎么办。"), True
        ),
        "hours": Key(Named(WINDOW), Text("Windows of hours, by name.", "各个时段。")),
        "groups": Key(
            Named(ListOf(Name())), Text("People by group; [] if the directory knows.", "各用户组的人；[] 由目录提供。")
        ),
        "services": Key(Named(SET), Text("Sets of services, by name.", "各个服务集合。")),
        "data_classes": Key(Named(CLASS), Text("What must be protected, by name.", "需要保护的内容。")),
        "notices": Key(Named(NOTICE), Text("What people are told, by name.", "给员工的提示。")),
        "quotas": Key(Named(QUOTA), Text("How much may go out, by name.", "用量的上限。")),
        "purpose": Key(
            Keys(
                Text("Purposes and their signs", "用途及其判断依据"),
                {
                    "business": Key(SIGNS, Text("Any of these tells business use.", "符合任一条即为工作用途。")),
                    "personal": Key(
                        SIGNS,
                        Text(
                            "Any of these tells personal use, where nothing tells business and nothing was declared.",
                            "没有工作用途的依据、本人也未声明时，符合任一条即为个人用途。",
                        ),
                    ),
                },
            ),
            Text("What tells business use from personal use.", "如何区分工作用途和个人用途。"),
        ),
        "rules": Key(
            ListOf(RULE), Text("All that match count; their order means nothing.", "匹配的全部生效，次序无关。"), True
        ),
        "tests": TESTS,
    },
)
