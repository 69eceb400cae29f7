"""The third page: a request that is refused, one that is clamped, and a pack that is edited."""
import json
import re

from playwright.sync_api import expect
from stand import PATH, QUERY, ConsoleTest, series


def curl(body):
    return f"curl -X PUT 'https://gateway.example{PATH}?{QUERY}' -H 'Content-Type: application/json' -d '{json.dumps(body)}'"


class PlaygroundTest(ConsoleTest):
    def tried(self, visit, request):
        visit.page.get_by_label("Request").fill(request)
        visit.page.get_by_role("button", name="Try it").click()
        visit.page.locator("#outcome").wait_for()
        visit.page.locator("[data-result]:not([aria-busy])").wait_for()
        return visit.page.locator("#outcome").text_content()

    def test_a_refused_and_a_clamped_request(self):
        with self.visit("playground") as visit:
            refused = self.tried(visit, curl(series(confConfigInfo={"guestPwd": "88888888"})))
            self.assertEqual(refused, "The policy denies it")
            self.assertIn("baseline/no-guessable-guest-password", visit.page.locator(".stages").text_content())
            self.assertIn('verdict: "deny"', visit.page.locator("#case-file").text_content())
            visit.picture("playground-refused")
            self.assert_sound(visit)

            clamped = self.tried(visit, curl(series(length=180)))
            self.assertEqual(clamped, "It would be sent on, changed")
            gone, new = visit.page.locator(".diff .gone"), visit.page.locator(".diff .new")
            self.assertIn('"length": 180', "".join(gone.all_text_contents()))
            self.assertIn('"length": 120', "".join(new.all_text_contents()))
            self.assertIn("example-enterprise/max-duration", visit.page.locator(".stages").text_content())
            visit.picture("playground-clamped")
            self.assert_sound(visit)

    def test_an_edited_pack_judges(self):
        with self.visit("playground") as visit:
            visit.page.get_by_label("Pack", exact=True).select_option("baseline")
            text = visit.page.get_by_label("pack.yaml")
            expect(text).to_have_value(re.compile("^pack: baseline$", re.MULTILINE))
            visit.page.get_by_label("Pack", exact=True).select_option("example-enterprise")
            expect(text).to_have_value(re.compile("^pack: example-enterprise$", re.MULTILINE))
            text.fill(text.input_value().replace("minutes: 120", "minutes: 45"))
            self.assertEqual(self.tried(visit, curl(series(length=180))), "It would be sent on, changed")
            self.assertIn('"length": 45', "".join(visit.page.locator(".diff .new").all_text_contents()))
            text.fill(text.input_value().replace("rules:", "rulez:"))
            self.assertEqual(self.tried(visit, curl(series(length=180))), "The pack cannot be used")
            self.assert_sound(visit)

    def test_the_case_can_be_copied(self):
        with self.visit("playground", permissions=["clipboard-read", "clipboard-write"]) as visit:
            self.tried(visit, curl(series(length=180)))
            visit.page.get_by_role("button", name="Copy").click()
            visit.page.get_by_role("button", name="Copied").wait_for()
            copied = visit.page.evaluate("navigator.clipboard.readText()")
            self.assertEqual(copied, visit.page.locator("#case-file").text_content())
            self.assertIn("- name: from the playground", copied)
