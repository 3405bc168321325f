# SPDX-License-Identifier: Apache-2.0
"""Shoots the pages of Tools/screenshots.txt into Docs/screenshots, from a small demo of its own.

    python Tools/screenshots.py PROGRAM        (./run screenshots does this)

The pictures are written with 256 colours, which pages do not exceed by much and which makes them a
third of the size.
"""
import collections
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
import zlib

from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parent.parent
BYTES_MAX = 150_000
CITIZEN = "15400000001"
PASSWORD = "tanpuhui-demo"


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
            name, who, width, height, path, *click = line.split(maxsplit=5)
            yield name, who, int(width), int(height), path, "".join(click).strip()


def log_in(page, address, who):
    if who == "citizen":
        page.goto(address + "/login?next=/chengdu/me")
        page.fill("#phone", CITIZEN)
        page.check("#agree")
        page.click("form[action='/login'] button")
        page.fill("#code", page.locator(".dev-code").inner_text())
        page.click("form[action='/login/code'] button")
    elif who != "-":
        page.goto(address + "/console/login")
        page.fill("#username", who)
        page.fill("#password", PASSWORD)
        page.fill("#code", page.locator(".dev-code").inner_text())
        page.click("form[action='/console/login'] button")


def rows_of(png):
    """Width, height and the rows of an RGB picture without interlacing, as Chromium makes them."""
    at, data, width, height, channels = 8, b"", 0, 0, 3
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", body[:10])
            channels = {2: 3, 6: 4}[colour]
        elif kind == b"IDAT":
            data += body
        at += size + 12
    data, stride, before, rows = zlib.decompress(data), width * channels, None, []
    before = bytearray(stride)
    for y in range(height):
        start = y * (stride + 1)
        rule, row = data[start], bytearray(data[start + 1:start + 1 + stride])
        for x in range(stride) if rule else ():
            left = row[x - channels] if x >= channels else 0
            corner = before[x - channels] if x >= channels else 0
            up = before[x]
            if rule == 1:
                guess = left
            elif rule == 2:
                guess = up
            elif rule == 3:
                guess = (left + up) // 2
            else:
                guess = min((left, up, corner), key=lambda value: abs(left + up - corner - value))
            row[x] = (row[x] + guess) & 255
        rows.append([bytes(row[x:x + 3]) for x in range(0, stride, channels)])
        before = row
    return width, height, rows


def with_palette(png):
    """The same picture in 256 colours: the most frequent, and for each other the nearest of them."""
    width, height, rows = rows_of(png)
    counts = collections.Counter(colour for row in rows for colour in row)
    palette = [colour for colour, _ in counts.most_common(256)]
    index = {colour: number for number, colour in enumerate(palette)}
    for colour in counts:
        if colour not in index:
            index[colour] = min(
                range(len(palette)),
                key=lambda n: sum((a - b) ** 2 for a, b in zip(palette[n], colour)))
    body = b"".join(b"\0" + bytes(index[colour] for colour in row) for row in rows)

    def chunk(kind, content):
        return (struct.pack(">I", len(content)) + kind + content
                + struct.pack(">I", zlib.crc32(kind + content)))

    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0))
            + chunk(b"PLTE", b"".join(palette)) + chunk(b"IDAT", zlib.compress(body, 9))
            + chunk(b"IEND", b""))


def shoot(browser, address, target):
    visits = {}
    for name, who, width, height, path, click in pages():
        if who not in visits:
            context = browser.new_context()
            visits[who] = context.new_page()
            log_in(visits[who], address, who)
        page = visits[who]
        page.context.add_cookies([{"name": "lang", "value": "zh", "url": address}])
        page.set_viewport_size({"width": width, "height": height})
        answer = page.goto(address + path, wait_until="networkidle")
        if not answer.ok:
            sys.exit(f"screenshots: {path} answered {answer.status}")
        if click:
            page.get_by_text(click, exact=True).first.click()
            page.wait_for_load_state("networkidle")
            for _ in range(50):
                if not page.get_by_text("正在核验").count():
                    break
                time.sleep(0.2)
                page.goto(page.url)
        picture = with_palette(page.screenshot())
        if len(picture) > BYTES_MAX:
            sys.exit(f"screenshots: {name} has {len(picture)} bytes; make it smaller")
        (target / f"{name}.png").write_bytes(picture)
        print(f"Docs/screenshots/{name}.png  {len(picture)} bytes")


def main():
    program = sys.argv[1]
    target = ROOT / "Docs/screenshots"
    target.mkdir(parents=True, exist_ok=True)
    listen = f"127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as folder:
        data = folder + "/data"
        subprocess.run(
            [program, "demo", "--no-serve", "--data", data, "--citizens", "2000"], cwd=ROOT,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        server = subprocess.Popen(
            [program, "demo", "--data", data, "--listen", listen],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            wait_until_up("http://" + listen, server)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path="/usr/bin/chromium", args=["--no-sandbox"])
                shoot(browser, "http://" + listen, target)
                browser.close()
        finally:
            server.terminate()
            server.wait(timeout=30)


if __name__ == "__main__":
    main()
