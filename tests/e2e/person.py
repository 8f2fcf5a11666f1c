"""Somebody in front of the replica of a chat page: what they do there, and what they see."""

from dataclasses import dataclass

from playwright.sync_api import Page

PATIENCE = 60_000
OFTEN = 40
"""Milliseconds, both; to look with each frame that is drawn keeps a processor busy."""


@dataclass
class Person[Vendor]:
    """Somebody in front of a page."""

    page: Page
    vendor: Vendor

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.expect_state("idle")

    def reload(self) -> None:
        self.page.reload()
        self.expect_state("idle")

    def send(self, text: str) -> None:
        self.page.fill("#prompt", text)
        self.page.click("button")

    def say(self, text: str) -> str:
        """Send a turn, and return the answer when it has ended."""
        self.send(text)
        self.expect_state("done")
        return str(self.shown[-1][1])

    def expect_state(self, wanted: str) -> None:
        """Wait until nothing goes on any more, and see how it ended."""
        ended = "!['loading', 'asking', 'streaming'].includes(state.textContent)"
        self.page.wait_for_function(ended, timeout=PATIENCE, polling=OFTEN)
        assert self.page.inner_text("#state") == wanted

    def expect_text(self, wanted: str) -> None:
        """Wait until the newest answer shows a text."""
        shows = "(wanted) => document.querySelector('article.assistant:last-of-type')?.textContent.includes(wanted)"
        self.page.wait_for_function(shows, arg=wanted, timeout=PATIENCE, polling=OFTEN)

    @property
    def shown(self) -> list[list[str]]:
        """Who says what on the screen."""
        return self.page.locator("article").evaluate_all("all => all.map((one) => [one.className, one.textContent])")
