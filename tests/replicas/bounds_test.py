"""The check itself: it passes a bucket that keeps its quota, and tells one that does not."""
import unittest

from bounds import busiest, worst
from load import Answer

RATE, BURST = 50, 50


def bucket(moments, rate=RATE, burst=BURST):
    """What one bucket makes of requests at these moments; each answer takes 5 ms, the decision is somewhere in between."""
    left, last, given = burst, 0.0, []
    for number, moment in enumerate(moments):
        left, last = min(burst, left + (moment - last) * rate), moment
        if left >= 1:
            left -= 1
            early = (number % 5) / 1000
            given.append(Answer(moment - early, moment + 0.005 - early, 200, "", False, ""))
    return given


class BoundsTest(unittest.TestCase):
    MOMENTS = [n / 150 for n in range(900)]

    def test_a_bucket_that_keeps_its_quota_passes(self):
        given = bucket(self.MOMENTS)
        self.assertGreater(len(given), 0.9 * (BURST + RATE * 6))
        self.assertLessEqual(worst(given, RATE, BURST)[0], 0)
        self.assertLessEqual(busiest(given, 1), BURST + RATE)

    def test_three_buckets_instead_of_one_are_told(self):
        given = [one for n in range(3) for one in bucket(self.MOMENTS[n::3])]
        self.assertGreater(worst(given, RATE, BURST)[0], 0)

    def test_one_burst_too_much_is_told(self):
        given = bucket([n / 150 for n in range(900)])
        given += [Answer(3.0, 3.01, 200, "", False, "") for _ in range(BURST)]
        self.assertGreater(worst(given, RATE, BURST)[0], 40)
        self.assertLessEqual(worst(given, RATE, 2 * BURST)[0], 0)

    def test_a_rate_a_tenth_too_high_is_told(self):
        self.assertGreater(worst(bucket(self.MOMENTS, rate=RATE * 1.1), RATE, BURST)[0], 10)
