"""Texts as people paste them are known for what they are, line by line and as a whole, in Chinese and English."""

import inspect
import textwrap
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import kind as module
from detectors.kind import Kind, kind_of, kind_of_line, regions
from tests.rows import each

PROSE = [
    "Please write a polite reply to the customer who complained about the late delivery.",
    "请给客户王芳写一封邮件，说明合同要到下周三才能签。",
    "Hi Tom,\n\nThanks for the notes. I will call Susan on Monday and let you know.\n\nBest,\nAnna",
    "总结一下今天的会议：\n1. 张伟负责预算\n2. 李娜联系供应商\n3. 下周一再开会",
    "姓名：张三\n电话：13800138000\n地址：北京市海淀区中关村大街1号",
    "Name: John Smith\nPosition: Sales Manager\nReports to: Maria Lopez",
    "What is the difference between a class and an object in Python?",
    "import duties on steel rose again; the ministry said it would return to the question in May.",
    "From the beginning of next year, Jordan will be responsible for sales in Georgia and Chad.",
    "如果客户问到价格（含税），请先转给陈经理；他会在两天内答复。",
    "She said: let it go; we will try again, while there is time.",
    "- talk to Mark about the lease\n- send the contract to Grace Hopper\n- book the room",
    "# Minutes\n\nPresent: Li Lei, Han Meimei. The board approved the budget for 2025.",
    "The company (founded in 1998, moved to Berlin in 2004) employs 240 people, most of them in Reading.",
    "翻译成英文：本协议自双方签字盖章之日起生效，一式两份，甲乙双方各执一份。",
    "患者李某，男，45岁，因胸痛三天入院。既往有高血压病史十年。",
    "Select a seat from the map, then update your booking and set a reminder.",
    "",
    "   \n\n",
]
CODE = [
    "def total(items):\n    return sum(item.price for item in items)",
    "import os\nimport sys\n\nprint(os.getcwd())",
    "const users = await db.query('select * from users');\nusers.forEach(u => console.log(u.name));",
    "public class Order {\n    private final String id;\n    public Order(String id) { this.id = id; }\n}",
    '#include <stdio.h>\nint main(void) {\n    printf("hi\\n");\n    return 0;\n}',
    'func main() {\n\tfmt.Println("hello")\n}',
    'fn main() {\n    let jordan = 5;\n    println!("{}", jordan);\n}',
    "SELECT name, phone FROM customers WHERE city = 'Austin' ORDER BY name;",
    "insert into users (name, age)\nvalues ('Grace', 3);",
    "$ git commit -m 'fix'\n$ kubectl get pods -n prod",
    "def jisuan(jiben, jixiao):\n    # 计算工资\n    zong = jiben + jixiao\n    return zong",
    '<div class="card">\n  <p>Hello</p>\n</div>',
    "for (let i = 0; i < n; i++) {\n  sum += a[i];\n}",
    "// 查询客户\nconst list = await api.get('/customers');",
    ">>> x = 3\n>>> x + 4",
    "type Props = { name: string };\nexport const Card = ({ name }: Props) => <p>{name}</p>;",
    'class Grace(Base):\n    """Keeps the state."""\n\n    def run(self) -> None:\n        self.mark = True',
    'df["may"] = df["april"].shift(1)\ndf.loc[df.region == "apac", "jordan"] = 0.82',
    'if x == 3:\n    pass\nelse:\n    raise ValueError("bad")',
    "docker run -d --name web nginx\ncurl -s http://localhost:8080/health",
]
LOG = [
    "2024-05-01 10:00:00,123 INFO  com.example.Main - started\n2024-05-01 10:00:01,456 WARN  com.example.Pool - slow",
    "[2024-05-01T10:00:00Z] error: connection refused\n[2024-05-01T10:00:05Z] error: giving up",
    "May  1 10:00:00 web1 sshd[123]: Accepted publickey for root from 10.0.0.1",
    '10.0.0.1 - - [01/May/2024:10:00:00 +0800] "GET / HTTP/1.1" 200 12',
    "2024-05-01 10:00:00 错误 订单服务：连接数据库超时\n2024-05-01 10:00:03 信息 重试成功",
    "[警告] 磁盘空间不足\n[错误] 写入失败",
    'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    main()\nValueError: bad',
    "java.lang.NullPointerException: null\n\tat com.example.Order.total(Order.java:12)\n\tat com.Main.main(A.java:3)",
    "level=info ts=2024-05-01T10:00:00Z msg=started\nlevel=warn ts=2024-05-01T10:00:01Z msg=slow",
    '{"time":"2024-05-01T10:00:00Z","level":"info","msg":"ok"}',
    "Collecting requests\n  Downloading requests-2.31.0.whl (62 kB)\nSuccessfully installed requests-2.31.0",
    "===== test session starts =====\ntests/test_a.py::test_one PASSED\ntests/test_a.py::test_two FAILED",
    "npm ERR! code E404\nnpm ERR! 404 Not Found",
    "10:00:00.123 [main] DEBUG Grace - waiting\n10:00:00.456 [main] DEBUG Mark - done",
    "INFO:     127.0.0.1:5000 - GET /health\nERROR:    Exception in ASGI application",
]
TABLE = [
    "name,phone,city\nTom,123,Austin\nAnna,456,Berlin",
    "姓名,电话,城市\n张三,123,北京\n李四,456,上海",
    "name\tage\tcity\nTom\t3\tAustin\nAnna\t4\tBerlin",
    "| name | age |\n|---|---|\n| Tom | 3 |\n| 李娜 | 4 |",
    "工号\t姓名\t部门\n001\t王芳\t财务部\n002\t刘洋\t市场部",
    "id;name;amount\n1;Tom;3.50\n2;Anna;4.00",
    "+----+------+\n| id | name |\n+----+------+\n|  1 | Tom  |\n|  2 | Anna |",
]
CONFIG = [
    "server:\n  port: 8080\n  host: localhost\nlogging:\n  level: debug",
    "[database]\nhost = localhost\nport = 5432",
    "DB_HOST=localhost\nDB_USER=app\nDB_PASS=hunter22",
    '{\n  "name": "demo",\n  "version": "1.0.0",\n  "private": true\n}',
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  password: aHVudGVyMjI=",
    "<project>\n  <groupId>com.example</groupId>\n  <version>1.0</version>\n</project>",
    "spring.datasource.url=jdbc:mysql://db/crm\nspring.datasource.username=app",
    'FROM python:3.12\nRUN pip install requests\nCMD ["python", "app.py"]',
    "# 数据库\ndb.host = 10.0.0.5\ndb.user = app",
    " '332':{'en': 'Le Blanc', 'fr': 'Le Blanc'},\n '333':{'en': u('Blois'), 'fr': u('Blois')},",
    "    'Alaska', 'Nevada', 'Ohio',\n    'Perl',\n    'Utah', 'Iowa',",
]
EXAMPLES = [
    (Kind(kind), text)
    for kind, texts in {"prose": PROSE, "code": CODE, "log": LOG, "table": TABLE, "config": CONFIG}.items()
    for text in texts
]


