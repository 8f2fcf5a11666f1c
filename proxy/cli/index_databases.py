"""Why a database cannot be asked, in words that say what to do and quote nothing.

Enters: what SQLAlchemy or a driver raised, and the URL. Leaves: the cause and the place of the database. A driver's own
message never leaves: it quotes the URL, the query and sometimes a row. It is looked at for its code, or for the words
that every version of a driver says.
"""

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from policies.decision import Text

NO_TABLE: Final = Text(
    "the query names a table or view that is not there; correct its name, with its schema, or the database in the URL",
    "查询中的表或视图不存在；请核对名称（含 schema），或 URL 中的数据库",
)
NO_COLUMN: Final = Text(
    "the query names a column that is not there; correct its name", "查询中的某个列不存在；请核对列名"
)
NO_SQL: Final = Text(
    "the query is not valid SQL of this database; try it with the database's own program first",
    "查询不是此数据库的有效 SQL；请先用数据库自己的程序试一下",
)
REFUSED: Final = Text(
    "it does not accept this user and password; correct them in the URL (signs such as @ : / % in them are written"
    " %40 %3A %2F %25)",
    "不接受此用户名和密码；请在 URL 中改正（其中的 @ : / % 等符号须写作 %40 %3A %2F %25）",
)
NO_RIGHT: Final = Text(
    "this user may not read what the query names; let somebody grant SELECT on it",
    "此用户无权读取查询所涉及的内容；请让管理员授予 SELECT 权限",
)
NO_DATABASE: Final = Text(
    "there is no database of this name, or it cannot be opened; correct the end of the URL",
    "没有这个名称的数据库，或无法打开；请改正 URL 的末尾",
)
NO_FILE: Final = Text(
    "there is no such file; correct the path in the URL (sqlite:///below/here.db, sqlite:////from/the/root.db)",
    "没有这个文件；请改正 URL 中的路径（相对路径 sqlite:///below/here.db，绝对路径 sqlite:////from/the/root.db）",
)
UNREACHED: Final = Text(
    "no connection can be made; see that it runs, that host and port in the URL are right, and that no firewall is"
    " between",
    "无法连接；请确认它在运行、URL 中的主机和端口无误，且没有防火墙阻挡",
)
BROKE_OFF: Final = Text(
    "the connection broke off or was ended while it was asked; give the same command again",
    "查询途中连接中断或被终止；请再执行同一命令",
)
LOCKED: Final = Text("it is locked by somebody else; try again when they are done", "被其他程序锁定；请等其结束后再试")
NO_DRIVER: Final = Text(
    "no driver for this kind of database is installed, or the URL begins with a word that SQLAlchemy does not know",
    "没有安装此类数据库的驱动，或 URL 开头的名称不是 SQLAlchemy 认识的",
)
NO_URL: Final = Text(
    "its URL cannot be read; write it as dialect+driver://user:password@host:port/database",
    "无法读懂其 URL；写法为 dialect+driver://user:password@host:port/database",
)
SEVERAL_AT: Final = Text(
    "more than one @ stands in its URL; in user and password write @ as %40",
    "其 URL 中有不止一个 @；用户名和密码中的 @ 须写作 %40",
)

BY_STATE: Final[Mapping[str, Text]] = {
    "42P01": NO_TABLE,
    "42S02": NO_TABLE,
    "3F000": NO_TABLE,
    "42703": NO_COLUMN,
    "42S22": NO_COLUMN,
    "42601": NO_SQL,
    "42000": NO_SQL,
    "28000": REFUSED,
    "28P01": REFUSED,
    "42501": NO_RIGHT,
    "3D000": NO_DATABASE,
    "08001": UNREACHED,
    "08004": UNREACHED,
    "08S01": BROKE_OFF,
    "08006": BROKE_OFF,
    "57014": BROKE_OFF,
    "57P01": BROKE_OFF,
}
"""By SQLSTATE, as PostgreSQL's and ODBC's drivers tell it (ISO/IEC 9075, with PostgreSQL's own)."""
BY_NUMBER: Final[Mapping[int, Text]] = {
    1146: NO_TABLE,
    1054: NO_COLUMN,
    1064: NO_SQL,
    1045: REFUSED,
    1142: NO_RIGHT,
    1044: NO_RIGHT,
    1049: NO_DATABASE,
    1205: LOCKED,
    2002: UNREACHED,
    2003: UNREACHED,
    2005: UNREACHED,
    2006: BROKE_OFF,
    2013: BROKE_OFF,
    942: NO_TABLE,
    904: NO_COLUMN,
    1017: REFUSED,
    12541: UNREACHED,
    12514: NO_DATABASE,
    208: NO_TABLE,
    207: NO_COLUMN,
    18456: REFUSED,
    4060: NO_DATABASE,
}
"""By number, as MySQL's, Oracle's and SQL Server's drivers tell it; no number of one means another thing to another."""
BY_WORDS: Final[Sequence[tuple[re.Pattern[str], Text]]] = tuple(
    (re.compile(words, re.IGNORECASE), told)
    for words, told in (
        (r"no such table|relation \S+ does not exist|table \S+ does(?: not|n't) exist", NO_TABLE),
        (r"no such column|column \S+ does not exist|unknown column", NO_COLUMN),
        (r"password authentication failed|no password supplied|access denied for user|login failed", REFUSED),
        (r"permission denied for|not authorized", NO_RIGHT),
        (r"unable to open database|database \S+ does not exist|unknown database|not a database", NO_DATABASE),
        (r"database(?: table)? is locked", LOCKED),
        (r"refused|could not translate host|name or service not known|resolve|timed? ?out|unreachable", UNREACHED),
        (r"no route to host|cannot connect|can't connect|could not connect|connection failed", UNREACHED),
        (r"server closed the connection|lost connection|gone away|terminating connection", BROKE_OFF),
        (r"syntax error|incomplete input", NO_SQL),
    )
)
"""By what a driver says, for those that give no code, and for connections that were never made."""


