"""The first page: traffic appears by itself, and can be filtered."""
from stand import ConsoleTest, series, until

# What passes with a clamp, and what the policy denies.
LONG = series(length=180, subject="PRJ-1 weekly")
DENIED = series(confConfigInfo={"guestPwd": "88888888"})


class LiveTest(ConsoleTest):
    def newest(self, visit):
        """The newest request of the list, if there is one."""
        requests = visit.page.locator("table.events tbody tr p.quiet").all_text_contents()
        return requests[:1]

    def test_the_traffic_of_the_demo_is_there(self):
        with self.visit() as visit:
            self.assertTrue(visit.page.locator("table code.rule", has_text="baseline/explicit-start-time").first.is_visible())
            self.assertTrue(visit.page.get_by_text("circuit closed").is_visible())

    def test_what_happens_appears_without_a_reload(self):
        with self.visit("?verdict=refused&rule=baseline/no-guessable-guest-password") as visit:
            before = self.newest(visit)
            self.assertEqual(self.demo.call(DENIED), 403)
            until("it is shown", lambda: self.newest(visit) != before)
            row = visit.page.locator("table.events tbody tr").first.text_content()
            for expected in ("refused 403", "scheduling-app", "update_recurring_meeting", "MGW.4030001",
                             "baseline/no-guessable-guest-password", "/confConfigInfo/guestPwd"):
                self.assertIn(expected, row)
            self.assertNotIn("88888888", visit.page.content())
            self.assertIn("verdict=refused", visit.page.url)
            visit.page.locator("figure.chart path.good").first.and_(visit.page.locator("[d*='L']")).wait_for(state="attached")
            self.assert_sound(visit)

    def test_filters_stand_in_the_address_and_come_back_with_it(self):
        self.assertEqual(self.demo.call(series(mediaTypes="Smell")), 400)
        with self.visit() as visit:
            visit.page.get_by_label("Verdict").select_option("refused")
            visit.page.wait_for_url("**/console/?verdict=refused")
            visit.page.get_by_label("Caller").select_option("scheduling-app")
            visit.page.wait_for_url("**/console/?caller=scheduling-app&verdict=refused")
            verdicts = visit.page.locator("table.events .verdict")
            self.assertEqual(set(verdicts.all_text_contents()), {"refused"})
            address = visit.page.url
        with self.browser.visit(address) as visit:
            self.assertEqual(visit.page.get_by_label("Caller").input_value(), "scheduling-app")
            visit.page.get_by_role("link", name="All").click()
            self.assertTrue(visit.page.url.endswith("/console/"))
            self.assert_sound(visit)

    def test_it_can_be_paused(self):
        with self.visit("?verdict=refused") as visit:
            visit.page.get_by_role("button", name="Pause").click()
            before = self.newest(visit)
            self.assertEqual(self.demo.call(DENIED), 403)
            # One look more than the page would have taken.
            visit.page.wait_for_timeout(2500)
            self.assertEqual(self.newest(visit), before)
            visit.page.get_by_role("button", name="Go on").click()
            until("the newest is shown", lambda: self.newest(visit) != before)
