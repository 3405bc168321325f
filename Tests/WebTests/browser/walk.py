#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Walks a running development server as a citizen and as staff, in a real browser.

    walk.py http://127.0.0.1:8080 [--images FOLDER] [--partner CODE --subject USER]
            [--second PARTNER] [--staff NAME --password TEXT]

Needs playwright (PyPI) and /usr/bin/chromium. On every page it checks that nothing is wider than the
screen, that no script or style was refused, and that the English page has no Chinese left but names.
Ends with status 1 and a list where something is wrong. With --images it also takes the pictures that
the README shows.
"""
import argparse
import random
import sys
import time

from playwright.sync_api import sync_playwright

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


class Walk:
    def __init__(self, browser, base, size, language, images, mechanism):
        self.context = browser.new_context(
            viewport=size, device_scale_factor=1, has_touch=size is PHONE, locale="zh-CN")
        self.context.add_cookies([{"name": "lang", "value": language, "url": base}])
        self.page = self.context.new_page()
        self.base, self.size, self.language = base, size, language
        self.images, self.mechanism = images, mechanism
        self.faults = []
        self.page.on("console", lambda m: m.type == "error" and self.fault("console: " + m.text))
        self.page.on("pageerror", lambda e: self.fault(f"script: {e}"))

    @property
    def name(self):
        return ("phone" if self.size is PHONE else "desktop") + "-" + self.language

    def fault(self, text):
        if "status of 4" in text:
            return  # the browser's remark on an answer that we asked for
        self.faults.append(f"{self.name} {self.page.url}: {text}")

    def look(self, shot=None, status=200):
        """Checks the page that is open, and takes its picture."""
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            self.fault(f"is {wide} px wider than the screen")
        if self.page.locator("h1").count() != 1:
            self.fault(f"has {self.page.locator('h1').count()} main headings")
        if self.size is PHONE:
            small = self.page.evaluate(
                """() => [...document.querySelectorAll('.btn, .form-control, .form-select')]
                   .filter(e => e.offsetHeight > 0 && e.offsetHeight < 36).length""")
            if small:
                self.fault(f"has {small} targets smaller than a thumb")
        if shot and self.images:
            self.page.screenshot(path=f"{self.images}/{shot}-{self.name}.png", full_page=True)

    def go(self, path, shot=None):
        answer = self.page.goto(self.base + path)
        if answer.status != 200:
            self.fault(f"answered {answer.status}")
        self.look(shot)

    def click(self, selector, shot=None):
        with self.page.expect_navigation():
            self.page.click(selector)
        self.look(shot)


def public(walk):
    m = walk.mechanism
    walk.go("/", "home")
    walk.go(f"/{m}/", "overview")
    walk.go(f"/{m}/scenes", "scenes")
    walk.go(f"/{m}/scenes/shared-bike", "scene")
    walk.go(f"/{m}/transparency", "transparency")
    walk.page.fill("#fact", "1")
    walk.click("form.query button", "proof")
    walk.go("/api", "api")


def citizen(walk, partner, subject, second):
    m, page = walk.mechanism, walk.page
    walk.go(f"/login?next=/{m}/me", "login")
    page.fill("#phone", "139" + "".join(random.choices("0123456789", k=8)))
    page.check("#agree")
    walk.click("form[action='/login'] button", "code")
    code = page.locator(".dev-code").inner_text()
    page.fill("#code", code)
    walk.click("form[action='/login/code'] button", "open")
    if page.locator("form[action$='/me/claim']").count() and subject:
        page.select_option("#partner", partner)
        page.fill("#subject", subject)
        walk.click("form[action$='/me/claim'] button", "claimed")
        if "/me?done=claimed" not in page.url:
            walk.go(f"/{m}/me")
            walk.click("form[action$='/me/open'] button", "opened")
    walk.go(f"/{m}/me", "account")
    if page.locator("a.entry .why").count():
        walk.click("a.entry:has(.gain b) >> nth=0", "entry")
        walk.click("a[href*='/proof/']", "entry-proof")
    walk.go(f"/{m}/me/links", "links")
    if second:
        page.select_option("#partner", second)
        page.fill("#subject", subject)
        page.check("#agree")
        walk.click("form[action$='/me/links'] button", "linked")
        walk.go(f"/{m}/me", "account-linked")
    walk.go(f"/{m}/me/data", "data")
    with page.expect_download() as download:
        page.click("a[href$='/me/data.json']")
    if not open(download.value.path()).read().startswith("{"):
        walk.fault("the export is no JSON")


def staff(walk, name, password, judge=False):
    m, page = walk.mechanism, walk.page
    walk.go("/console/login", "staff-login")
    for _ in range(4):
        page.fill("#username", name)
        page.fill("#password", password)
        if page.locator(".dev-code").count():
            page.fill("#code", page.locator(".dev-code").inner_text())
        with page.expect_navigation():
            page.click("form[action='/console/login'] button")
        if "/console/login" not in page.url:
            break
        time.sleep(16)  # a code is good once: wait for the next
        page.goto(walk.base + "/console/login")
    else:
        walk.fault("could not log in")
        return
    walk.go(f"/console/{m}", "console")
    for place in ("batches", "quarantine", "waiting", "packs", "journal", "partners"):
        walk.go(f"/console/{m}/{place}", "console-" + place)
    walk.go(f"/console/{m}/batches")
    if page.locator("td a").count():
        walk.click("td a >> nth=0", "console-batch")
    walk.go(f"/console/{m}/packs/1", "console-pack")
    walk.go(f"/console/{m}/quarantine")
    if page.locator("td a[href*='/quarantine/']").count():
        walk.click("td a[href*='/quarantine/'] >> nth=0", "console-held")
        if judge and page.locator("#opinion").count():
            number = page.url.rsplit("/", 1)[1]
            page.fill("#opinion", "订单与轨迹一致，予以放行")
            page.check("#release")
            page.fill("#confirm", number)
            walk.click("form[action*='/quarantine/'] button", "console-judged")
    if name == "administrator":
        walk.go("/console/staff", "console-staff")
        walk.go("/console/log", "console-log")
        walk.go(f"/console/{m}/journal")
        walk.click("form[action$='/journal/verify'] button", "console-verified")
        walk.go(f"/console/{m}/partners")
        page.fill("#code", f"trial-{random.randrange(10**6)}")
        page.fill("#name", "试用平台 <b>&\"'")
        page.check("input[name=scene] >> nth=0")
        walk.click("form[action$='/partners'] button", "console-key")
        if not page.locator(".key").inner_text().startswith("tph_"):
            walk.fault("no key was shown")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("base")
    parser.add_argument("--images")
    parser.add_argument("--mechanism", default="chengdu")
    parser.add_argument("--partner", default="bikes")
    parser.add_argument("--subject", default="rider")
    parser.add_argument("--second")
    parser.add_argument("--password", default="correct horse battery")
    parser.add_argument("--only", choices=["public", "citizen", "staff"])
    wish = parser.parse_args()
    faults = []
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        turn = 0
        for size in (PHONE, DESKTOP):
            for language in ("zh", "en"):
                def walk():
                    return Walk(
                        browser, wish.base, size, language, wish.images, wish.mechanism)
                walks = []
                if wish.only in (None, "public"):
                    walks.append(walk())
                    public(walks[-1])
                if wish.only in (None, "citizen"):
                    walks.append(walk())
                    citizen(walks[-1], wish.partner, f"{wish.subject}-{turn}", wish.second)
                if wish.only in (None, "staff"):
                    walks.append(walk())
                    staff(
                        walks[-1], "administrator" if turn % 2 == 0 else "reviewer",
                        wish.password, judge=turn == 3)
                faults += [fault for each in walks for fault in each.faults]
                for each in walks:
                    each.context.close()
                turn += 1
        browser.close()
    for fault in faults:
        print(fault)
    print("all is well" if not faults else f"{len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