def cause_of(error: Exception, url: str = "") -> Text:
    """Return why a database could not be asked; the name of an error's kind where nothing else is known of it."""
    told = _cause(error)
    return SEVERAL_AT if told in (UNREACHED, REFUSED) and url.count("@") > 1 else told


def no_file(url: str) -> bool:
    """Return whether a URL names an SQLite file that is not there: asked all the same, SQLite makes an empty one."""
    try:
        read = importlib.import_module("sqlalchemy.engine").make_url(url)
    except Exception:  # what is wrong with it is told by whoever opens it
        return False
    name = read.database or ":memory:"
    if read.get_backend_name() != "sqlite" or name == ":memory:" or name.startswith("file:"):
        return False  # a URI of SQLite's own says itself whether it may make one
    return not Path(name).exists()


def _cause(error: Exception) -> Text:
    if isinstance(error, ImportError):
        name = (error.name or "").partition(".")[0]
        return Text(
            f"the driver {name} is not installed; install it, or name another in the URL, as postgresql+psycopg://…",
            f"未安装驱动 {name}；请安装，或在 URL 中指定其他驱动，如 postgresql+psycopg://…",
        )
    wrong = importlib.import_module("sqlalchemy.exc")
    if isinstance(error, wrong.NoSuchModuleError):
        return NO_DRIVER
    if isinstance(error, wrong.ArgumentError):
        return NO_URL
    for one in _chain(error):
        told = _by_code(one)
        if told is not None:
            return told
    for one in _chain(error):
        told = next((told for words, told in BY_WORDS if words.search(str(one))), None)
        if told is not None:
            return told
    driver = getattr(error, "orig", None) or error
    kind = type(driver).__name__
    return Text(
        f"its driver says {kind}; try URL and query with the database's own program",
        f"驱动报告 {kind}；请用数据库自己的程序试一下此 URL 与查询",
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the driver's error and what it came from; SQLAlchemy's own text quotes query and parameters."""
    seen: BaseException | None = getattr(error, "orig", None) or error
    for _ in range(5):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__


def _by_code(error: BaseException) -> Text | None:
    first: Any = error.args[0] if error.args else None
    number = getattr(error, "errno", None) or getattr(first, "code", first)  # Oracle's driver wraps its number
    if isinstance(number, int) and not isinstance(error, OSError) and number in BY_NUMBER:
        return BY_NUMBER[number]
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or first
    return BY_STATE.get(state) if isinstance(state, str) else None


def place_of(url: str) -> str:
    """Return where a database is: kind, host, port and name; no user, no password, nothing behind a question mark.

    Where a password may have been cut at a sign in it, nothing is told: its end would be taken for the host. Neither is
    anything of a URL whose @ does not end a user: in `oracle://scott/tiger@db` user and password read as host and name.
    """
    if url.count("@") > 1:
        return ""
    try:
        read = importlib.import_module("sqlalchemy.engine").make_url(url)
    except Exception:  # it was never a URL: there is nothing of it that may be told
        return ""
    if "@" in url and read.username is None and read.password is None:
        return ""
    host = f"{read.host}:{read.port}" if read.host and read.port else read.host or ""
    name = f"/{read.database}" if host and read.database else read.database or ""
    return f"{read.get_backend_name()} {host}{name}".strip()
