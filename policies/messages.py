"""What the loader and the checker say, in English and Chinese; data only.

Places in braces are filled by `problem.say`. Each sentence is for a person who has never programmed: what is wrong, in
words of the policy. What to write instead stands in the hints, at the end.
"""

from typing import Final

from policies.decision import Text

# the file as a whole
UNREADABLE_FILE: Final = Text("The file cannot be read: {why}.", "无法读取文件：{why}。")
NOT_UTF8: Final = Text("The file is not UTF-8 text.", "文件不是 UTF-8 编码的文本。")
TOO_LARGE: Final = Text("The file is larger than 1 MiB.", "文件超过 1 MiB。")
EMPTY_FILE: Final = Text("The policy is empty.", "政策文件是空的。")
SECOND_DOCUMENT: Final = Text(
    "A second document begins here; a policy is one document.", "这里开始了第二个文档；一份政策只能有一个文档。"
)

# characters
TAB: Final = Text("A tab stands here.", "这里有制表符（Tab）。")
WIDE_SPACE: Final = Text("A full-width space (U+3000) stands here.", "这里有全角空格（U+3000）。")
WIDE_SPACE_AFTER: Final = Text(
    "A full-width space (U+3000) follows the colon in “{word}”.", "“{word}”的冒号后面是全角空格（U+3000）。"
)
WIDE_COLON: Final = Text(
    "A full-width colon “：” stands in “{word}”; YAML does not read it as a colon.",
    "“{word}”里用了全角冒号“：”，YAML 不认作冒号。",
)
WIDE_QUOTES_IN_TERMS: Final = Text(
    "A term begins with a Chinese quotation mark or bracket, which would be part of the term.",
    "词条以中文引号或括号开头，它会被当成词条的一部分，这样就很难命中。",
)
WIDE_COMMA_IN_TERMS: Final = Text(
    "A full-width comma stands in a term, so that several terms read as one.",
    "词条里有全角逗号或顿号，几个词会被当成一个。",
)
WIDE_COMMA: Final = Text(
    "A full-width comma stands in “{word}”, so YAML reads it as one word.",
    "“{word}”里用了全角逗号或顿号，YAML 会把它当成一个词。",
)
WIDE_COMMA_BETWEEN: Final = Text(
    "A full-width comma stands between two entries; YAML does not read it as a comma.",
    "两项之间用了全角逗号或顿号，YAML 不认作逗号。",
)
NO_BRACKETS: Final = Text("“{word}” reads as one name, not as a list.", "“{word}”会被当成一个名称，而不是一组名称。")
USE_BRACKETS: Final = Text(
    'Write a list in brackets: [a, b]; if the comma belongs to the name, put the name in "quotes".',
    "一组名称请写成 [甲, 乙]；如果逗号是名称的一部分，请给整个名称加半角引号。",
)
WIDE_QUOTES: Final = Text(
    "{word} has Chinese quotation marks, which YAML does not read as quotes.",
    "{word} 用了中文引号，YAML 不认作引号。",
)
GLUED_COLON: Final = Text("There is no space after the colon in “{word}”.", "“{word}”的冒号后面没有空格。")
INVISIBLE: Final = Text("An invisible character ({code}) stands in “{word}”.", "“{word}”里有看不见的字符（{code}）。")
BAD_CHARACTER: Final = Text("The character {code} must not stand in a policy.", "政策文件里不能有字符 {code}。")
LOOK_ALIKE: Final = Text(
    "“{word}” has a letter of another alphabet ({code}) that looks like a Latin one.",
    "“{word}”里有一个形似拉丁字母的其他文字字母（{code}）。",
)

