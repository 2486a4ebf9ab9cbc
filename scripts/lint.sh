#!/usr/bin/env bash
# Formatting (strict), the drawn pictures and the walls between the rooms. No build: a few seconds.
#
# The walls stand in two places. Between our own targets the compiler is asked, in every build of scripts/test.sh
# (--explicit-target-dependency-import-check error). For packages and Foundation, Tests/RepositoryTests greps the
# imports against the table of rooms; it needs no compiled target of ours and runs with the other tests.
source "$(dirname "$0")/common.sh"

swift format lint --strict --parallel --recursive Sources Tests Benchmarks Package.swift

for script in scripts/*.sh .ci/run; do
    bash -n "$script"
done
python3 - scripts/*.py docs/examples/*.py demo/*.py Tests/Chaos/*.py Benchmarks/Peers/*.py Benchmarks/Density/*.py <<'PYTHON'
import ast, sys
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as source:
        ast.parse(source.read(), path)
PYTHON
python3 scripts/rule_pictures.py --check
say 'lint: clean'
