"""What was measured, for the lines that close the run."""

ROWS = []


def row(what, measured, held_to=""):
    ROWS.append((what, measured, held_to))


def show():
    if not ROWS:
        return
    heads = ("what", "measured", "held to")
    widths = [max(len(one[column]) for one in [heads, *ROWS]) for column in range(3)]
    print()
    for one in [heads, tuple("-" * width for width in widths), *ROWS]:
        print("  ".join(text.ljust(width) for text, width in zip(one, widths)).rstrip())
