# SPDX-License-Identifier: Apache-2.0
"""Draws the app's icons from the one drawing of ours (Layout.swift, `Drawing.icon`).

    .tools/venv/bin/python Tools/icons/make.py        after the drawing was changed; then write
                                                      the new SHA-256 into Tools/assets.txt

Phones want PNG: round ones on nothing, one that may be cut to any shape (maskable, its drawing in
the middle four fifths), and one on paper for iPhones.
"""
import pathlib
import re
import sys

from playwright.sync_api import sync_playwright

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from screenshots import with_palette  # noqa: E402

LAYOUT = HERE.parent.parent / "Sources/Shell/Web/Layout.swift"
# Name, pixels, what stands behind, how much of the width the drawing takes.
ICONS = (("icon-192", 192, "#f6f9f7", 1.0), ("icon-512", 512, "#f6f9f7", 1.0),
         ("icon-maskable", 512, "#0d7a53", 0.8), ("icon-180", 180, "#ffffff", 0.9))


def drawing():
    text = re.search(r'static let icon = """\n(.*?)"""', LAYOUT.read_text("utf-8"), re.S)[1]
    return re.sub(r"\\\n\s*", "", text).strip()


def main():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        for name, size, paper, share in ICONS:
            page.set_viewport_size({"width": size, "height": size})
            page.set_content(
                f"<body style='margin:0;background:{paper};display:grid;place-items:center;"
                f"height:{size}px'><div style='width:{round(size * share)}px;line-height:0'>"
                f"{drawing()}</div>")
            (HERE / f"{name}.png").write_bytes(with_palette(page.screenshot()))
        browser.close()


if __name__ == "__main__":
    main()
