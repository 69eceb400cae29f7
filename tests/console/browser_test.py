"""That a bad page is seen to be bad, and a good one to be good, by what the tests of the console ask."""
import http.server
import threading

from stand import ConsoleTest

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; require-trusted-types-for 'script'"
GOOD = b"""<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Good</title>
<main><h1>Good</h1><p>Text to be read.</p><script src="/good.js"></script></main></html>"""
BAD = b"""<!doctype html><html><meta charset="utf-8"><title>Bad</title><h1>Bad</h1><p style="color: #ddd">Hardly to be read.</p>
<img src="/absent.png"><script>console.error("as it is"); fetch("http://127.0.0.1:1/foreign").catch(() => 0)</script>
<script>throw new Error("thrown")</script></html>"""
ANSWERS = {
    "/good": ("text/html", POLICY, GOOD),
    "/good.js": ("text/javascript", POLICY, b"document.querySelector('p').textContent += ' And more.'"),
    "/bad": ("text/html", "", BAD),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path not in ANSWERS:
            return self.send_error(404)
        kind, policy, body = ANSWERS[self.path]
        self.send_response(200)
        for name, value in {"content-type": kind, "content-security-policy": policy, "content-length": len(body)}.items():
            self.send_header(name, value)
        self.end_headers()
        return self.wfile.write(body)

    def log_message(self, *_):
        pass


class BrowserTest(ConsoleTest):
    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.url = f"http://127.0.0.1:{cls.server.server_port}"

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()

    def test_a_good_page(self):
        with self.browser.visit(f"{self.url}/good") as visit:
            self.assertEqual(visit.page.text_content("p"), "Text to be read. And more.")
            self.assertEqual(visit.findings(), [])
            self.assertEqual(visit.wrong(), [])

    def test_a_bad_page(self):
        with self.browser.visit(f"{self.url}/bad") as visit:
            visit.page.wait_for_load_state("networkidle")
            wrong, findings = "\n".join(visit.wrong()), "\n".join(visit.findings())
        for expected in ("console error: as it is", "page error: thrown", "404", "foreign request: GET http://127.0.0.1:1/foreign",
                         "failed request: GET http://127.0.0.1:1/foreign"):
            self.assertIn(expected, wrong)
        for rule in ("color-contrast (serious)", "image-alt (critical)", "html-has-lang (serious)"):
            self.assertIn(rule, findings)

    def test_size_and_colours(self):
        for scheme, width in (("light", 1280), ("dark", 390)):
            with self.browser.visit(f"{self.url}/good", width=width, height=844, scheme=scheme) as visit:
                self.assertEqual(visit.page.evaluate("innerWidth"), width)
                self.assertTrue(visit.page.evaluate(f"matchMedia('(prefers-color-scheme: {scheme})').matches"))
                self.assertEqual(visit.picture(f"good-{scheme}").read_bytes()[:4], b"\x89PNG")
