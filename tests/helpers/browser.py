"""A headless Chromium, driven over a pipe (the DevTools protocol): for tests of pages.

A test folder's conftest.py has `from browser import browser, page` and `__all__` of both. A test is
skipped where Chromium is not installed. No port is opened, no name is resolved.

    def test_page(page):
        page.open(path)
        assert page.evaluate("document.title") == "..."
        assert page.errors == [] and page.requests == []
"""

import base64
import itertools
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

__all__ = ["Browser", "Page", "browser", "page"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe"),
)
# It reads commands from descriptor 3 and writes to 4. Python can't promise a child these two.
_START = 'exec "$@" 3</dev/fd/{} 4>/dev/fd/{}'
_PATIENCE = 60.0  # seconds for an answer, on a machine that others use as well
_DOMAINS = ("Page", "Runtime", "Log", "Network")


@pytest.fixture(scope="session")
def browser():
    """One for all tests of a folder."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None or os.name != "posix":
        pytest.skip("chromium is not installed")
    with Browser(program) as running:
        yield running


@pytest.fixture
def page(browser):
    """A new, empty tab, with no cookies nor storage of others; 1024 x 768, light."""
    with browser.page() as tab:
        yield tab


class Browser:
    """The process, and the pipe to it: messages are JSON, each ended by a zero byte."""

    def __init__(self, program):
        self._program, self._ids, self._waiting = program, itertools.count(1), b""
        self._pages = {}

    def __enter__(self):
        self._folder = tempfile.mkdtemp(prefix="browser-")
        (its_in, self._out), (self._in, its_out) = os.pipe(), os.pipe()
        self._process = subprocess.Popen(
            ["sh", "-c", _START.format(its_in, its_out), "sh", self._program, *_ARGUMENTS]
            + [f"--user-data-dir={self._folder}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self._folder},
            pass_fds=(its_in, its_out),
            start_new_session=True,
        )
        os.close(its_in)
        os.close(its_out)
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close")
            self._process.wait(10)
        except (OSError, RuntimeError, TimeoutError, subprocess.TimeoutExpired):
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        os.close(self._in)
        os.close(self._out)
        shutil.rmtree(self._folder, ignore_errors=True)

    def page(self):
        """A new tab, to be used by `with`."""
        return Page(self)

    def call(self, method, session=None, **parameters):
        """A command's result; events that come before it are told to the tab that they are of."""
        number = next(self._ids)
        message = {"id": number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        until = time.monotonic() + _PATIENCE
        while True:
            answer = self._read(until, method)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def read_event(self, until, what):
        """Wait for one more message, which tells its tab."""
        self._read(until, what)

    def listen(self, session, hear):
        """Call hear(method, parameters) for events of a tab; None listens no more."""
        self._pages[session] = hear

    def _read(self, until, what):
        while b"\0" not in self._waiting:
            if not select.select([self._in], [], [], max(0.0, until - time.monotonic()))[0]:
                raise TimeoutError(f"the browser: no answer to {what} for {_PATIENCE:.0f} s")
            data = os.read(self._in, 1 << 20)
            if not data:
                raise RuntimeError(f"the browser ended, after {what}")
            self._waiting += data
        text, _, self._waiting = self._waiting.partition(b"\0")
        message = json.loads(text)
        if hear := self._pages.get(message.get("sessionId")):
            hear(message.get("method"), message.get("params", {}))
        return message


class Page:
    """A tab. Lengths are CSS pixels, from the left upper corner of what is visible.

    errors    texts of console errors, exceptions that nobody caught, and refused requests
    requests  addresses that were asked for beside the page's own and what is inside it (data:,
              blob:)
    """

    def __init__(self, browser):
        self._browser, self._errors, self._requests, self._loads = browser, [], [], 0
        self._address, self._dark, self._medium = None, False, ""

    def __enter__(self):
        call = self._browser.call
        self._context = call("Target.createBrowserContext")["browserContextId"]
        target = call("Target.createTarget", url="about:blank", browserContextId=self._context)
        attached = call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        self._browser.listen(self._session, self._hear)
        for domain in _DOMAINS:
            self._call(f"{domain}.enable")
        self.resize(1024, 768)
        return self

    def __exit__(self, *_):
        self._browser.call("Target.disposeBrowserContext", browserContextId=self._context)
        self._browser.listen(self._session, None)

    def open(self, place):
        """Show a file, or an address, and wait until it is loaded."""
        text = os.fspath(place)
        self._address = text if "://" in text else Path(text).resolve().as_uri()
        loads, until = self._loads, time.monotonic() + _PATIENCE
        answer = self._call("Page.navigate", url=self._address)
        if "errorText" in answer:
            raise RuntimeError(f"{self._address}: {answer['errorText']}")
        if "loaderId" not in answer:
            return  # another fragment of the same page
        while self._loads == loads:
            self._browser.read_event(until, f"opening {self._address}")

    @property
    def errors(self):
        """Those so far."""
        self.evaluate("0")  # what came before its answer has been heard
        return list(self._errors)

    @property
    def requests(self):
        """Those so far."""
        self.evaluate("0")
        return list(self._requests)

    def forget(self):
        """Errors and requests so far."""
        self.evaluate("0")
        self._errors.clear()
        self._requests.clear()

    def evaluate(self, expression):
        """What JavaScript makes of it, as JSON would hold it; a promise is waited for."""
        answer = self._call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(_described(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def resize(self, width, height=768, *, scale=1.0, touch=False):
        """Another screen: `scale` is its pixels to a CSS pixel, `touch` a phone's."""
        self._screen = {"width": width, "height": height, "scale": scale, "touch": touch}
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=touch,
        )
        self._call("Emulation.setTouchEmulationEnabled", enabled=touch, maxTouchPoints=5)

    def look(self, *, dark=False, printed=False):
        """As somebody sees it who prefers dark pages, or on paper."""
        self._dark, self._medium = dark, "print" if printed else ""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", media=self._medium, features=[scheme])

    def screenshot(self, width=None, dark=None, *, whole=True):
        """PNG bytes: of the whole page, or of what is visible; afterwards all is as before."""
        before, was_dark = self._screen, self._dark
        if width is not None:
            self.resize(**{**before, "width": width})
        if dark is not None:
            self.look(dark=dark, printed=bool(self._medium))
        self.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        picture = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        if width is not None:
            self.resize(**before)
        if dark is not None:
            self.look(dark=was_dark, printed=bool(self._medium))
        return base64.b64decode(picture["data"])

    def pdf(self):
        """The page printed on A4, with its colours."""
        answer = self._call(
            "Page.printToPDF", printBackground=True, paperWidth=8.27, paperHeight=11.69
        )
        return base64.b64decode(answer["data"])

    def place_of(self, selector):
        """Left, top, width and height of the first element that it selects, scrolled to."""
        return self.evaluate(
            f"(e => {{ e.scrollIntoView({{block: 'nearest'}}); const r = e.getBoundingClientRect();"
            f"return [r.left, r.top, r.width, r.height]; }})"
            f"(document.querySelector({json.dumps(selector)}))"
        )

    def click(self, selector):
        """Press and release the mouse in the middle of an element."""
        left, top, width, height = self.place_of(selector)
        self.stroke([(left + width / 2, top + height / 2)])

    def stroke(self, points, pointer="mouse"):
        """Press at the first of points (x, y), go to each other one, release at the last.

        pointer  "mouse", "pen" or "touch"; what comes of each is what comes of a hand's
        """
        if pointer == "touch":
            for kind, (x, y) in zip(itertools.chain(["Start"], itertools.repeat("Move")), points):
                self._touch(kind, [{"x": x, "y": y}])
            self._touch("End", [])
            return
        (x, y), *others = points
        self._mouse("mouseMoved", x, y, pointer, buttons=0)
        self._mouse("mousePressed", x, y, pointer, buttons=1)
        for x, y in others:
            self._mouse("mouseMoved", x, y, pointer, buttons=1)
        self._mouse("mouseReleased", x, y, pointer, buttons=0)

    def type(self, text):
        """Put text in where the focus is, as a keyboard's input method does."""
        self._call("Input.insertText", text=text)

    def press(self, key, *, modifiers=0):
        """A key by its name, such as Enter, Tab, ArrowLeft or z; modifiers: 1 Alt, 2 Ctrl, 8 Shift.

        One character is typed as well, unless Alt or Ctrl is held.
        """
        code = _KEY_CODES.get(key, ord(key.upper()) if len(key) == 1 else 0)
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        shared = {"key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        typed = {"text": text} if text and not modifiers & 3 else {}
        self._call("Input.dispatchKeyEvent", type="keyDown", **shared, **typed)
        self._call("Input.dispatchKeyEvent", type="keyUp", **shared)

    def _mouse(self, kind, x, y, pointer, *, buttons):
        self._call(
            "Input.dispatchMouseEvent",
            type=kind,
            x=x,
            y=y,
            button="none" if kind == "mouseMoved" and not buttons else "left",
            buttons=buttons,
            clickCount=int(kind != "mouseMoved"),
            pointerType=pointer,
        )

    def _touch(self, kind, points):
        self._call("Input.dispatchTouchEvent", type=f"touch{kind}", touchPoints=points)

    def _call(self, method, **parameters):
        return self._browser.call(method, self._session, **parameters)

    def _hear(self, method, parameters):
        if method == "Page.loadEventFired":
            self._loads += 1
        elif method == "Runtime.exceptionThrown":
            self._errors.append(_described(parameters["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "assert"):
            shown = (a.get("description", a.get("value")) for a in parameters["args"])
            self._errors.append(" ".join(map(str, shown)))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self._errors.append(parameters["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            address = parameters["request"]["url"]
            own = address == (self._address or "").partition("#")[0]
            if not own and not address.startswith(("data:", "blob:", "about:")):
                self._requests.append(address)


_KEY_CODES = {"Backspace": 8, "Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "Home": 36} | {
    name: 37 + i for i, name in enumerate(("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"))
}


def _described(details):
    """An exception of the page's in words."""
    return details.get("exception", {}).get("description") or details["text"]
