"""Every page, at three widths and in both schemes: sound by axe's judgement, within the width, and light in bytes."""
from stand import ConsoleTest

PAGES = {"live": "", "rules": "rules", "playground": "playground", "explorer": "explorer"}
WIDTHS = (360, 1024, 1600)
# Bytes of a page with all that it loads.
MOST_BYTES = 150_000
# The first focusable things of a page, by the keyboard.
FIRST = ["Skip to content", "Live", "Rules", "Playground", "API explorer"]


class PagesTest(ConsoleTest):
    def test_each_page_is_sound_at_every_width_and_in_both_schemes(self):
        for name, path in PAGES.items():
            for width in WIDTHS:
                for scheme in ("light", "dark"):
                    with self.subTest(page=name, width=width, scheme=scheme), self.visit(path, width=width, scheme=scheme) as visit:
                        self.assertIn("meeting-gateway", visit.page.title())
                        self.assert_sound(visit)
                        overflow = visit.page.evaluate("document.documentElement.scrollWidth - innerWidth")
                        self.assertLessEqual(overflow, 0, "the page is wider than the window")
                        visit.picture(f"{name}-{width}-{scheme}")

    def test_the_schemes_differ(self):
        grounds = set()
        for scheme in ("light", "dark"):
            with self.visit(scheme=scheme) as visit:
                grounds.add(visit.page.evaluate("getComputedStyle(document.body).backgroundColor"))
        self.assertEqual(len(grounds), 2, grounds)

    def test_the_keyboard_reaches_everything_in_order(self):
        with self.visit() as visit:
            reached = []
            for _ in FIRST:
                visit.page.keyboard.press("Tab")
                reached.append(visit.page.evaluate("document.activeElement.textContent"))
            self.assertEqual(reached, FIRST)
            visit.page.keyboard.press("Enter")
            visit.page.wait_for_url("**/console/explorer")

    def test_a_page_is_light(self):
        for name, path in PAGES.items():
            with self.visit(path) as visit:
                files = visit.page.evaluate("performance.getEntries().filter(one => 'decodedBodySize' in one)"
                                            ".map(one => [one.name, one.decodedBodySize])")
                weight = sum(size for _, size in files)
                print(f"\n  {name}: {weight:,} bytes in {len(files)} files", end="", flush=True)
                self.assertGreaterEqual(len(files), 3, files)
                self.assertLess(weight, MOST_BYTES, name)

    def test_a_page_works_without_script(self):
        with self.visit(java_script_enabled=False) as visit:
            self.assertTrue(visit.page.get_by_text("Refusals and warnings").is_visible())
            visit.page.get_by_label("Verdict").select_option("audited")
            visit.page.get_by_role("button", name="Filter").click()
            self.assertIn("verdict=audited", visit.page.url)
            visit.page.goto(self.demo.console + "playground")
            visit.page.get_by_role("button", name="Try it").click()
            self.assertTrue(visit.page.get_by_role("heading", name="Stage by stage").is_visible())
