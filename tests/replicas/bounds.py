"""What a quota allows over any window, held against what was seen of it from outside.

A request is decided at some moment between being sent and being answered. So of the requests that were sent at `a` or later and
answered at `b` or earlier, each was decided within [a, b], and of a bucket with `burst` and `rate` no more than
`burst + rate * (b - a)` can have been let through. This needs no allowance for how long answers take, so there is none.
"""
import bisect
import math

# The bucket's clock counts in whole steps, and its second need not be quite ours.
SLACK_REQUESTS, SLACK_CLOCK = 1, 0.001


def allowed(seconds, rate, burst):
    return burst + rate * seconds * (1 + SLACK_CLOCK) + SLACK_REQUESTS


def worst(admitted, rate, burst):
    """Over every window that begins with a request and ends with an answer: the most by which more were let through than allowed
    (less than zero if never), with the window's length and count."""
    most, received = (-math.inf, 0.0, 0), []
    for one in sorted(admitted, key=lambda one: one.sent, reverse=True):
        bisect.insort(received, one.received)
        for count, end in enumerate(received, 1):
            excess = count - allowed(end - one.sent, rate, burst)
            if excess > most[0]:
                most = (excess, end - one.sent, count)
    return most


def busiest(admitted, seconds):
    """The most that were let through in any window of a length."""
    ordered, most = sorted(admitted, key=lambda one: one.sent), 0
    for index, first in enumerate(ordered):
        inside = 0
        for one in ordered[index:]:
            if one.sent > first.sent + seconds:
                break
            inside += one.received <= first.sent + seconds
        most = max(most, inside)
    return most
