# SPDX-License-Identifier: Apache-2.0
"""The pages as an app: installed, without a network, with large letters, inside WeChat.

    chromium ──▶ manifest, service worker: may it be installed?
    citizen: log in ─▶ look ─▶ log out ─▶ network off ─▶ nothing of theirs is anywhere
    390 px wide, letters 1.6 times as large: nothing is wider than the screen

A newer server's worker takes over from an older one's by itself.
"""

import http.server
import re
import sys
import threading
import unittest
import urllib.request

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
import house
import pages

WIDE = """() => {
  const root = document.documentElement, faults = [];
  if (root.scrollWidth > root.clientWidth) {
    const worst = [...document.querySelectorAll('main *, header *, nav *, footer *')]
      .filter(e => e.getBoundingClientRect().right > root.clientWidth + 1)
      .map(e => e.tagName + '.' + e.className).slice(0, 4);
    faults.push(`is ${root.scrollWidth - root.clientWidth} px wider than the screen: ${worst}`);
  }
  for (const e of document.querySelectorAll('button, .btn, .tabs1 a, .lang')) {
    if (!e.checkVisibility()) continue;
    e.scrollIntoView({block: 'center', behavior: 'instant'});
    const b = e.getBoundingClientRect(), at = document.elementFromPoint(
      b.left + b.width / 2, b.top + b.height / 2);
    if (!at || !(e.contains(at) || at.contains(e))) faults.push(`${e.innerText} is covered`);
  }
  return faults;
}"""
KEPT = """async () => {
  const all = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const key of await cache.keys())
      all.push([name, key.url, await (await cache.match(key)).text()]);
  }
  return all;
}"""


