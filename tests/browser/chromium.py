"""A headless Chromium with a fresh profile, driven by Selenium and listened to by Devtools."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.bench.system import until
from tests.browser.devtools import Devtools

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--disable-default-apps", "--hide-scrollbars=false", "--lang=zh-CN",
)  # fmt: skip

DRAWN = """return !!(window.zhizhi && document.querySelectorAll('.k .v').length === 16
  && [...document.querySelectorAll('.k .v')].every((v) => v.textContent.trim())
  && document.querySelectorAll('#map-figure .choroplethlayer path').length >= 6
  && document.fonts.status === 'loaded')"""
LIVE = "return !!(window.zhizhi && zhizhi.state().connected && zhizhi.state().trouble === '')"


class Browser:
    """One browser: one profile, its own cookies, storage and workers."""

    def __init__(self, base: str = "", *, width: int = 1920, height: int = 1080) -> None:
        self.base, self.size = base, (width, height)
        self.profile = Path(tempfile.mkdtemp(prefix="zhizhi-chromium-", dir="/tmp"))
        options = Options()
        options.binary_location = shutil.which("chromium") or "/usr/bin/chromium"
        for flag in (*FLAGS, f"--user-data-dir={self.profile}", f"--window-size={width},{height}"):
            options.add_argument(flag)
        driver = shutil.which("chromedriver") or "/usr/bin/chromedriver"
        self.driver = webdriver.Chrome(options=options, service=Service(driver))
        self.driver.set_page_load_timeout(60)
        self.driver.set_script_timeout(60)
        self.devtools = Devtools(self.driver.capabilities["goog:chromeOptions"]["debuggerAddress"])
        self.resize(width, height)

    def close(self) -> None:
        """End the browser and forget its profile."""
        with contextlib.suppress(Exception):
            self.devtools.close()
        with contextlib.suppress(Exception):
            self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def resize(self, width: int, height: int) -> None:
        """Make the page exactly this large, one CSS pixel a pixel."""
        self.size = (width, height)
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def open(self, path: str = "/?lang=zh", *, live: bool = True) -> Browser:
        """Open a page of the wall and wait until it is drawn and, unless told not to, live."""
        self.driver.get(self.base + path)
        until(lambda: self.js(DRAWN), 45, lambda: f"drawn: {self.devtools.complaints}")
        if live:
            until(lambda: self.js(LIVE), 30, lambda: f"live: {self.state()}")
        return self

    def tab(self, path: str = "/?lang=zh") -> None:
        """Open one more tab in front."""
        self.driver.switch_to.new_window("tab")
        self.resize(*self.size)
        self.open(path)

    def js(self, script: str, *values: Any) -> Any:
        """Run a script in the page and return what it returns."""
        return self.driver.execute_script(script, *values)

    def state(self) -> Any:
        """Return what the live script says of itself."""
        return self.js("return window.zhizhi ? zhizhi.state() : null")

    def text(self, selector: str) -> str:
        """Return what is written in the first element, "" if there is none."""
        script = "const e = document.querySelector(arguments[0]); return e ? e.textContent : ''"
        return str(self.js(script, selector))

    def find(self, selector: str) -> WebElement:
        """Return the first element."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def click(self, selector: str) -> None:
        """Click the first element."""
        self.find(selector).click()

    def click_at(self, x: float, y: float) -> None:
        """Move the mouse to a point of the page, rest there as a hand does, and click."""
        chain = ActionChains(self.driver, duration=50)
        chain.w3c_actions.pointer_action.move_to_location(int(x) - 4, int(y) - 4)
        chain.w3c_actions.pointer_action.pause(0.1)
        chain.w3c_actions.pointer_action.move_to_location(int(x), int(y))
        chain.w3c_actions.pointer_action.pause(0.3)
        chain.w3c_actions.pointer_action.click()
        chain.perform()

    def press(self, key: str) -> None:
        """Press a key on the page."""
        ActionChains(self.driver).send_keys(key).perform()

    def banner(self) -> str:
        """Return what the banner says, "" while all is well."""
        return self.text("#live-banner")

    def until(self, script: str, seconds: float, what: str = "") -> float:
        """Wait until a script returns something true."""
        return until(lambda: self.js(script), seconds, what or script)

    def settle(self, seconds: float = 0.3) -> None:
        """Let the page finish what it is drawing."""
        time.sleep(seconds)
