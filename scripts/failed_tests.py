#!/usr/bin/env python3
"""The tests that failed, of what `swift test --xunit-output` wrote: a line each, as `--filter` takes them.

usage: failed_tests.py XUNIT.xml
"""
import re
import sys
import xml.etree.ElementTree as ElementTree


def failed(path):
    """`Room.Suite/function`, in order, each once."""
    names = {}
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            function = re.split(r"[(\s]", case.get("name"))[0]
            names[f"{case.get('classname')}/{function}"] = None
    return list(names)


if __name__ == "__main__":
    print("\n".join(failed(sys.argv[1])))
