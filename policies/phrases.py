"""What the loader and the checker say of calendars, amounts, effects and folders, in English and Chinese; data only.

It continues `policies.messages`, in the same manner: what is wrong first, what to write instead at the end.
"""

from typing import Final

from policies.decision import Text

# numbers and dates
BAD_NUMBER: Final = Text("“{word}” is not a number that {what} can be.", "“{word}”不能作为{what}。")
BAD_DATE: Final = Text("“{word}” is not a date.", "“{word}”不是日期。")
BAD_SPAN: Final = Text("“{word}” is not a span of time.", "“{word}”不是一段时间。")
NO_HOLIDAYS: Final = Text("There are no holidays called “{word}”.", "没有名为“{word}”的节假日数据。")
OFF_AND_WORKED: Final = Text("{word} is a day off and a working day at once.", "{word} 同时写成了放假和上班。")

# conditions
EMPTY_AMOUNT: Final = Text("No amount is given.", "没有写出数量。")
AMOUNT_TWICE: Final = Text("“{word}” is counted twice here.", "“{word}”在这里计了两次。")
UNKNOWN_TAG: Final = Text("“{word}” is not a tag of the catalogue.", "“{word}”不是目录的标签。")

# effects
TWO_ROUTES: Final = Text("“‹send_to›” and “‹route›” say the same thing.", "“‹send_to›”和“‹route›”是同一件事。")
MODEL: Final = Text("model", "模型")
MODEL_OUTSIDE: Final = Text(
    "“‹model›” names one of the company's own, and this rule sends nothing there.",
    "“‹model›”是公司内部模型的名称，而这条规则不转到内部模型。",
)
SEND_INSIDE: Final = Text("Add “‹route: internal›”, or remove it.", "请加上“‹route: internal›”，或删去它。")
EXCEPT_NOT_FORBIDDEN: Final = Text(
    "“‹except›” belongs to rules that forbid, or that send to the internal model.",
    "“‹except›”只用于禁止的规则，或转到内部模型的规则。",
)
EXCEPT_NOT_AUTHORIZED: Final = Text(
    "The rule “{word}” is not “‹authorized›”, so no grant can open it.",
    "规则“{word}”的裁决不是“‹authorized›”，没有授权可以打开它。",
)
WITHHELD_AUTHORIZED: Final = Text(
    "What is withheld never goes, so a grant for this rule would open nothing.",
    "扣留的内容不会发出，因此这条规则的授权不起作用。",
)
WITHHELD_ROUTE: Final = Text(
    "What is withheld goes nowhere, so “{word}” means nothing.", "扣留的内容不会发出，所以“{word}”没有意义。"
)
CONFIRMED_TOO_LATE: Final = Text(
    "What comes with the answer cannot be confirmed before it.", "随回答显示的提示，不可能在发送之前确认。"
)
NOT_BEFORE: Final = Text(
    "Only a notice that must be confirmed comes before the request.", "只有须先确认的提示，才会在提问之前显示。"
)
ACKNOWLEDGE_IT: Final = Text("Write “‹acknowledge: yes›”, or remove it.", "请写“‹acknowledge: yes›”，或删去。")
LONGER_THAN_ANY: Final = Text("A grant lasts 366 days at most.", "授权最长 366 天。")
ALWAYS_ACKNOWLEDGED: Final = Text(
    "A notice that is shown always and must be acknowledged would never let anything go.",
    "总是显示又必须确认的提示，会让任何内容都发不出去。",
)
NO_QUOTA: Final = Text("A quota limits nothing.", "配额没有规定任何上限。")
QUOTA_ZONE: Final = Text(
    "A quota is counted by the calendar, but “‹time_zone›” is missing.", "配额按日历计算，但缺少“‹time_zone›”。"
)
ONLY_IN_BASE: Final = Text(
    "“{word}” holds for the whole company, so it stands in the file that has “‹policy›”.",
    "“{word}”对全公司有效，只能写在含有“‹policy›”的文件里。",
)
EFFECTIVE_ZONE: Final = Text(
    "A day begins by the clock of a time zone, but “‹time_zone›” is missing.",
    "日期以时区的零点为准，但缺少“‹time_zone›”。",
)
EMPTY_STAGE: Final = Text("A stage names neither groups nor a percentage.", "分批既没有写用户组，也没有写百分比。")
OBSERVED_STAGE: Final = Text(
    "A rule that is only observed has no stage: it is in force for nobody.",
    "只观察的规则不需要分批：它对任何人都不生效。",
)

# folders
IN_TWO_FILES: Final = Text(
    "“{word}” is also written in {file}, line {line}.", "“{word}”在 {file} 第 {line} 行已经写过。"
)
ID_IN_TWO_FILES: Final = Text(
    "The rule “{word}” is also in {file}, line {line}.", "规则“{word}”在 {file} 第 {line} 行已经有了。"
)
EMPTY_FOLDER: Final = Text("The folder holds no policy file.", "文件夹里没有政策文件。")
TOO_MANY_FILES: Final = Text("The folder holds more than {most} policy files.", "文件夹里的政策文件超过 {most} 个。")

# warnings
RECORDS_NO_MORE: Final = Text(
    "The rule “{word}” asks for no more to be recorded than is recorded of everything.",
    "规则“{word}”要求的记录并不比普通记录更详细。",
)
REMINDS_ONLY: Final = Text(
    "The rule “{word}” only reminds, so it permits nothing.", "规则“{word}”只是提醒，因此不放行任何内容。"
)