# YAML
BAD_YAML: Final = Text("This is not valid YAML here.", "此处不是有效的 YAML。")
BAD_INDENT: Final = Text("A colon or an indentation is unexpected here.", "此处的冒号或缩进不对。")
NO_COLON: Final = Text("This line has no “key: value”.", "这一行不是“键: 值”的形式。")
NOT_CLOSED: Final = Text("What is opened here is never closed.", "此处打开的引号或括号没有关闭。")
BAD_START: Final = Text("A value cannot begin with this character.", "值不能以这个字符开头。")
ANCHOR: Final = Text(
    "YAML anchors and aliases (& and *) are not used in a policy.", "政策文件不使用 YAML 的锚点和别名（& 和 *）。"
)
TAG: Final = Text("YAML tags (!) are not used in a policy.", "政策文件不使用 YAML 标签（!）。")
MERGE: Final = Text("YAML merge keys (<<) are not used in a policy.", "政策文件不使用 YAML 合并键（<<）。")
BAD_KEY: Final = Text("A key must be one word, not a list or a mapping.", "键必须是一个词，不能是列表或映射。")
TWICE: Final = Text(
    "“{word}” is written twice; the first is on line {line}.", "“{word}”写了两次；第一次在第 {line} 行。"
)
TWICE_ALIKE: Final = Text(
    "“{word}” differs only in case or width from the one on line {line}.",
    "“{word}”与第 {line} 行的只有大小写或全半角之别。",
)
TOO_DEEP: Final = Text("This is nested more than 20 levels deep.", "嵌套超过 20 层。")

# shape
WANT_MAPPING: Final = Text("{what} must be a set of “key: value”.", "{what}必须是一组“键: 值”。")
WANT_LIST: Final = Text("{what} must be a list.", "{what}必须是列表。")
WANT_WORD: Final = Text(
    "{what} must be one word or text, not a list or a mapping.", "{what}必须是一个词或一段文字，不能是列表或映射。"
)
UNKNOWN_KEY: Final = Text("“{word}” is not a key of {what}.", "{what}没有“{word}”这个键。")
MISSING_KEY: Final = Text("{what} has no “{word}”, which is compulsory.", "{what}缺少必需的“{word}”。")
NO_VALUE: Final = Text("Nothing is written after “{word}”.", "“{word}”后面没有内容。")
EMPTY_LIST: Final = Text("This list is empty, so it could never hold.", "列表是空的，条件永远不会成立。")
EMPTY_NAME: Final = Text("A name is empty.", "名称是空的。")
TOO_LONG: Final = Text("This is longer than {most} characters.", "这里超过 {most} 个字符。")

# words
UNKNOWN_WORD: Final = Text("“{word}” is not a valid {what}.", "“{word}”不是有效的{what}。")
UNKNOWN_NAME: Final = Text("There is no {what} called “{word}”.", "没有名为“{word}”的{what}。")
BAD_VERSION: Final = Text("“{word}” is not a version.", "“{word}”不是版本号。")
BAD_TIME: Final = Text("“{word}” is not a time.", "“{word}”不是时间。")
EMPTY_WINDOW: Final = Text("The window opens and closes at the same time.", "开始和结束是同一时间。")
NO_TIME_ZONE: Final = Text("Hours are used, but “‹time_zone›” is missing.", "使用了时段，但缺少“‹time_zone›”。")
BAD_TIME_ZONE: Final = Text("“{word}” is not an IANA time zone.", "“{word}”不是 IANA 时区。")
NO_TIME_ZONES: Final = Text(
    "This computer has no time-zone data, so “{word}” cannot be checked.", "本机没有时区数据，无法核对“{word}”。"
)
BAD_ID: Final = Text("“{word}” is not a rule id.", "“{word}”不是有效的规则编号。")
ID_TWICE: Final = Text(
    "Two rules have the id “{word}”; the first is on line {line}.",
    "有两条规则的编号都是“{word}”；第一条在第 {line} 行。",
)
BAD_NETWORK: Final = Text("“{word}” is not a network.", "“{word}”不是网段。")
HOST_BITS: Final = Text("“{word}” is an address inside a network, not a network.", "“{word}”是网段内的地址，不是网段。")
BAD_COUNTRY: Final = Text("“{word}” is not a country code.", "“{word}”不是国家代码。")
BAD_PLACEHOLDER: Final = Text("“{word}” cannot be a placeholder.", "“{word}”不能用作占位名。")
PLACEHOLDER_TAKEN: Final = Text("“{word}” is already the name of an entity.", "“{word}”已是一种实体的名称。")
PLACEHOLDER_TWICE: Final = Text(
    "“{word}” is also the placeholder of the class “{other}”.", "“{word}”也是数据类“{other}”的占位名。"
)
NO_PLACEHOLDER: Final = Text(
    "The class “{word}” has data of the company's own, and its name is not plain ASCII letters, so it needs a"
    " “‹placeholder›”.",
    "数据类“{word}”有公司自己的词条或数据，但名称不是 ASCII 字母，所以需要“‹placeholder›”。",
)
NO_TERMS: Final = Text(
    "A placeholder is given, but the class has neither terms nor an index nor labels.",
    "给出了占位名，但这个数据类没有词条、索引或密级。",
)
NOTHING_TO_VARY: Final = Text("Variants are given, but the class has no terms.", "给出了写法，但这个数据类没有词条。")
BAD_INDEX: Final = Text("“{word}” cannot be the name of an index.", "“{word}”不能用作索引的名称。")
BAD_SCORE: Final = Text("“{word}” is not a score.", "“{word}”不是得分。")
TERM_TOO_SHORT: Final = Text(
    "A term has at least {least} characters: one alone stands in nearly every text.",
    "词条至少 {least} 个字符：单个字符几乎在任何文本里都会出现。",
)
BAD_TERM: Final = Text(
    "A term without a letter or digit would be found nearly everywhere.", "没有文字的词条几乎处处都会命中。"
)
TOO_MANY_TERMS: Final = Text("There are more than {most} terms.", "词条超过 {most} 个。")
BAD_TERMS_FILE: Final = Text("“{word}” is not the name of a file beside the policy.", "“{word}”不是政策旁边的文件名。")
RESERVED: Final = Text("“{word}” has a meaning of its own and cannot be a name.", "“{word}”有固定含义，不能用作名称。")
ALSO_A_SERVICE: Final = Text(
    "“{word}” is also a service of the catalogue, so a rule could mean either.",
    "“{word}”也是目录中的服务，规则会有歧义。",
)

