from collections import Counter
from urllib.parse import urlsplit

import pytest

from proxy.demo.scenes import FATES, HOSTS, SCENES, Fate


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_language_shows_every_fate_and_a_redirect_with_both_sdks(language: str) -> None:
    scenes = [scene for scene in SCENES if scene.language == language]
    assert set(Fate) == {scene.fate for scene in scenes}
    assert {"openai", "anthropic"} == {scene.sdk for scene in scenes if scene.fate is Fate.REDIRECTED}


def test_every_fate_is_explained_in_both_languages() -> None:
    assert set(Fate) == set(FATES)
    assert all(text.en and text.zh for text in FATES.values())


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: f"{scene.language} {scene.fate} {scene.sdk}")
def test_a_scene_names_what_is_confidential_in_its_prompt_and_a_host_of_the_stand_in(scene) -> None:
    assert scene.confidential
    assert all(value in scene.prompt for value in scene.confidential)
    assert urlsplit(scene.base_url).hostname in HOSTS


def test_a_refusal_for_want_of_a_grant_comes_before_the_grant() -> None:
    for language in ("en", "zh"):
        fates = [scene.fate for scene in SCENES if scene.language == language]
        assert fates.index(Fate.UNGRANTED) < fates.index(Fate.GRANTED)
    assert all(count == 1 for count in Counter((scene.prompt, scene.fate, scene.sdk) for scene in SCENES).values())
