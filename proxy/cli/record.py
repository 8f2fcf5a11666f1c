"""`sluice record`: a site has changed its format; take the new one down, without anybody's words.

Enters: a host, and what the administrator does on its page. Leaves: two files for the tables of the adapters' tests,
and what was found where. What is in no list of structural words is in no file; names that may be missed are shown on
the terminal alone.
"""

import asyncio
import ipaddress
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from policies.decision import Text
from proxy.assemble import catalogue_of
from proxy.capture.case import Captured, Case, as_yaml, case_of
from proxy.capture.mask import SENTENCE
from proxy.capture.tap import settings_for, tap
from proxy.cli.common import language, out
from proxy.errors import SettingsError, unwritable
from proxy.runlog import configure_logging
from proxy.services.catalogue import Catalogue, canonical_host
from proxy.services.service import check_host
from proxy.settings.interface import Address, Settings
from proxy.settings.read_values import address_in

MOST_NAMES: Final = 40
HOW: Final = Text(
    """\
Recording {host} on {listen}, for {minutes} minutes at most. Nothing is filtered here: type nothing of the company's.
  1. In a browser of its own profile: proxy {listen}; trust {ca}.
  2. Open the page, begin a new conversation, and send this one line:

{sentence}

  3. Wait until the answer is whole. It is enough if it repeats what stands in brackets.""",
    """\
正在 {listen} 记录 {host}，最多 {minutes} 分钟。此处不做任何过滤：请勿输入公司的任何内容。
  1. 在单独的浏览器配置中：代理设为 {listen}；信任证书 {ca}。
  2. 打开网页，新建对话，发送这一行：

{sentence}

  3. 等回答结束。只要回答复述了方括号中的内容即可。""",
)
NOTHING: Final = Text(
    "Nothing was recorded: no request to {host} that can be read held the line. Binary bodies and messages cannot.",
    "没有记录到内容：在可以读取的请求中，没有发往 {host} 且含有该行的请求。二进制的内容与消息无法读取。",
)
READ: Final = Text("read by {adapter}", "由 {adapter} 读取")
OVERLOOKED: Final = Text("NOT all read by {adapter}", "{adapter} 未能全部读取")
RESTORED: Final = Text("restored by {adapter}", "由 {adapter} 还原")
NOT_RESTORED: Final = Text("NOT restored by {adapter}", "{adapter} 未能还原")
NO_ANSWER: Final = Text(
    "the answer: not found in a stream; whole placeholders of an answer that comes at once are restored in any format",
    "回答：未在流式内容中找到；一次返回的回答中，完整的占位符在任何格式下都会还原",
)
PROMPT_AT: Final = Text("the prompt stands at {places}: {verdict}", "提示词位于 {places}：{verdict}")
ANSWER_AT: Final = Text("the answer comes in {places}: {verdict}", "回答位于 {places}：{verdict}")
NAMELESS: Final = Text("a value without a name", "没有名称的值")
UNKNOWN: Final = Text(
    "Names that are in no list, and in no file; if they are the format's own, record again with --keep WORD: {names}",
    "以下名称不在词表中，未写入文件；如确属格式本身，请加 --keep 单词 重新记录：{names}",
)
LOOK: Final = Text("Read the files before you hand them on.", "转交之前请通读文件。")


@dataclass(slots=True)
class Recorder:
    """What was recorded so far."""

    catalogue: Catalogue
    kept: frozenset[str]
    cases: list[tuple[Captured, Case]] = field(default_factory=list, repr=False)

    def found(self, captured: Captured) -> bool:
        """Take an exchange; return whether it is all that is wanted: the marker, and the marker back."""
        service = self.catalogue.lookup(captured.host, captured.path)
        case = case_of(captured, (service.wire or "") if service else "", self.kept)
        if case is not None:
            self.cases.append((captured, case))
        return case is not None and bool(case.answers)


def record(settings: Settings, host: str, folder: Path, listen: str, minutes: int, keep: Sequence[str]) -> list[Path]:
    """Record a host and return the files that were written; raises `SettingsError`."""
    name = check_host(canonical_host(host), "--host")
    address = loopback(listen)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingsError(
            f"{folder}: is there already; name a folder that is new or empty",
            f"{folder}：已经存在；请指定新目录或空目录",
        )
    configure_logging("error", sys.stderr)
    recorder = Recorder(catalogue_of(settings), frozenset(keep))

    def ready(told: str, ca: Path) -> None:
        words = HOW.in_language(language())
        said = words.format(host=name, listen=told, minutes=minutes, ca=ca, sentence=SENTENCE)
        out.print(said, markup=False)

    asyncio.run(tap(settings_for(settings, address), name, recorder.found, ready, minutes * 60))
    if not recorder.cases:
        out.print(NOTHING.in_language(language()).format(host=name), markup=False)
        return []
    files = write(folder, name, [case for _, case in recorder.cases])
    for _, case in recorder.cases:
        for line in report(case, language()):
            out.print(line, markup=False)
    return files


def loopback(listen: str) -> Address:
    """Return the address to listen on; raises `SettingsError` for one that others could reach."""
    address = address_in(listen)
    try:
        if address is not None and ipaddress.ip_address(address[0]).is_loopback:
            return address
    except ValueError:
        pass
    raise SettingsError(
        "record: --listen takes an address of this machine alone, such as 127.0.0.1:8899",
        "record：--listen 只接受本机地址，例如 127.0.0.1:8899",
    )


def write(folder: Path, host: str, cases: Sequence[Case]) -> list[Path]:
    """Write the entries below `folder`, in the tables of their adapters; raises `SettingsError`."""
    texts: dict[Path, str] = {}
    for number, case in enumerate(cases, start=1):
        title = f"as {host} sends it, {number}"
        for room, entry in (("wires", case.request), ("answers", case.answer)):
            if entry is not None:
                path = folder / room / f"{case.adapter}.yaml"
                texts[path] = texts.get(path, "") + as_yaml(title, entry)
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise unwritable(folder, error.strerror) from None
    return list(texts)


def report(case: Case, speech: str) -> list[str]:
    """Return what was found where, in the reader's language."""
    verdict = (READ if case.read else OVERLOOKED).in_language(speech).format(adapter=case.adapter)
    places = ", ".join(f"{pointer} ({role})" if role else pointer for pointer, role in case.prompts.items())
    lines = [PROMPT_AT.in_language(speech).format(places=places, verdict=verdict)]
    if case.answers:
        verdict = (RESTORED if case.restored else NOT_RESTORED).in_language(speech).format(adapter=case.adapter)
        places = ", ".join(name or NAMELESS.in_language(speech) for name in case.answers)
        lines.append(ANSWER_AT.in_language(speech).format(places=places, verdict=verdict))
    else:
        lines.append(NO_ANSWER.in_language(speech))
    if case.unknown:
        names = [repr(name) for name in case.unknown[:MOST_NAMES]] + ["…"] * (len(case.unknown) > MOST_NAMES)
        lines.append(UNKNOWN.in_language(speech).format(names=", ".join(names)))
    return [*lines, LOOK.in_language(speech)]