@each(("kind", "text"), EXAMPLES, ids=[f"{kind}-{n}" for n, (kind, _) in enumerate(EXAMPLES)])
def test_a_text_is_known_for_what_it_is(kind, text):
    assert kind_of(text) is kind


def pieces(text):
    return [(region.kind, text[region.start : region.end].strip()) for region in regions(text)]


MIXED = {
    "a licence above code": (
        "# Copyright (c) 2014 of Anna Weber\n# All rights are reserved\n\nimport os\n",
        ["code"],
    ),
    "a heading above a letter": ("# About the trip\n\nWe went to Bonn, and Anna came along.\n", ["prose"]),
    "a fenced block": (
        "Review this, Grace:\n\n```python\ngrace = 3\n```\n\nThanks, Tom",
        ["prose", "code", "prose"],
    ),
    "a fence that is never closed": ("看看：\n```java\nint a = 3;", ["prose", "code"]),
    "a fence of four": ("Look:\n````\n```\nx = f(3);\n```\n````\nDone now.", ["prose", "code", "prose"]),
    "a fenced log": ("报错了：\n```\n2024-05-01 10:00:00 ERROR x\n```\n怎么办？", ["prose", "log", "prose"]),
    "a fenced table": ("请整理：\n```csv\na,b\n```", ["prose", "table"]),
    "fenced settings": ("Why?\n```yaml\na: 1\n```", ["prose", "config"]),
    "a fenced letter": ("Polish this:\n```text\nDear Grace, see you in Reading.\n```", ["prose"]),
    "a quoted fence": ("> ```go\n> x := 3\n> ```\nYes, that one.", ["code", "prose"]),
    "code without a fence": (
        "帮我看看这段代码为什么报错：\ndef total(a, b):\n    return a + b\n谢谢，张伟",
        ["prose", "code", "prose"],
    ),
    "a log without a fence": (
        "What does this mean?\n\n2024-05-01 10:00:00 ERROR pool exhausted\n2024-05-01 10:00:01 ERROR again",
        ["prose", "log"],
    ),
    "a table in a letter": (
        "请按城市汇总：\n姓名,电话,城市\n张三,123,北京\n李四,456,上海\n\n周五之前给我，谢谢。",
        ["prose", "table", "prose"],
    ),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("text", "kinds"), MIXED.values(), ids=MIXED)
