"""The fourth page: a form that sends to the simulator, and through the gateway."""
from stand import API_KEY, ConsoleTest


class ExplorerTest(ConsoleTest):
    def sent(self, visit):
        visit.page.get_by_role("button", name="Send").click()
        visit.page.locator("#outcome").wait_for()
        visit.page.locator("[data-result]:not([aria-busy])").wait_for()
        return visit.page.locator("#outcome").text_content()

    def test_a_round_trip_to_the_simulator(self):
        with self.visit("explorer") as visit:
            visit.page.get_by_role("link", name="update_recurring_meeting", exact=True).click()
            visit.page.wait_for_url("**operation=update_recurring_meeting")
            self.assertEqual(self.sent(visit), "200 OK")
            self.assertIn('"conferenceID": "914087436"', visit.page.locator(".outcome pre").text_content())
            self.assert_sound(visit)
            visit.page.get_by_label("Body").fill('{"mediaTypes": "Smell"}')
            self.assertEqual(self.sent(visit), "400 Bad Request")
            self.assertIn("/mediaTypes", visit.page.locator(".outcome pre").text_content())
            visit.picture("explorer-refused")
            self.assert_sound(visit)

    def test_a_round_trip_through_the_gateway(self):
        with self.visit("explorer?operation=show_meeting_detail") as visit:
            visit.page.get_by_label("the real upstream, through this gateway").check()
            self.assertEqual(self.sent(visit), "401 Unauthorized")
            visit.page.get_by_label("API key or token").fill(API_KEY)
            self.assertEqual(self.sent(visit), "200 OK")
            self.assertNotIn(API_KEY, visit.page.content())
            self.assert_sound(visit)