UNREAD_TERMS: Final = Text("The list of terms “{word}” cannot be read: {why}.", "无法读取词条文件“{word}”：{why}。")
NOT_THERE: Final = Text("it is not there or may not be opened", "文件不存在或无权打开")
NOT_UTF8_HERE: Final = Text("it is not UTF-8 text", "它不是 UTF-8 编码的文本")

# contradictions
FORBIDDEN_OWES: Final = Text(
    "A forbidden rule lets nothing out, so “{word}” means nothing in it.",
    "禁止规则不放行任何内容，所以“{word}”没有意义。",
)
FORBIDDEN_PASSES: Final = Text("A forbidden rule cannot say that anything may pass.", "禁止规则不能规定放行。")
ASK_WITHOUT_AUTHORIZED: Final = Text(
    "“‹ask›” belongs to rules whose verdict is “‹authorized›”.", "“‹ask›”只用于裁决为“‹authorized›”的规则。"
)

# warnings
UNUSED: Final = Text("The {what} “{word}” is used by no rule.", "{what}“{word}”没有被任何规则使用。")
EMPTY_CLASS: Final = Text(
    "The data class “{word}” holds nothing, so it is never found.", "数据类“{word}”没有内容，永远不会命中。"
)
NO_INSTEAD: Final = Text(
    "The rule “{word}” refuses without saying what to do instead.", "规则“{word}”拒绝时没有告诉员工可以怎么做。"
)
ALLOWS_OTHERWISE: Final = Text(
    "What no rule names is allowed, and leaves unchecked.", "没有规则提到的用法一律放行，且不作检查。"
)
NEVER_PASSES: Final = Text(
    "“‹{word}: pass›” has no effect where the rule's ‹route› is ‹internal›.",
    "规则的‹route›是‹internal›时，“‹{word}: pass›”不起作用。",
)

