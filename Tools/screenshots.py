# SPDX-License-Identifier: Apache-2.0
"""Shoots the pages of Tools/screenshots.txt into Docs/screenshots, from a small demo of its own.

    python Tools/screenshots.py PROGRAM        (./run screenshots does this)
"""
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parent.parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_up(address, server, seconds=120):
    for _ in range(seconds * 5):
        if server.poll() is not None:
            sys.exit(f"screenshots: the server ended with status {server.returncode}")
        try:
            urllib.request.urlopen(address + "/healthz", timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"screenshots: no answer from {address} within {seconds} s")


def pages():
    for line in (ROOT / "Tools/screenshots.txt").read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, path, width = line.split()
            yield name, path, int(width)


def main():
    program = sys.argv[1]
    target = ROOT / "Docs/screenshots"
    target.mkdir(parents=True, exist_ok=True)
    listen = f"127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as data:
        server = subprocess.Popen(
            [program, "demo", "--data", data + "/data", "--citizens", "300", "--listen", listen],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            wait_until_up("http://" + listen, server)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path="/usr/bin/chromium", args=["--no-sandbox"])
                for name, path, width in pages():
                    page = browser.new_page(viewport={"width": width, "height": 844})
                    answer = page.goto(f"http://{listen}{path}", wait_until="networkidle")
                    if not answer.ok:
                        sys.exit(f"screenshots: {path} answered {answer.status}")
                    page.screenshot(path=target / f"{name}.png", full_page=True)
                    page.close()
                    print(f"Docs/screenshots/{name}.png")
                browser.close()
        finally:
            server.terminate()
            server.wait(timeout=30)


if __name__ == "__main__":
    main()