# hints
WRITE_NUMBER: Final = Text("Write a whole number from {least} to {most}.", "请填写 {least} 到 {most} 的整数。")
WRITE_DATE: Final = Text(
    "Write a date such as 2026-10-01, or 2026-10-01..2026-10-07 for a range.",
    "请填写如 2026-10-01 的日期，连续几天写成 2026-10-01..2026-10-07。",
)
WRITE_ONE_DATE: Final = Text("Write a date such as 2026-10-01.", "请填写如 2026-10-01 的日期。")
WRITE_SPAN: Final = Text(
    "Write a number and a unit, such as 12 hours, 30 days or 6 months.", "请填写数字和单位，例如 12小时、30天、6个月。"
)
WRITE_HOLIDAYS: Final = Text(
    "Write the name of a calendar that is shipped, such as cn-2026; list dates of your own under “‹off›” and “‹work›”.",
    "请填写随附的日历名称，例如 cn-2026；自己的日期写在“‹off›”和“‹work›”里。",
)
WRITE_TAG: Final = Text(
    "Write a category such as ‹chat›, a country such as CN, or “‹unlisted›”.",
    "请填写类别（如 ‹chat›）、国家（如 CN）或“‹unlisted›”。",
)
WRITE_AMOUNT: Final = Text(
    "Write what is counted and how much may be there: {‹CN_ID_CARD›: 3, ‹characters›: 5000}.",
    "请写出计算什么、最多多少：{‹CN_ID_CARD›: 3, ‹characters›: 5000}。",
)
NOTHING_COUNTED: Final = Text(
    "A quota of values counts what is found, and this rule looks for nothing.",
    "按不同值计的配额统计检出的内容，而本规则没有要查找的内容。",
)
WRITE_LOOK: Final = Text(
    "Say what to look for: `‹redact›`, or `‹data›` under `‹when›`.",
    "请写明要查找什么：`‹redact›`，或 `‹when›` 中的 `‹data›`。",
)
WRITE_QUOTA: Final = Text(
    "Write ‹requests›, ‹characters›, ‹tokens› or ‹values› with a number: {‹requests›: 100, ‹per: day›, ‹of: person›}.",
    "请写出 ‹requests›、‹characters›、‹tokens› 或 ‹values› 和数字：{‹requests›: 100, ‹per: day›, ‹of: person›}。",
)
WRITE_STAGE: Final = Text(
    "Write {‹groups›: […]}, {‹percent›: 20}, or both.", "请写 {‹groups›: […]}、{‹percent›: 20}，或两者都写。"
)
WRITE_INTERVAL: Final = Text(
    "Write ‹once_per: day›, ‹week›, ‹always›, or a span such as 30 days.",
    "请写 ‹once_per: day›、‹week›、‹always›，或一段时间，例如 30天。",
)
NAME_AUTHORIZED: Final = Text("Name a rule whose verdict is “‹authorized›”.", "请写裁决为“‹authorized›”的规则编号。")

# what things are called
HOLIDAYS: Final = Text("holidays", "节假日")
DATE: Final = Text("A date", "日期")
AMOUNT: Final = Text("an amount", "数量条件")
COUNTED: Final = Text("entity or data class", "实体或数据类")
QUANTITY: Final = Text("an amount", "数量")
TAG: Final = Text("tag", "标签")
ACCOUNT: Final = Text("kind of account", "账号类型")
PURPOSE: Final = Text("purpose", "用途")
SIGNS: Final = Text("the signs of a purpose", "用途的判断依据")
SIGN: Final = Text("a sign of a purpose", "一条判断依据")
EMPTY_SIGN: Final = Text("A sign without conditions would hold for everything.", "没有条件的判断依据会对一切成立。")
WRITE_SIGN: Final = Text(
    "Write at least one condition, as {‹hours›: office}.", "请至少写一个条件，如 {‹hours›: 工作时间}。"
)
TREATMENT: Final = Text("way to take data out", "处理方式")
NOTICE: Final = Text("notice", "提示")
A_NOTICE: Final = Text("a notice", "提示")
SHOWN: Final = Text("the showing of a notice", "提示的显示方式")
INTERVAL: Final = Text("interval", "间隔")
WITH: Final = Text("moment", "显示时机")
LABEL: Final = Text("a label", "标注")
QUOTA: Final = Text("quota", "配额")
A_QUOTA: Final = Text("a quota", "配额")
LIMIT: Final = Text("a limit", "上限")
PERIOD: Final = Text("period", "周期")
SHARED: Final = Text("way to share a quota", "配额归属")
RECORD: Final = Text("detail of the record", "记录详细程度")
GATE: Final = Text("gate", "关口")
MODE: Final = Text("mode", "模式")
STAGE: Final = Text("a stage", "分批")
PERCENT: Final = Text("a percentage", "百分比")
FLAG: Final = Text("answer to yes or no", "取值（是或否）")
AUTHORIZED_RULE: Final = Text("rule", "规则")
ASKING: Final = Text("the way to ask for a grant", "申请方式")
APPROVER: Final = Text("An approver", "审批人")
SPAN: Final = Text("A span of time", "时长")
REVIEW: Final = Text("the review of the policy", "政策复审")
