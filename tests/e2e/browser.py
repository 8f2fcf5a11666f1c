"""Headless Chromium that trusts the authority of Sluice as a person's would: in the certificate store of its home."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from proxy.demo.process import RunningProxy

CHROMIUM = shutil.which("chromium")

FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

in_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="CHROMIUM IS MISSING: nothing was proved about browsers"),
]
"""Marks of tests that need it."""


@contextmanager
def open_browser(proxy: RunningProxy, home: Path) -> Iterator[Browser]:
    """Start a Chromium whose only way out is the proxy, and whose `home` trusts the proxy's authority."""
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    trusting = Path(__file__).with_name("trust_nss.py")
    subprocess.run([sys.executable, trusting, store, proxy.ca], check=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            headless=True,
            chromium_sandbox=False,
            args=FLAGS,
            env={**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home)},
            proxy={"server": proxy.url},
        )
        yield browser
        browser.close()


def start_over(page: Page, **headers: str) -> Page:
    """Return the page as if it was opened now, empty, whose requests have these header fields.

    To open another takes a new process and more than a second of it.
    """
    origin = page.evaluate("origin")
    page.goto("about:blank")
    devtools = page.context.new_cdp_session(page)
    if origin != "null":
        devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    devtools.send("Network.clearBrowserCache")
    devtools.detach()
    page.context.clear_cookies()
    page.set_extra_http_headers(headers)
    return page
