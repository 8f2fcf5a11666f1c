"""The pages that say, for each chat page, what is covered, what is not, and what nobody has seen: in both languages.

Enters: the register of wire formats, the calls by which pages load, what is known to be open (`chat_pages.yaml`).
Leaves: the tables of `docs/chat-pages.md` and its Chinese twin. Pure, but for `main`, which writes both: what stands
above the mark was written by people and stays.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import yaml

from proxy.adapters.web.loads import LOADS
from proxy.bound import PAGES as SIGNED
from proxy.coverage import Covered, covered, served
from proxy.parents import THREADS
from proxy.services.catalogue import load_catalogue
from proxy.services.service import Service

type Language = Literal["en", "zh"]

DOCS: Final = Path(__file__).parents[1] / "docs"
PAGES: Final[Mapping[Language, Path]] = {"en": DOCS / "chat-pages.md", "zh": DOCS / "chat-pages.zh.md"}
OPEN: Final = Path(__file__).with_name("chat_pages.yaml")
MARKS: Final[Mapping[Language, str]] = {
    "en": "<!-- What follows is made of the code: `make docs` writes it anew. -->",
    "zh": "<!-- 以下内容由代码生成，运行 `make docs` 更新。 -->",
}
SERVICES: Final = (
    "openai-chatgpt", "anthropic-claude", "google-gemini", "ms-copilot", "ms-m365-copilot", "perplexity",
    "deepseek-chat", "kimi", "qwen-chat", "zhipu-chatglm", "doubao", "tencent-yuanbao", "baidu-yiyan", "xai-grok",
    "huggingchat", "poe", "character-ai", "you-com", "notion-ai", "iflytek-spark",
)  # fmt: skip
"""The services whose pages are told here, in the order of the page."""

WORDS: Final[Mapping[str, Mapping[Language, str]]] = {
    "head": {
        "en": "| page | shown again after a reload | refusal, notice | company's model | tested in Chromium |",
        "zh": "| 网页 | 重新载入后恢复原文 | 拒绝与提示 | 内部模型答复 | Chromium 实测 |",
    },
    "history": {"en": "conversations", "zh": "对话"},
    "titles": {"en": "titles", "zh": "标题"},
    "search": {"en": "search", "zh": "搜索结果"},
    "sync": {"en": "other updates", "zh": "其他更新"},
    "in place": {"en": "a turn of the conversation", "zh": "对话中的一轮回答"},
    "error": {"en": "the page's error", "zh": "网页的报错"},
    "kept": {"en": "yes; the conversation stays inside", "zh": "可以；此后整个对话留在内部"},
    "shown": {
        "en": "yes; the conversation stays inside, and a reload shows it",
        "zh": "可以；此后整个对话留在内部，重新载入仍可见",
    },
    "no": {"en": "no", "zh": "不可以"},
    "replica": {"en": "with a page of our own", "zh": "用自制仿真网页"},
    "format": {"en": "no; the format alone, in tables", "zh": "否；仅按格式做表格测试"},
    "nothing": {"en": "–", "zh": "–"},
    "and": {"en": ", ", "zh": "、"},
    "one by one": {"en": "## Page by page", "zh": "## 逐个网页"},
    "signed": {
        "en": "A header holds a hash over the request: a request with something to take out is refused, "
        "for a changed one would not be accepted.",
        "zh": "请求头带有对正文的哈希：含需脱敏内容的请求只能拒绝，改写后网站不会接受。",
    },
    "follows": {
        "en": "The turn after a refusal goes on behind the last message that the vendor knows.",
        "zh": "被拒之后的下一轮，会接在厂商已知的最后一条消息之后。",
    },
}


@dataclass(frozen=True, slots=True)
class ChatPage:
    """One page, as far as the code tells."""

    service: Service
    by: Covered

    @property
    def wire(self) -> str:
        """The wire format that the catalogue names."""
        return self.service.wire or ""

    @property
    def holds(self) -> tuple[str, ...]:
        """What it loads that is known and proved, each once, in the order of the words above."""
        known = {one.holds for one in LOADS.get(self.wire, ())}
        return tuple(word for word in ("history", "titles", "search", "sync") if word in known)

    @property
    def inside(self) -> str:
        """Key of the words that say whether the company's model answers on it."""
        if not self.by.redirects:
            return "no"
        return "shown" if "reload" in self.by.turns else "kept"


def pages() -> Iterator[ChatPage]:
    """Yield the pages, in order."""
    told = {one.service.id: one.by for one in served(load_catalogue().services, covered())}
    services = load_catalogue().services
    for id_ in SERVICES:
        yield ChatPage(services[id_], told[id_])


@cache
def still_open() -> Mapping[str, Mapping[str, Any]]:
    """Return what is known to be open, by service."""
    loaded: Mapping[str, Mapping[str, Any]] = yaml.safe_load(OPEN.read_text("utf-8"))
    return loaded


def say(word: str, language: Language) -> str:
    """Return one of the words above."""
    return WORDS[word][language]


def name_of(service: Service, language: Language) -> str:
    """Return what a service is called in one language."""
    names = {"en": service.name.en or service.name.zh, "zh": service.name.zh or service.name.en}
    return str(names[language])


def line(page: ChatPage, language: Language) -> str:
    """Return the line of one page in the table."""
    shown = say("and", language).join(say(word, language) for word in page.holds)
    cells = (
        name_of(page.service, language),
        shown or say("nothing", language),
        say("in place" if page.by.in_place else "error", language),
        say(page.inside, language),
        say("replica" if page.by.proved == "replica" else "format", language),
    )
    return "| " + " | ".join(cells) + " |"


def section(page: ChatPage, language: Language) -> str:
    """Return what is to be said of one page."""
    told = [f"### {name_of(page.service, language)}", ""]
    if page.wire in SIGNED:
        told.append(f"- {say('signed', language)}")
    if page.by.id in THREADS:
        told.append(f"- {say('follows', language)}")
    told += [f"- {one}" for one in still_open()[page.service.id][language]]
    return "\n".join(told)


def made(language: Language) -> str:
    """Return the generated part of one page."""
    all_of_them = list(pages())
    table = [say("head", language), "|---|---|---|---|---|", *(line(page, language) for page in all_of_them)]
    parts = [MARKS[language], "\n".join(table), say("one by one", language)]
    return "\n\n".join([*parts, *(section(page, language) for page in all_of_them)]) + "\n"


def written(kept: str, language: Language) -> str:
    """Return a page with its generated part written anew."""
    return kept.partition(MARKS[language])[0].rstrip() + "\n\n" + made(language)


def main() -> None:
    """Write both pages anew."""
    for language, path in PAGES.items():
        path.write_text(written(path.read_text("utf-8"), language), "utf-8")


if __name__ == "__main__":
    main()
