"""A real browser: pages of a stated size and colours, what goes wrong in them, what axe finds in them, pictures of them.

It is Debian's Chromium without a window, driven by Playwright; tests/run says where it comes from.
"""
import os
import pathlib
import urllib.parse

from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
FONTS = pathlib.Path(__file__).with_name("fonts.conf")
# Where tests/run puts what tests/console/files.txt names.
AXE = ROOT / "tests/.venv/console/axe_playwright_python/axe.min.js"
SCREENSHOTS = pathlib.Path(os.environ.get("CONSOLE_SCREENSHOTS") or ROOT / "target/console")
# Of axe's four impacts.
GRAVE = {"serious", "critical"}


class Browser:
    """One process of the browser; each visit in it knows nothing of the others."""

    def __init__(self, executable):
        self.playwright = sync_playwright().start()
        try:
            # Without its sandbox, which it refuses to run in as root: the pages are this project's own.
            self.chromium = self.playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"],
                                                            env={**os.environ, "FONTCONFIG_FILE": str(FONTS)})
        except BaseException:
            self.playwright.stop()
            raise

    def visit(self, home, width=1280, height=800, scheme="light", **more):
        """A visit to an address, in a viewport of so many CSS pixels; `more` goes to Playwright, such as `reduced_motion`."""
        context = self.chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB",
                                            timezone_id="UTC", **more)
        return Visit(context, home)

    def close(self):
        self.chromium.close()
        self.playwright.stop()


class Visit:
    """A page with cookies and storage of its own, and all that went wrong since it was opened. It can be used with `with`."""

    def __init__(self, context, home):
        self.context, self.origin, self.noted = context, origin(home), []
        context.on("console", self._console)
        context.on("weberror", lambda event: self.noted.append(f"page error: {event.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        self.page = context.new_page()
        self.page.goto(home)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def _console(self, message):
        if message.type == "error":
            self.noted.append(f"console error: {message.text} ({message.location['url']})")

    def _request(self, request):
        if origin(request.url) not in (self.origin, None):
            self.noted.append(f"foreign request: {request.method} {request.url}")

    def _failed(self, request):
        # Aborted is what the page itself gave up, as when it is left.
        if request.failure != "net::ERR_ABORTED":
            self.noted.append(f"failed request: {request.method} {request.url}: {request.failure}")

    def wrong(self):
        """The errors in the console and of the page, the failed and the foreign requests since this was last asked."""
        # Asks the page for nothing, since what it told before is taken in on the way.
        self.page.evaluate("0")
        noted, self.noted = self.noted, []
        return noted

    def findings(self):
        """What axe holds to be serious or critical in the page as it stands: the rule, what it demands, and where it is broken."""
        self.page.evaluate(AXE.read_text())
        violations = self.page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)")
        return [f"{one['id']} ({one['impact']}): {one['help']}: {', '.join(place(node) for node in one['nodes'])}"
                for one in violations if one["impact"] in GRAVE]

    def picture(self, name, whole=True):
        """A screenshot, of the whole page or of what the viewport shows; gives the file's path."""
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=whole, animations="disabled")
        return path


def origin(url):
    """Scheme, host and port; nothing for what is not fetched from anywhere, such as `data:`."""
    parts = urllib.parse.urlsplit(url)
    return (parts.scheme, parts.netloc) if parts.netloc else None


def place(node):
    """The selector of an element, with those of the frames that it is in."""
    return " ".join(str(one) for one in node["target"])
