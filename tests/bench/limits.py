#!/usr/bin/env python3
"""Holds the instruction benches to their committed figures: fails where one takes 3 % more than limits.json says, or is not in it,
and where a request costs more because there is a console.

limits.py             compares what `cargo bench --bench instructions` has just measured
limits.py --update    writes it down as the new figures

Counted is what the bench's own code executes, on all threads (callgrind's `totals`). The figures belong to the bench profile of Cargo.toml
and to one kind of machine: memchr, memcpy and SHA-256 choose their code by what the processor can do.
"""
import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMITS = pathlib.Path(__file__).with_name("limits.json")
SLACK = 0.03
# What a request may cost more with a console than without: more than two runs of the same differ in, and less than a look at its audit line.
NIL = 0.005
WITHOUT_CONSOLE = "_no_console"


def measured(folder):
    """Instructions of each bench, by `group/function.case`."""
    found = {}
    for out in sorted(folder.glob("*/*/callgrind.*.out")):
        totals = [line for line in out.read_text().splitlines() if line.startswith("totals:")]
        if not totals:
            raise SystemExit(f"{out} has no totals: did the bench end well?")
        name = f"{out.parents[1].name}/{out.parents[0].name}"
        instructions = totals[-1].split()[1:2] or ["0"]
        found[name] = found.get(name, 0) + int(instructions[0])
    return found


def compared(limits, found):
    """Lines for people, and whether all is well."""
    lines, well = [], True
    for name in sorted(limits.keys() | found.keys()):
        was, now = limits.get(name), found.get(name)
        if was is None:
            verdict, ok = "not in limits.json: run limits.py --update and commit it", False
        elif now is None:
            verdict, ok = "was not measured: is the bench gone?", False
        else:
            change = now / was - 1
            ok = change <= SLACK
            verdict = f"{change:+.1%}"
            if not ok:
                verdict += f": more than {SLACK:.0%} dearer than {was:,}"
            elif change < -SLACK:
                verdict += ": cheaper; run limits.py --update to keep it so"
        well = well and ok
        lines.append(f"{'' if ok else 'FAIL '}{name}: {now if now is None else f'{now:,}'} ({verdict})")
    return lines, well


def consoles(found):
    """The same for each bench that is there with a console and without."""
    lines, well = [], True
    for without in sorted(name for name in found if name.endswith(WITHOUT_CONSOLE)):
        with_one = without.removesuffix(WITHOUT_CONSOLE)
        change = found.get(with_one, float("inf")) / found[without] - 1
        ok = change <= NIL
        well = well and ok
        lines.append(f"{'' if ok else 'FAIL '}{with_one}: the console costs {change:+.2%}")
    return lines, well and bool(lines)


def main():
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    found = measured(target / "gungraun" / "meeting-gateway" / "instructions")
    if not found:
        raise SystemExit(f"nothing was measured below {target}: run `cargo bench --bench instructions` first")
    if sys.argv[1:] == ["--update"]:
        LIMITS.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
        print(f"{len(found)} figures written to {LIMITS.relative_to(ROOT)}")
        return
    if sys.argv[1:]:
        raise SystemExit(__doc__)
    figures, well = compared(json.loads(LIMITS.read_text()), found)
    console, nil = consoles(found)
    print("\n".join(figures + console))
    sys.exit(0 if well and nil else 1)


if __name__ == "__main__":
    main()
