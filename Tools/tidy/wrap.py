# SPDX-License-Identifier: Apache-2.0
"""Wraps remarks that are longer than 100 columns; swift format leaves them as they are.

    python3 Tools/tidy/wrap.py Sources Tests

A remark's last words move to the line below, where that goes on in the same paragraph; else they get
a line of their own. Drawings and tables (two blanks inside the text) are left alone, and named.
"""
import pathlib
import re
import sys

WIDTH = 100
REMARK = re.compile(r"^(\s*///? )(\S.*)$")


def wrap(lines, name):
    done = []
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        found = REMARK.match(line)
        if len(line) <= WIDTH or not found:
            done.append(line)
            continue
        mark, text = found.groups()
        if "  " in text or any(sign in text for sign in "─│▶└┌|"):
            print(f"{name}:{len(done) + 1}: a drawing; shorten it by hand")
            done.append(line)
            continue
        cut = line.rfind(" ", len(mark), WIDTH + 1)
        if cut <= len(mark):
            print(f"{name}:{len(done) + 1}: one long word; shorten it by hand")
            done.append(line)
            continue
        done.append(line[:cut])
        rest = line[cut + 1:]
        below = lines[index] if index < len(lines) else ""
        goes_on = REMARK.match(below)
        if goes_on and goes_on.group(1) == mark and re.match(r"[a-z(`]", goes_on.group(2)):
            lines[index] = f"{mark}{rest} {goes_on.group(2)}"
        else:
            lines.insert(index, mark + rest)
    return done


def main():
    for folder in sys.argv[1:]:
        for path in sorted(pathlib.Path(folder).rglob("*.swift")):
            before = path.read_text("utf-8")
            after = "\n".join(wrap(before.split("\n"), path))
            if after != before:
                path.write_text(after, "utf-8")
                print(f"{path}: wrapped")


if __name__ == "__main__":
    main()
