# SPDX-License-Identifier: Apache-2.0
"""What programs that look at every page share: the list of pages, and the people who look.

    Sources/…/Routes*.swift ──▶ patterns with their roles ──▶ addresses, found by following links

The table of routes is the list of pages: a page that is new is looked at without being named
anywhere, and one that nobody can find is a failure.
"""

import os
import re
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0])
import house

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    sync_playwright = None

CHROMIUM = "/usr/bin/chromium"
PASSWORD = "tanpuhui-demo"
CITIZEN = "15400000001"
SITE = house.REPOSITORY / "Sources/Shell/Web/Site"
ROUTE = re.compile(r'Route\(\s*\.get,\s*"([^"]+)",\s*([^"]*?),\s*"', re.S)
PROGRAMS = ("/api/", "/openapi.json", "/healthz", "/metrics")
# Roles of a route, by name, in the order in which somebody is chosen to look at it.
LOOKERS = (
    (".anyone", ("stranger", "citizen")), (".citizen", ("citizen",)), (".staff", ("operator",
    "reviewer")), (".newcomer", ("newcomer",)), (".merchant", ("shop",)),
    (".operators", ("operator",)), (".reviewer", ("reviewer",)), (".deciders", ("reviewer",)),
    (".proposers", ("operator",)), (".administrator", ("administrator",)),
    (".auditor", ("auditor",)), (".regulator", ("regulator",)))


def routes():
    """(pattern, who looks) of every address that is asked for with GET and is not for programs."""
    found = []
    for file in sorted(SITE.glob("Routes*.swift")):
        for pattern, who in ROUTE.findall(file.read_text("utf-8")):
            if pattern.startswith(PROGRAMS):
                continue
            names = next((names for role, names in LOOKERS if re.search(
                re.escape(role) + r"\b", who)), None)
            assert names, f"pages.LOOKERS does not say who looks at {pattern} ({who})"
            found.append((pattern, names))
    assert len(found) > 50, f"only {len(found)} routes were found in {SITE}"
    return found


def expression(pattern):
    return re.compile("".join(
        "[^/?#]+" if part.startswith("{") else re.escape(part)
        for part in re.split(r"(\{[^}]*\})", pattern)) + r"(?:\?[^#]*)?")


def missing():
    """What is not here to look with."""
    return [what for what, there in (
        ("playwright (Tools/python.txt)", sync_playwright is not None),
        (f"{CHROMIUM} (apt-get install chromium)", os.path.exists(CHROMIUM)),
        ("assets/bootstrap.min.css (./run setup)",
         (house.REPOSITORY / "assets/bootstrap.min.css").is_file())) if not there]


class DemoTown(house.Town):
    """A served demo with a browser; `pages.DemoTown.citizens` people live in it."""

    citizens = 60

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if missing():
            house.loudly(cls.__name__, "Not here: " + ", ".join(missing()))
        cls.entered = {}
        cls.data = cls.place / "data"
        house.run("demo", "--no-serve", "--data", cls.data, "--citizens", cls.citizens)
        cls.newcomer = house.answer(
            "staff", "add", "--data", cls.data, "--username", "newcomer", "--name", "新人",
            "--roles", "operator")["password"]
        cls.server = house.Server(cls.data, cls.place, command="demo")
        cls.addClassCleanup(cls.server.close)
        cls.play = sync_playwright().start()
        cls.addClassCleanup(cls.play.stop)
        cls.browser = cls.play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        cls.addClassCleanup(cls.browser.close)
        cls.base = f"http://127.0.0.1:{cls.server.port}"

    def enter(self, who):
        """A page of somebody's browser, logged in: once, for a code is good once."""
        # The service worker has a program of its own; here each page comes from the server.
        context = self.browser.new_context(
            viewport={"width": 1280, "height": 900}, service_workers="block",
            storage_state=self.entered.get(who))
        self.addCleanup(context.close)
        page = context.new_page()
        if who in self.entered or who == "stranger":
            return page
        if who == "citizen":
            log_in(page, self.base)
        else:
            page.goto(self.base + "/console/login")
            page.fill("#username", who)
            page.fill("#password", self.newcomer if who == "newcomer" else PASSWORD)
            if who != "newcomer":
                page.fill("#code", page.locator(".dev-code").inner_text())
            with page.expect_navigation():
                page.click("form[action='/console/login'] button")
            assert "/console/login" not in page.url, f"{who} could not log in: {page.content()}"
        self.entered[who] = context.storage_state()
        return page


def log_in(page, base, phone=CITIZEN):
    """A citizen; each phone gets one code a minute, so each test has a phone of its own."""
    page.goto(base + "/login?next=/chengdu/me")
    page.fill("#phone", phone)
    page.check("#agree")
    page.click("form[action='/login'] button")
    page.fill("#code", page.locator(".dev-code").inner_text())
    with page.expect_navigation():
        page.click("form[action='/login/code'] button")