def test_a_text_of_several_kinds_is_told_apart(text, kinds):
    assert [str(region.kind) for region in regions(text)] == kinds


def test_the_region_of_a_fenced_block_is_the_block_and_no_more():
    text = "Grace asks:\n```python\ngrace = 3\n```\nand Tom waits."
    assert pieces(text) == [
        (Kind.PROSE, "Grace asks:"),
        (Kind.CODE, "```python\ngrace = 3\n```"),
        (Kind.PROSE, "and Tom waits."),
    ]


@given(st.text(st.sampled_from(list("ab 张。,|\t=:;(){}[]#`~\n\r\"'->10")), max_size=200))
def test_regions_cover_a_text_without_gaps(text):
    found = regions(text)
    assert "".join(text[region.start : region.end] for region in found) == text
    assert all(one.end == other.start for one, other in pairwise(found))
    assert all(one.kind is not other.kind for one, other in pairwise(found))


@given(st.text())
def test_any_text_has_a_kind(text):
    assert kind_of(text) in Kind
    assert all(kind_of_line(line) in (None, *Kind) for line in text.splitlines())


@pytest.mark.parametrize("kind", Kind)
def test_a_long_text_is_judged_from_samples_alike(kind, monkeypatch):
    looked_at = []
    monkeypatch.setattr(module, "kind_of_line", lambda line: looked_at.append(line) or kind_of_line(line))
    texts = {
        Kind.PROSE: "Please tell Susan that the meeting is moved to Tuesday.\n",
        Kind.CODE: "    self.total = compute(self.items)\n",
        Kind.LOG: "2024-05-01 10:00:00 INFO started\n",
        Kind.TABLE: "Tom,123,Austin\n",
        Kind.CONFIG: "port: 8080\n",
    }
    assert kind_of(texts[kind] * 20_000) is kind
    assert len(looked_at) <= module.LINES_SAMPLED


def test_one_endless_line_is_not_read_to_its_end():
    assert kind_of("call(a, b); " * 100_000) is Kind.CODE
    assert kind_of("甲方应当在三十日内付款，" * 100_000) is Kind.PROSE


def test_the_source_of_this_house_is_code():
    assert kind_of(inspect.getsource(module)) is Kind.CODE
    assert kind_of(textwrap.dedent(inspect.getsource(test_any_text_has_a_kind))) is Kind.CODE
