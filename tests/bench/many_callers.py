#!/usr/bin/env python3
"""many_callers.py KEYS FOLDER: files of callers that hold these keys, one a line; prints their list for `caller_files`."""
import hashlib
import pathlib
import sys

EACH = 10_000  # a file of callers may have 4 MiB and 250,000 nodes

keys, folder = pathlib.Path(sys.argv[1]).read_text().split(), pathlib.Path(sys.argv[2])
files = []
for first in range(0, len(keys), EACH):
    file = folder / f"callers-{first // EACH}.yaml"
    files.append(str(file))
    with file.open("w") as out:
        out.write("callers:\n")
        for number, key in enumerate(keys[first : first + EACH], first):
            digest = hashlib.sha256(key.encode()).hexdigest()
            out.write(f"  - {{id: many-{number}, api_keys: ['sha256:{digest}'], scopes: [secrets, personal_data], upstream_user: {{fixed: bench}}}}\n")
print(f"[{', '.join(files)}]")