class AppTest(pages.DemoTown):
    maxDiff = None

    def open(self, **more):
        """A browser of its own, with a service worker, as on a phone."""
        context = self.browser.new_context(viewport={"width": 390, "height": 844}, **more)
        self.addCleanup(context.close)
        return context, context.new_page()

    def ready(self, page):
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_function("navigator.serviceWorker.controller !== null")

    def wait_until_kept(self, page, path):
        page.wait_for_function(
            """async path => (await (await caches.open('pages')).keys())
              .some(key => new URL(key.url).pathname === path)""", arg=path)

    def test_it_can_be_installed(self):
        folder = self.place / "profile"
        # A window in private has no installed apps, so this one is not.
        context = self.play.chromium.launch_persistent_context(
            str(folder), executable_path=pages.CHROMIUM, args=["--no-sandbox"])
        self.addCleanup(context.close)
        page = context.new_page()
        page.goto(self.base + "/chengdu/")
        self.ready(page)
        page.goto(self.base + "/chengdu/")
        session = context.new_cdp_session(page)
        manifest = session.send("Page.getAppManifest")
        self.assertEqual([], manifest["errors"])
        self.assertIn("碳惠天府", manifest["data"])
        errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
        self.assertEqual([], errors)
        english = page.request.get(self.base + "/manifest.webmanifest?in=en").json()
        self.assertRegex(english["name"], r"^[A-Za-z ,()-]+$")
        for icon in english["icons"]:
            answer = page.request.get(self.base + icon["src"])
            self.assertEqual((200, icon["type"]), (answer.status, answer.headers["content-type"]))
            if icon["type"] == "image/png":
                width = int.from_bytes(answer.body()[16:20], "big")
                self.assertEqual(icon["sizes"], f"{width}x{width}")

    def test_nothing_personal_is_kept(self):
        context, page = self.open()
        page.goto(self.base + "/chengdu/scenes")
        self.ready(page)
        pages.log_in(page, self.base)
        mine = ("154****0001", "15400000001")
        self.assertIn(mine[0], page.content())
        points = re.search(r"([\d,]+)\s*分", page.locator(".duo .pts b").inner_text())[1]
        for path in ("/chengdu/me/points", "/chengdu/me/links", "/chengdu/me/data",
                     "/chengdu/me/vouchers", "/chengdu/mall", "/chengdu/", "/chengdu/scenes"):
            page.goto(self.base + path)
        self.wait_until_kept(page, "/chengdu/mall")
        self.wait_until_kept(page, "/chengdu/scenes")
        # Also while they are logged in.
        session = next(c["value"] for c in context.cookies() if c["name"] == "tph_citizen")
        kept = page.evaluate(KEPT)
        self.assertFalse([url for _, url, _ in kept if "/me" in url])
        for _, url, text in kept:
            for secret in (*mine, "可用碳积分", f"{points} 分可用", session):
                self.assertNotIn(secret, text, f"{url} is kept with somebody's data")
            self.assertNotRegex(text, r"还差 \d", f"{url} is kept with somebody's data")
        context.set_offline(True)
        page.goto(self.base + "/chengdu/mall")
        text = page.locator("main").inner_text()
        self.assertRegex(text, r"没有网络。这是 20\d\d-\d\d-\d\d \d\d:\d\d 看到的内容")
        self.assertIn("No network. This is what was seen at 20", text)
        self.assertNotIn("可用碳积分", text)
        page.goto(self.base + "/chengdu/me")
        text = page.locator("main").inner_text()
        self.assertIn("不保存在手机上", text)
        self.assertIn("普惠商城", text, "what is kept is listed")
        context.set_offline(False)
        page.goto(self.base + "/chengdu/me")
        with page.expect_navigation():
            page.click("form[action='/logout'] button")
        page.wait_for_function(
            "async () => (await (await caches.open('pages')).keys())"
            ".every(key => !key.url.includes('/mall'))")
        context.set_offline(True)
        for path in ("/chengdu/me", "/chengdu/me/vouchers", "/chengdu/mall", "/chengdu/"):
            page.goto(self.base + path)
            for secret in mine:
                self.assertNotIn(secret, page.content())
        for _ in range(6):
            page.go_back()
            for secret in mine:
                self.assertNotIn(secret, page.content(), "the way back shows their page")

    def test_a_newer_version_takes_over(self):
        town, version = self.base, ["old"]

        class Between(http.server.BaseHTTPRequestHandler):
            """Hands everything on, and makes the worker look older or newer."""

            def do_GET(self):
                asked = urllib.request.Request(town + self.path, headers={
                    name: value for name, value in self.headers.items()
                    if name.lower() not in ("host", "accept-encoding", "connection")})
                with urllib.request.urlopen(asked) as answer:
                    body, headers = answer.read(), answer.headers
                if self.path == "/sw.js":
                    body = body.replace(b"'shell-", f"'shell-{version[0]}-".encode())
                self.send_response(200)
                for name in ("Content-Type", "Content-Security-Policy", "Tanpuhui-Offline"):
                    if headers[name]:
                        self.send_header(name, headers[name])
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words):
                pass

        between = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Between)
        threading.Thread(target=between.serve_forever, daemon=True).start()
        self.addCleanup(between.server_close)
        self.addCleanup(between.shutdown)
        _, page = self.open()
        page.goto(f"http://127.0.0.1:{between.server_port}/chengdu/")
        self.ready(page)
        shells = "async () => (await caches.keys()).filter(name => name.startsWith('shell-'))"
        self.assertRegex(page.evaluate(shells)[0], "^shell-old-")
        version[0] = "new"
        page.evaluate("navigator.serviceWorker.getRegistration().then(r => r.update())")
        page.wait_for_function(
            "async () => { const all = (await caches.keys()).filter(n => n.startsWith('shell-'));"
            " return all.length === 1 && all[0].startsWith('shell-new-'); }")

    def test_large_letters(self):
        context, page = self.open(service_workers="block", java_script_enabled=True)
        page.goto(self.base + "/chengdu/")
        before = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        page.locator("a.lang", has_text="大字版").first.click()
        self.assertTrue(page.url.endswith("/chengdu/"), page.url)
        after = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        self.assertAlmostEqual(1.6, after / before, places=3)
        faults = []
        pages.log_in(page, self.base, "15400000005")
        links = {"/", "/login", "/api", "/chengdu/me/vouchers"}
        for path in ("/chengdu/", "/chengdu/scenes", "/chengdu/mall", "/chengdu/me",
                     "/chengdu/transparency"):
            page.goto(self.base + path)
            links.add(path)
            links |= set(page.evaluate(
                "[...document.querySelectorAll('main a[href^=\"/chengdu\"]')]"
                ".map(a => a.getAttribute('href').split('#')[0])"))
        seen = set()
        for path in sorted(links):
            kind = re.sub(r"\d+", "1", path.split("?")[0])
            if path.endswith((".json", ".pem")) or "as=" in path or kind in seen:
                continue
            seen.add(kind)
            for language in ("zh", "en"):
                context.add_cookies([{"name": "lang", "value": language, "url": self.base}])
                for width in (390, 1280):
                    page.set_viewport_size({"width": width, "height": 844})
                    page.goto(self.base + path)
                    faults += [f"{path}, {language}, {width} px: {fault}"
                               for fault in page.evaluate(WIDE)]
        self.assertGreater(len(seen), 20)
        self.assertEqual([], faults)
        page.goto(self.base + "/text?size=normal&back=/chengdu/")
        self.assertEqual(before, page.evaluate(
            "parseFloat(getComputedStyle(document.body).fontSize)"))

    def test_large_letters_without_script_and_motion(self):
        context, page = self.open(java_script_enabled=False, reduced_motion="reduce")
        page.goto(self.base + "/chengdu/scenes")
        page.locator("a.lang", has_text="大字版").first.click()
        self.assertIn('class="large"', page.content())
        self.assertTrue(page.url.endswith("/chengdu/scenes"))
        # Paper has no menus.
        page.emulate_media(media="print")
        self.assertFalse(page.locator("header.top").is_visible())
        self.assertTrue(page.locator("h1").is_visible())

    def test_inside_wechat(self):
        agent = ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 "
                 "(KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.44 NetType/WIFI")
        # Its browser on iPhones knows no service worker.
        _, page = self.open(user_agent=agent, service_workers="block")
        page.add_init_script("delete Navigator.prototype.serviceWorker")
        faults = []
        page.on("console", lambda message: faults.append(message.text)
                if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        pages.log_in(page, self.base, "15400000003")
        self.assertIn("154****0003", page.content())
        page.goto(self.base + "/chengdu/me/data")
        self.assertIn("微信内不能保存文件", page.locator("main").inner_text())
        self.assertEqual([], faults)
        _, page = self.open(service_workers="block")
        pages.log_in(page, self.base, "15400000004")
        page.goto(self.base + "/chengdu/me/data")
        self.assertNotIn("微信", page.locator("main").inner_text())

    def test_the_policy_stays_strict(self):
        _, page = self.open()
        for path in ("/", "/chengdu/", "/login", "/console/login", "/offline", "/sw.js"):
            policy = page.request.get(self.base + path).headers["content-security-policy"]
            rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
            self.assertEqual("'none'", rules.pop("default-src"))
            for name, sources in rules.items():
                self.assertLessEqual(
                    set(sources.split()), {"'self'", "'none'", "data:"}, f"{path}: {name}")
            self.assertNotIn("data:", rules.get("script-src", ""))
            if path.startswith("/console"):
                self.assertNotIn("script-src", rules)
        page.goto(self.base + "/chengdu/")
        self.assertEqual(1, page.locator("script").count())
        self.assertEqual("", page.locator("script").inner_text())
        # What somebody smuggles in is not run.
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window"
                      ".smuggled = 1\">')")
        page.wait_for_timeout(200)
        self.assertIsNone(page.evaluate("window.smuggled || null"))


if __name__ == "__main__":
    house.main()
