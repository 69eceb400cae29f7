"""The second page: what a rule in audit would have refused is counted, and the cases of the packs pass."""
import re

from stand import MEETING, ConsoleTest, series


class RulesTest(ConsoleTest):
    def would(self, visit, rule):
        row = visit.page.locator("tr", has=visit.page.locator("code.rule", has_text=re.compile(f"^{rule}$")))
        return int(row.locator("td.number").nth(1).text_content())

    def test_what_would_be_refused_is_counted(self):
        with self.visit("rules") as visit:
            before = self.would(visit, "subject-has-project")
            self.assertEqual(self.demo.call(series(subject="no project"), MEETING), 200)
            visit.page.reload()
            self.assertEqual(self.would(visit, "subject-has-project"), before + 1)
            cases = visit.page.locator(".cases").all_text_contents()
            self.assertEqual(len(cases), 2)
            for line in cases:
                passed, of = re.fullmatch(r"(\d+) of (\d+) cases pass", line).groups()
                self.assertEqual(passed, of)
            self.assert_sound(visit)
