"""The same as `test_labels.py` for pages that talk over a WebSocket."""

from pathlib import Path

from tests.e2e.browser import in_browser, open_browser, start_over
from tests.e2e.person import Person
from tests.e2e.sockets import open_sockets
from tests.e2e.test_labels import IDENTITY, POLICY, talk

pytestmark = in_browser

SOCKETS = ("copilot.microsoft.com", "m365.cloud.microsoft")


def test_a_page_on_a_websocket_shows_them_too(tmp_path: Path) -> None:
    (tmp_path / "sockets").mkdir()
    with (
        open_sockets(tmp_path / "sockets", POLICY, identity=IDENTITY) as sockets,
        open_browser(sockets.street.proxy, tmp_path / "home") as browser,
    ):
        page = browser.new_context(locale="zh-CN").new_page()
        for host in SOCKETS:
            talk(Person(start_over(page, **{"x-user": f"alice-{host}"}), sockets.standin), host, "{}")
        start_over(page)
        sockets.street.expect_silence()
        answers = [line["labelled"] for line in sockets.street.records() if line["event"] == "answer"]
    assert answers.count(True) >= 3, "the answer to the last turn has its line when the connection ends"
