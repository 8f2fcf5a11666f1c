"""What stands before an address is told: which brackets are open, whether it is a field of a row, its name."""

from proxy.answers.around import CALL, KEYED, LIST, Around, around
from tests.rows import each


def told(before: str) -> Around:
    return around(before, before[-1])


BRACKETS = {
    'f("': CALL,
    "concat ('": CALL,
    'a.b(x, y, "': CALL,
    'new Set<String>("': CALL,
    'f(g(x), [1, {}], "': CALL,
    '"%s%s" % ("': CALL,
    'f("(", "': CALL,
    '"".join(["': CALL + LIST,
    'String.Join("", new[] {"': CALL + LIST,
    'StringJoin["': CALL,
    '!Join ["", ["': CALL + LIST,
    'x = ["': LIST,
    '("': LIST,
    "VALUES ('": LIST,
    "INSERT INTO t VALUES('": LIST,
    '{"url": "': KEYED,
    '{url = "': KEYED,
    "['url' => '": KEYED,
    '[["a", "': LIST + LIST,
    'f({"url": "': CALL + KEYED,
    'f(x => {\n  u = "': "",
    'function f() {\n  g("': CALL,
    'f(a);\nu = "': "",
    'see (the form\n\n"': "",
    '拼接("': CALL,
    '看（表格："': "",
    'f(x)\n"': "",
}


@each(("before", "want"), BRACKETS.items())
def test_what_is_open_before_an_address_is_told(before: str, want: str):
    assert told(before).brackets == want


NAMES = {
    'url = "': "url",
    "const url: string = '": "url",
    'u := "': "u",
    'u <- "': "u",
    '$u = "': "u",
    'char *u = "': "u",
    'u = f"': "u",
    'u = (\n    "': "u",
    '地址 = "': "地址",
    'url = new URL("': "url",
    'u = urllib.parse.urlparse("': "u",
    'StringBuilder sb = new StringBuilder("': "sb",
    'sb.append("': "sb",
    "out << '": "out",
    'client = Client("': "",
    'page.goto("': "",
    'url: "': "",
    'x == "': "",
    'x => "': "",
    'x += "': "",
    '"': "",
}


@each(("before", "want"), NAMES.items())
def test_the_name_that_an_address_is_given_is_told(before: str, want: str):
    assert told(before).name == want


@each(
    ("before", "want"),
    [
        ('"', True),
        ('a,"', True),
        ('x\n张伟,"b, c","', True),
        ('print "', False),
        ('print "a","', False),
        ('f(a,"', False),
    ],
)
def test_a_field_of_a_row_is_told(before: str, want: bool):
    assert told(before).row is want


@each(("before", "want"), [('`"', True), ('see `f("', True), ('`a` "', False), ("`", False), ('a`\n"', False)])
def test_a_code_span_is_told(before: str, want: bool):
    assert told(before).span is want