# hints
DID_YOU_MEAN: Final = Text("Did you mean “{word}”?", "是否想写“{word}”？")
MAY_BE: Final = Text("Did you mean one of these? {words}", "是否想写其中之一？{words}")
LIST_SERVICES: Final = Text(
    "Write the id of a service; `sluice services list` shows them all.",
    "请填写服务的 id；`sluice services list` 列出全部。",
)
ONE_OF: Final = Text("Write one of: {words}.", "请填写其中之一：{words}。")
DID_YOU_MEAN_OF: Final = Text("Did you mean “{word}”? It may be one of: {words}.", "是否想写“{word}”？可填：{words}。")
NONE_DEFINED: Final = Text("None is defined in this policy.", "本政策没有定义任何一个。")
USE_SPACE: Final = Text("Use ordinary spaces.", "请改用普通（半角）空格。")
USE_COLON: Final = Text("Write an ordinary colon and a space: “key: value”.", "请改用半角冒号加空格：“键: 值”。")
USE_COMMA: Final = Text(
    'Write an ordinary comma and a space; if it belongs to the word, put the word in "quotes".',
    "请改用半角逗号加空格；如果它就是词的一部分，请给词加上半角引号。",
)
USE_QUOTES: Final = Text('Use ordinary quotes: "…".', '请改用半角引号："…"。')
QUOTE_IT: Final = Text(
    'Put text that contains a colon and a space in "quotes", and check that lines begin in the right column.',
    "含有冒号加空格的文字请加半角引号，并检查每行的缩进。",
)
CLOSE_IT: Final = Text("Look for the missing quotation mark or bracket.", "请补上缺少的引号或括号。")
QUOTE_START: Final = Text('Put the value in "quotes".', "请给值加上半角引号。")
RETYPE: Final = Text("Delete the word and type it again.", "请删掉这个词，重新输入。")
REMOVE_IT: Final = Text("Remove it.", "请删除。")
WRITE_OUT: Final = Text("Write the value out in each place.", "请在每一处直接写出内容。")
WRITE_OTHERWISE: Final = Text(
    "Write “‹otherwise: forbid›” or “‹otherwise: allow›”: what happens where no rule matches.",
    "请写“‹otherwise: forbid›”或“‹otherwise: allow›”：没有规则匹配时怎么办。",
)
WRITE_VERSION: Final = Text(
    "Write a whole number from 1 up, one higher for each change.", "请填写从 1 开始的整数，每次修改加一。"
)
WRITE_TIME: Final = Text(
    'Write hours and minutes as "09:00"; a window may end at "24:00".',
    '请按 "09:00" 的形式填写时和分；结束时间可以是 "24:00"。',
)
WRITE_DAY: Final = Text(
    'For a whole day write ‹from›: "00:00", ‹to›: "24:00".', '全天请写 ‹from›: "00:00", ‹to›: "24:00"。'
)
WRITE_ZONE: Final = Text("Write a zone such as Asia/Shanghai.", "请填写时区，例如 Asia/Shanghai。")
INSTALL_TZDATA: Final = Text(
    "Install the system's tzdata, or the Python package tzdata.", "请安装系统的 tzdata，或 Python 的 tzdata 包。"
)
WRITE_ID: Final = Text(
    "Use small letters a-z, digits and hyphens, such as “no-uploads”; the name for people goes into “‹name›”.",
    "请用小写字母 a-z、数字和连字符，例如“no-uploads”；给人看的名称写在“‹name›”里。",
)
WRITE_NETWORK: Final = Text("Write an address range such as 10.0.0.0/8.", "请填写网段，例如 10.0.0.0/8。")
WRITE_COUNTRY: Final = Text("Write two capital letters, such as CN.", "请填写两个大写字母，例如 CN。")
WRITE_PLACEHOLDER: Final = Text(
    "Use capital letters A-Z, digits and underscores, beginning with a letter, at most 40.",
    "请用大写字母 A-Z、数字和下划线，以字母开头，最多 40 个字符。",
)
WRITE_INDEX: Final = Text(
    "Write the name that the index was built under, in small letters a-z, digits and hyphens; `sluice index list` shows"
    " all.",
    "请填写建立索引时用的名称：小写字母 a-z、数字和连字符；`sluice index list` 列出全部。",
)
WRITE_SCORE: Final = Text("Write a number from 0 to 1, such as 0.6.", "请填写 0 到 1 之间的数，例如 0.6。")
WRITE_UTF8: Final = Text("Save the file as UTF-8.", "请把文件另存为 UTF-8 编码。")
WRITE_FILE: Final = Text(
    "Write a name such as customers.txt, without “..” and without a leading “/”.",
    "请填写如 customers.txt 的文件名，不含“..”，不以“/”开头。",
)
DECLARE_GROUP: Final = Text(
    "Groups that only the identity source knows are declared as “name: []”.",
    "只在身份系统中有的用户组，请用“名称: []”声明。",
)
NEEDS_CLASS: Final = Text(
    "Put the entity into a data class and name the class here.", "请先把该实体放进数据类，再在此写数据类的名称。"
)
MEANT_ENTITY: Final = Text(
    "Did you mean the entity “{word}”? Put it into a data class and name the class here.",
    "是否指实体“{word}”？请先把它放进数据类，再在此写数据类的名称。",
)
WHOSE_ENTITY: Final = Text(
    "The policy reference lists the entities; what your own rules or models find can be named once the settings"
    " (--config) list these under “detection”.",
    "实体列表见政策语言参考；公司自己的规则或模型能识别的，须先写进设置文件（--config）的“detection”。",
)
RENAME_ENTITY: Final = Text(
    "Let your recognizer call it otherwise: in capital letters A-Z, digits and underscores, beginning with a letter, at"
    " most 40.",
    "请在您的识别器里换一个名称：大写字母 A-Z、数字和下划线，以字母开头，最多 40 个字符。",
)
FORBID_OTHERWISE: Final = Text(
    "Write “‹otherwise: forbid›”, and a rule for what is allowed.", "请写“‹otherwise: forbid›”，并为允许的用法写规则。"
)
SAY_INSTEAD: Final = Text("Add “‹instead›”: where the person can turn.", "请加上“‹instead›”，告诉员工可以怎么做。")

