"""What stands under a telling heading is found, cell by cell, and tables of other things are left alone."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.detectors.views.reading import found, redacted
from tests.rows import each

TABLES = {
    "account and password": "| 系统 | 账号/密码 |\n|--|--|\n| OA | wang/Zw99kk12 |\n| CRM | 无 |\n",
    "commas": "姓名,账号,密码\n张三,zhang,Zw99kk12\n李四,lisi,correcthorse\n,,12345678\n",
    "in quotes": '"name","password"\r\n"Tom","Zw,99kk12"\r\n',
    "tabs, an empty cell": "账号\t密码\n\tZw99kk12\nlisi\t\nwang\t12345678",
    "Markdown": "| user | **password** |\n|---|:--:|\n| root | `Zw99kk12` |\n| lisi | correcthorse |\n\ncorrecthorse",
    "a client of a database": " user | password \n------+----------\n root | Zw99kk12\n(1 row)\n",
    "blanks": "USER    PASSWORD    HOST\nroot    Zw99kk12    db1\n",
    "a passport": "name;passport;city\nTom;E12345678;Paris\nAnn;E12345679;Oslo\nEve;E12345670;Rome\n",
    "a row's heading": "| 密码 | P@ss!w0rd2024 |",
    "a password of two words": "user,pwd\nroot,Zw99 kk12#\n",
    "a line break in quotes": 'user,password,comment\nbob,Abcd-1234,"a\nb"\nal,Qwer!234,ok\nzoe,Zxcv#567,ok',
    "a heading with a line break": '姓名,"密码\n(初始)"\n张三,Abc@12345\n李四,sunshine\n',
    "a heading broken before its word": '"user\nname","password"\nbob,Abcd-1234\n',
    "a row that is too long": "user,password,note\nbob,Abcd-1234,a\nal,Qwer!234,ok, extra\nS, Al,Qwer!235,ok",
    "lines that are no rows": "姓名\t密码\t备注\n张三\tAbc@12345\t多行\n备注\n李四\tsunshine\tx\n",
    "a quotation mark that nothing closes": 'user,password\n"al,Qwer!234\nzoe,Zxcv#567\n',
    "another table below": "user,password\nbob,Abcd-1234\nhost,token,passwd\na,b,Zxcv#567\n",
    "a stroke that Markdown escapes": "| user | password |\n|---|---|\n| bob | Pw\\|with9 |\n| al | sunshine |\n",
    "HTML": "<tr><th>id</th><th>pwd</th><tr><td>bob</td>\n<td> Abc@12345 </td></tr><tr><td>al<td><b>sunshine</b>",
    "a row's heading in HTML": '<tr><th>密码</th><td class="x">Abc@12345</td></tr>',
    "an INSERT": "INSERT INTO users (name, password) VALUES ('sunwu','Zw99kk12'),\n('li', 'it''s9Ab');",
    "an INSERT in Chinese": "INSERT INTO `t` (`id`,`用户名`,`密码`) VALUES (1,'wu','Zw99kk12'),(2,NULL,N'sunshine');",
    "an INSERT with calls": "insert into t(at, pwd, n) values (now(), 'Zw99kk12', 1.5)",
    "a dump": "COPY public.users (id, name, password) FROM stdin;\n1\tsunwu\tZw99kk12\n2\t\\N\tsunshine\n\\.\nx\tz9z9",
}
WANT = {
    "account and password": "| 系统 | 账号/密码 |\n|--|--|\n| OA | wang/⟦⟧ |\n| CRM | 无 |\n",
    "commas": "姓名,账号,密码\n张三,zhang,⟦⟧\n李四,lisi,⟦⟧\n,,⟦⟧\n",
    "in quotes": '"name","password"\r\n"Tom","⟦⟧"\r\n',
    "tabs, an empty cell": "账号\t密码\n\t⟦⟧\nlisi\t\nwang\t⟦⟧",
    "Markdown": "| user | **password** |\n|---|:--:|\n| root | `⟦⟧` |\n| lisi | ⟦⟧ |\n\ncorrecthorse",
    "a client of a database": " user | password \n------+----------\n root | ⟦⟧\n(1 row)\n",
    "blanks": "USER    PASSWORD    HOST\nroot    ⟦⟧    db1\n",
    "a passport": "name;passport;city\nTom;⟦⟧;Paris\nAnn;⟦⟧;Oslo\nEve;⟦⟧;Rome\n",
    "a row's heading": "| 密码 | ⟦⟧ |",
    "a password of two words": "user,pwd\nroot,⟦⟧\n",
    "a line break in quotes": 'user,password,comment\nbob,⟦⟧,"a\nb"\nal,⟦⟧,ok\nzoe,⟦⟧,ok',
    "a heading with a line break": '姓名,"密码\n(初始)"\n张三,⟦⟧\n李四,⟦⟧\n',
    "a heading broken before its word": '"user\nname","password"\nbob,⟦⟧\n',
    "a row that is too long": "user,password,note\nbob,⟦⟧,a\nal,⟦⟧,ok, extra\nS, Al,⟦⟧,ok",
    "lines that are no rows": "姓名\t密码\t备注\n张三\t⟦⟧\t多行\n备注\n李四\t⟦⟧\tx\n",
    "a quotation mark that nothing closes": 'user,password\n"al,⟦⟧\nzoe,⟦⟧\n',
    "another table below": "user,password\nbob,⟦⟧\nhost,token,passwd\na,b,⟦⟧\n",
    "a stroke that Markdown escapes": "| user | password |\n|---|---|\n| bob | ⟦⟧ |\n| al | ⟦⟧ |\n",
    "HTML": "<tr><th>id</th><th>pwd</th><tr><td>bob</td>\n<td> ⟦⟧ </td></tr><tr><td>al<td><b>⟦⟧</b>",
    "a row's heading in HTML": '<tr><th>密码</th><td class="x">⟦⟧</td></tr>',
    "an INSERT": "INSERT INTO users (name, password) VALUES ('sunwu','⟦⟧'),\n('li', '⟦⟧');",
    "an INSERT in Chinese": "INSERT INTO `t` (`id`,`用户名`,`密码`) VALUES (1,'wu','⟦⟧'),(2,NULL,N'⟦⟧');",
    "an INSERT with calls": "insert into t(at, pwd, n) values (now(), '⟦⟧', 1.5)",
    "a dump": "COPY public.users (id, name, password) FROM stdin;\n1\tsunwu\t⟦⟧\n2\t\\N\t⟦⟧\n\\.\nx\tz9z9",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_cell_is_what_its_heading_says(name: str) -> None:
    assert redacted(TABLES[name]) == WANT[name]


HARMLESS = [
    "\ud800 password, b\nx, y",
    "| field | password | required |\n|---|---|---|\n| type | string | yes |\n| min | 8 | no |\n| 说明 | 必填 | 否 |",
    "密码,备注\n必填,无\n",
    "Method | Password | Token\n--- | --- | ---\nbasic | supported | none\noauth | optional | required",
    "请把账号,密码告诉我\n好的,明天给你",
    "We need key, token and password, please\nso that it, hopefully and finally, works",
    "token, key, value\na, b, c",
    "    DomainSecret,\n    ContainerPassword,\n    FileSearchTool2,\n    LocalSkill,\n",
    "password\tcount\n********\t3\n",
    "变量,密码\nDB,DB_PASSWORD\n",
    "password_policy,min\nlogin2024a,8\n",
]


@each("text", HARMLESS)
def test_tables_of_other_things_are_left_alone(text: str) -> None:
    assert found(text) == []


CELLS = st.text("abcXYZ12 \n\"',|;\t#密码", max_size=12)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6), st.sampled_from(",;\t"))
def test_a_table_stays_a_table(rows: list[list[str]], mark: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=mark).writerows([["user", "password", "note"], *rows, ["x", "Zw99kk12", "end"]])
    made = list(csv.reader(io.StringIO(redacted(out.getvalue())), delimiter=mark))
    assert [len(row) for row in made] == [3] * (len(rows) + 2)
    assert made[0] == ["user", "password", "note"] and made[-1] == ["x", "⟦⟧", "end"]
