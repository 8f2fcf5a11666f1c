import orjson
import pytest

from proxy.demo.act import Played, judge, text_of, typed
from proxy.demo.scenes import SCENES, Fate
from proxy.demo.seen import Seen


def scene_of(fate: Fate):
    return next(scene for scene in SCENES if scene.fate is fate)


def seen(text: str) -> Seen:
    body = orjson.dumps({"messages": [{"role": "user", "content": text}]})
    return Seen("HTTP/2", "POST", "h", "/v1/chat/completions", (), b"", body)


def broken(played: Played, everything: bytes = b"") -> list[str]:
    """Return the promises that were not kept."""
    return [promise.words.en for promise in judge(played, everything) if not promise.kept]


def test_a_refusal_that_came_out_as_promised_breaks_nothing() -> None:
    assert broken(Played(scene_of(Fate.FORBIDDEN), (), (), "no", True, 1, ())) == []


@pytest.mark.parametrize(
    ("played", "want"),
    [
        (lambda scene: Played(scene, (seen("x"),), (), "no", True, 1, ()), "nothing was sent anywhere"),
        (lambda scene: Played(scene, (), (), "yes", False, 1, ()), "the SDK raised its own error"),
        (lambda scene: Played(scene, (), (), "no", True, 3, ()), "the SDK did not retry"),
    ],
)
@pytest.mark.parametrize("fate", [Fate.FORBIDDEN, Fate.UNGRANTED])
def test_a_refusal_is_judged_by_each_of_its_promises(fate: Fate, played, want: str) -> None:
    assert [want] == broken(played(scene_of(fate)))


@pytest.mark.parametrize("fate", list(Fate))
def test_a_value_on_the_wire_breaks_the_promise_of_every_scene(fate: Fate) -> None:
    scene = scene_of(fate)
    leaked = scene.confidential[0].encode()
    assert "nothing confidential left the company" in broken(Played(scene, (), (), "", True, 1, ()), leaked)


@pytest.mark.parametrize("fate", [Fate.REDACTED, Fate.GRANTED])
def test_an_answer_without_the_originals_is_not_restored(fate: Fate) -> None:
    scene = scene_of(fate)
    kept = Played(scene, (seen("[X_1]"),), (), f"heard: {scene.prompt}", False, 1, ())
    lost = Played(scene, (seen("[X_1]"),), (), "heard: [X_1]", False, 1, ())
    assert (broken(kept), broken(lost)) == ([], ["the answer holds the originals again"])


def test_a_redirect_that_went_outside_as_well_is_found_out() -> None:
    scene = scene_of(Fate.REDIRECTED)
    played = Played(scene, (seen("x"),), (seen("x"),), scene.prompt, False, 1, ())
    assert broken(played) == ["the service saw nothing"]


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_what_was_typed_is_read_from_the_request(sdk: str) -> None:
    assert typed(seen("你好"), sdk) == "你好"


def test_the_text_of_either_sdks_answer_is_found() -> None:
    assert text_of("openai", {"choices": [{"message": {"content": "a"}}]}) == "a"
    assert text_of("anthropic", {"content": [{"text": "a"}, {"thinking": "-"}, {"text": "b"}]}) == "ab"