OTHER_ID: Final = Text("Choose another id.", "请换一个编号。")
OTHER_PLACEHOLDER: Final = Text("Choose another name.", "请换一个名称。")
ASK_HINT: Final = Text(
    "Write “‹instead›”, or make the verdict “‹authorized›”.", "请改写“‹instead›”，或把裁决改为“‹authorized›”。"
)

# what things are called
POLICY: Final = Text("the policy", "政策")
RULE: Final = Text("a rule", "规则")
WHEN: Final = Text("the conditions of a rule", "规则的条件")
HOURS: Final = Text("window of hours", "时段")
GROUP: Final = Text("group", "用户组")
SERVICES: Final = Text("set of services", "服务集合")
SERVICE: Final = Text("service or set of services", "服务或服务集合")
CLASS: Final = Text("data class", "数据类")
ENTITY: Final = Text("entity", "实体")
TEXTS: Final = Text("a text in two languages", "双语文字")
VERDICT: Final = Text("verdict", "裁决")
ROUTE: Final = Text("route", "去向")
DAY: Final = Text("day", "星期")
ACTIVITY: Final = Text("activity", "活动")
WORD: Final = Text("valid word here", "此处的词")
RULES: Final = Text("The list of rules", "规则列表")
TERMS: Final = Text("A term", "词条")
VARIANT: Final = Text("way of writing", "写法")
INDEX: Final = Text("An index", "索引")
LABEL: Final = Text("A label", "密级")
SCORE: Final = Text("A score", "得分")
PLACEHOLDER: Final = Text("A placeholder", "占位名")
TROUBLE: Final = Text("answer here", "取值")
OTHERWISE: Final = Text("answer to “‹otherwise›”", "“‹otherwise›”取值")
A_WINDOW: Final = Text("a window of hours", "时段")
A_GROUP: Final = Text("a group", "用户组")
A_SET: Final = Text("a set of services", "服务集合")
A_CLASS: Final = Text("a data class", "数据类")
RULE_ID: Final = Text("The id of a rule", "规则编号")
CATEGORY: Final = Text("category of services", "服务类别")
PERSON: Final = Text("A person", "人员")
NETWORK: Final = Text("A network", "网段")
VERSION: Final = Text("The version", "版本号")
ZONE: Final = Text("The time zone", "时区")
