"""The pages on chat pages say what the code says today, the same in both languages, of every page there is."""

import pytest

from proxy.adapters.web.beside import BESIDE
from proxy.chat_pages import MARKS, PAGES, SERVICES, Language, made, pages, still_open, written
from proxy.services.catalogue import load_catalogue

both = pytest.mark.parametrize("language", PAGES)


@both
def test_the_page_is_up_to_date(language: Language) -> None:
    kept = PAGES[language].read_text("utf-8")
    assert written(kept, language) == kept, "pages have changed: write them anew with `make docs`"


@both
def test_what_people_wrote_above_the_mark_stays(language: Language) -> None:
    assert written(f"# Mine\n\n{MARKS[language]}\nold", language) == f"# Mine\n\n{made(language)}"


def test_every_page_that_an_adapter_knows_is_told_and_what_is_open_on_it_in_both_languages() -> None:
    assert {page.wire for page in pages()} == BESIDE.keys() | {"poe"}
    assert list(still_open()) == list(SERVICES) and set(SERVICES) <= load_catalogue().services.keys()
    for id_, told in still_open().items():
        assert list(told) == ["en", "zh"] and len(told["en"]) == len(told["zh"]) > 0, id_


def test_a_page_says_what_its_adapter_can_do() -> None:
    told = {page.service.id: page for page in pages()}
    assert told["poe"].inside == "no" and not told["poe"].by.in_place
    assert told["character-ai"].inside == "kept" and told["character-ai"].by.in_place
    assert told["openai-chatgpt"].inside == "shown" and told["openai-chatgpt"].holds[0] == "history"
    assert "hash over the request" in made("en") and "哈希" in made("zh")
