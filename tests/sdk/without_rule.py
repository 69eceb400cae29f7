"""Removes one rule from a pack file, for the test that the demo notices. Usage: without_rule.py PACK RULE"""
import re
import sys

path, rule = sys.argv[1:]
with open(path, encoding="utf-8") as f:
    head, *rules = re.split(r"(?m)^(?=  - id: )", f.read())
kept = [text for text in rules if not re.match(rf"  - id: {re.escape(rule)}\b", text)]
if len(kept) != len(rules) - 1:
    sys.exit(f"{path} has no rule {rule}")
with open(path, "w", encoding="utf-8") as f:
    f.write(head + "".join(kept))
