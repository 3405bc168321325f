# SPDX-License-Identifier: Apache-2.0
"""A real browser walks the pages as a stranger, a citizen and staff.

    demo --no-serve ──▶ serve --development ──▶ chromium, one visit for each walker

Every page that is walked over is looked at in both languages, 360 and 1280 pixels wide: nothing may
be wider than the screen, no button may be hidden or covered, no text of ours may be left in the
other language, nothing may fail to load, and the browser may complain about nothing. What the pages
say is compared with figures that are worked out here.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import struct
import sys
import time
import unittest

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
import house

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    sync_playwright = None

CHROMIUM = "/usr/bin/chromium"
WIDTHS = ((360, 780), (1280, 900))

# What is wrong with the page that is open; run in the page.
LOOK = """() => {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth)
    faults.push(`is ${root.scrollWidth - root.clientWidth} px wider than the screen`);
  if (document.querySelectorAll('h1').length !== 1) faults.push('has not one main heading');
  const visible = e => e.checkVisibility && e.checkVisibility();
  const name = e => (e.innerText || e.value || e.id || e.outerHTML).trim().slice(0, 40);
  for (const e of document.querySelectorAll('button, .btn, .tabs1 a, .tabbar a, summary')) {
    if (!visible(e)) continue;
    e.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
    const box = e.getBoundingClientRect();
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    const at = document.elementFromPoint(x, y);
    if (!at || !(e.contains(at) || at.contains(e))) faults.push(`"${name(e)}" can't be reached`);
    if (e.matches('.btn') && box.height < 36) faults.push(`"${name(e)}" is smaller than a thumb`);
  }
  for (const e of document.querySelectorAll('input, select, textarea')) {
    if (!visible(e) || e.type === 'hidden') continue;
    if (!e.labels || e.labels.length === 0) faults.push(`the field ${e.name} has no label`);
  }
  for (const e of document.querySelectorAll('a[href^="#"]'))
    if (!document.querySelector(e.getAttribute('href'))) faults.push('a link leads nowhere');
  if (root.lang === 'en')
    for (const e of document.querySelectorAll('button, label, th, h2, nav a, .tabs1 a, .note1 p'))
      if (visible(e) && !e.classList.contains('lang') && /[\\u4e00-\\u9fff]/.test(e.innerText)
          && !e.closest('.where, .dev') && !e.querySelector('code'))
        faults.push(`"${name(e)}" is not English`);
  window.scrollTo({top: 0, behavior: 'instant'});
  return faults;
}"""


class Walker:
    """One person's browser: remembers everything that went wrong on the way."""

    def __init__(self, browser, base):
        self.base = base
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.page = self.context.new_page()
        self.faults, self.seen, self.expected = [], set(), set()
        self.speak("zh")
        self.page.on("console", self.heard)
        self.page.on("pageerror", lambda error: self.fault(f"script: {error}"))
        self.page.on("requestfailed", self.failed)
        self.page.on("response", self.answered)

    def speak(self, language):
        self.context.add_cookies([{"name": "lang", "value": language, "url": self.base}])

    def fault(self, text):
        self.faults.append(f"{self.page.url[len(self.base):]}: {text}")

    def heard(self, message):
        # The browser remarks on every refusal; those are looked at in `answered`.
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            self.fault("console: " + message.text)

    def failed(self, request):
        if request.failure != "net::ERR_ABORTED":  # a download is no page
            self.fault(f"{request.url} failed: {request.failure}")

    def answered(self, response):
        if response.status >= 400 and response.status not in self.expected:
            self.fault(f"{response.url} answered {response.status}")

    def go(self, path):
        self.page.goto(self.base + path)
        self.look()

    def click(self, selector):
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        self.look()

    def refused(self, selector, status):
        """A form that the server turns down with a sentence."""
        self.expected.add(status)
        self.click(selector)
        self.expected.discard(status)
        if not self.page.locator("[role=alert]").count():
            self.fault(f"a refusal ({status}) says nothing")

    def look(self):
        """Looks at the page as it is: in this language at both widths; a page that can be asked for
        again is looked at in English as well, once."""
        self.look_once("zh")
        path = self.page.url
        # The same page with other numbers in its address is the same page.
        pattern = re.sub(r"\d+", "1", path)
        if pattern in self.seen or self.page.evaluate("window.performance.getEntriesByType("
                                                       "'navigation')[0].type") == "reload":
            return
        self.seen.add(pattern)
        try:
            status = self.page.request.get(path).status
        except Exception as error:  # noqa: BLE001
            return self.fault(str(error))
        if status != 200:
            return  # the answer to a form, which has no address of its own
        self.speak("en")
        other = self.context.new_page()
        for event, ear in (("console", self.heard), ("response", self.answered)):
            other.on(event, ear)
        other.goto(path)
        self.look_once("en", other)
        other.close()
        self.speak("zh")

    def look_once(self, language, page=None):
        page = page or self.page
        if page.evaluate("document.documentElement.lang")[:2] != language:
            self.fault(f"is not in {language}")
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            for fault in page.evaluate(LOOK):
                self.fault(f"{language}, {width} px: {fault}")

    def text(self):
        return self.page.locator("main").inner_text()

    def has(self, test, *texts):
        shown = self.text()
        for text in texts:
            test.assertIn(text, shown, f"on {self.page.url}")


def one_time_code(secret):
    """RFC 6238 with SHA-1, 30 s, six digits, of a secret in base32."""
    key = base64.b32decode(secret.upper())
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 10**6:06d}"


class BrowserTest(house.Town):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        missing = [what for what, there in (
            ("playwright (Tools/python.txt)", sync_playwright is not None),
            (f"{CHROMIUM} (apt-get install chromium)", os.path.exists(CHROMIUM)),
            ("assets/bootstrap.min.css (./run setup)",
             (house.REPOSITORY / "assets/bootstrap.min.css").is_file())) if not there]
        if missing:
            house.loudly("the pages in a real browser", "Not here: " + ", ".join(missing))
        data = cls.place / "data"
        house.run("demo", "--no-serve", "--data", data, "--citizens", 40)
        cls.key = house.add_partner(data, "walker", "shared-bike", enrol=False)
        cls.password = house.answer(
            "staff", "add", "--data", data, "--username", "wei", "--name", "魏同志",
            "--roles", "operator,reviewer,auditor,administrator")["password"]
        cls.server = house.Server(data, cls.place, words=["--development"])
        cls.addClassCleanup(cls.server.close)
        cls.play = sync_playwright().start()
        cls.addClassCleanup(cls.play.stop)
        cls.browser = cls.play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        cls.addClassCleanup(cls.browser.close)
        cls.base = f"http://127.0.0.1:{cls.server.port}"

    def walker(self):
        walker = Walker(self.browser, self.base)
        self.addCleanup(walker.context.close)
        return walker

    def clean(self, walker):
        self.assertEqual([], sorted(set(walker.faults)))

    def test_a_stranger_looks_around(self):
        walker = self.walker()
        page = walker.page
        walker.go("/")
        walker.click("main a[href='/chengdu/']")
        totals = json.loads(self.server.get("/api/v1/chengdu/totals")[1])
        walker.has(self, "打开我的碳账户", f"{totals['points']:,}")
        # The label must be there to be read, not white on white.
        colours = page.locator("a.btn", has_text="打开我的碳账户").evaluate(
            "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]")
        self.assertNotEqual(*colours)
        walker.click("header nav a[href='/chengdu/scenes']")
        walker.click("main a[href='/chengdu/scenes/shared-bike']")
        walker.has(self, "48.7 g/km", "500 m 至 20.00 km", "本场景每日最多 12 分")
        walker.click("header nav a[href='/chengdu/transparency']")
        walker.has(self, "SM3", "国密 SM2 签名")
        page.fill("#fact", "1")
        walker.click("main form button")
        walker.has(self, "已重新计算")
        walker.go("/api")
        description = page.request.get(self.base + "/openapi.json").json()
        self.assertTrue(description["openapi"].startswith("3.1"))
        for path in description["paths"]:
            self.assertIn(path, walker.text())
        page.set_viewport_size({"width": 1280, "height": 900})
        page.click("header a.lang[lang]")
        self.assertEqual("en", page.evaluate("document.documentElement.lang"))
        self.assertTrue(page.url.endswith("/api"), page.url)
        page.click("header a.lang[lang]")
        self.assertEqual("zh-CN", page.evaluate("document.documentElement.lang"))
        walker.expected = {404}
        walker.go("/chengdu/scenes/teleport")
        walker.go("/nowhere/")
        walker.expected = set()
        self.clean(walker)

    def log_in(self, walker, phone):
        page = walker.page
        walker.go("/login?next=/chengdu/me")
        page.fill("#phone", phone)
        page.check("#agree")
        walker.click("form[action='/login'] button")
        code = page.locator(".dev-code").inner_text()
        page.fill("#code", f"{(int(code) + 1) % 10**6:06d}")
        walker.refused("form[action='/login/code'] button", 422)
        page.fill("#code", code)
        walker.click("form[action='/login/code'] button")

    def test_b_citizen_sees_why(self):
        walker = self.walker()
        page = walker.page
        # Three rides wait for whoever they belong to: 4, 5 and 6 km at 48.7 g/km.
        rides = [house.ride(n, "walker-1", end=f"2026-03-0{n}T08:15:00+08:00",
                            metres=n * 1000, seconds=1800) for n in (4, 5, 6)]
        status, answer = self.server.post(self.key, rides)
        self.assertEqual((200, 3), (status, answer["waiting"]))
        self.log_in(walker, "13900139000")
        walker.click("form[action$='/me/open'] button")
        walker.go("/chengdu/me/links")
        page.select_option("#partner", "walker")
        page.fill("#subject", "walker-1")
        page.check("#agree")
        walker.click("form[action$='/me/links'] button")
        walker.has(self, "补记待入账行为 3 条，入账 3 条")
        walker.click("main a[href='/chengdu/me']")
        # 194.8, 243.5 and 292.2 g, each rounded half-even; 1 point for each 40 g.
        walker.has(self, "731g", "195 g", "244 g", "292 g", "139****9000")
        self.assertIn("17", page.locator(".duo .pts b").inner_text())
        page.locator("a.entry", has_text="5.00 km").click()
        walker.look()
        walker.has(
            self, "distance * (baseline - 0 g/km)", "里程 × (每公里替代排放 − 0 g/km)", "243.5 g",
            "→ 244 g", "48.7 g/km", "中国环境管理2022(5):95-103", "shared-bike@2023-01-01",
            "四舍六入五成双", "本场景每日最多 12 分", "先待入账，绑定后入账")
        walker.click("main a[href*='/proof/']")
        walker.has(self, "已重新计算：这条事实在账本之中")
        walker.go("/chengdu/me/data")
        with page.expect_download() as download:
            page.click("a[href$='/me/data.json']")
        with open(download.value.path(), encoding="utf-8") as file:
            export = json.load(file)
        self.assertIn("13900139000", json.dumps(export))
        self.clean(walker)
        # Somebody of the demo, with a month behind them.
        walker = self.walker()
        self.log_in(walker, "15400000001")
        walker.has(self, "查看计算")
        if walker.page.locator("main a", has_text="更早").count():
            walker.click("main a:has-text('更早')")
        walker.go("/chengdu/me/links")
        for page in ("record", "children", "organisations"):
            walker.go(f"/chengdu/me/{page}")
        walker.click("form:has(input[value='family']) button")
        walker.click("a.entry[href*='/organisations/']")
        walker.click("form[action$='/invitations'] button")
        walker.click("a[href$='/members']")
        walker.go("/chengdu/me")
        walker.click("form[action='/logout'] button")
        self.clean(walker)

    def test_c_staff_at_work(self):
        walker = self.walker()
        page = walker.page
        walker.go("/console/login")
        page.fill("#username", "wei")
        page.fill("#password", "wrong")
        walker.refused("form[action='/console/login'] button", 422)
        page.fill("#username", "wei")
        page.fill("#password", self.password)
        walker.click("form[action='/console/login'] button")
        secret = page.locator("main code").inner_text()
        page.fill("#code", one_time_code(secret))
        walker.click("form[action='/console/second-factor'] button")
        walker.go("/console/chengdu")
        walker.go("/console/chengdu/organisations")
        walker.go("/console/password")
        # A partner's key, made on a page, is good at once.
        walker.go("/console/chengdu/partners")
        page.fill("#code", "browser")
        page.fill("#name", "试用平台 <b>&\"'")
        page.check("#s-shared-bike")
        page.check("#enrols")
        walker.click("form[action$='/partners'] button")
        key = page.locator(".key").inner_text()
        good, broken = house.ride(20), house.ride(21)
        del broken["time"]
        far = house.ride(22, metres=21_000, seconds=5_000)
        status, answer = self.server.post(key, [good, good, broken, far])
        self.assertEqual(
            (200, 1, 1, 1, 1),
            (status, *(answer[n] for n in ("accepted", "duplicates", "quarantined", "refused"))))
        time.sleep(0.5)  # the archive follows
        walker.go("/console/chengdu/batches?partner=browser")
        page.set_viewport_size({"width": 1280, "height": 900})
        walker.click("td a:has-text('逐条结果')")
        walker.has(self, "收到 4 · 入账 1 · 重复 1", "distanceMetres", "21.00 km",
                   "未写入账本的行：2 (2–3)", "缺少必填数据")
        walker.click(".tabs1 a:has-text('全部已写入')")
        walker.has(self, "3.00 km", "146")
        walker.click("td a:has-text('审核')")
        number = page.url.rsplit("/", 1)[1]
        page.fill("#opinion", "订单与轨迹一致，予以放行")
        page.check("#release")
        page.fill("#confirm", "1")
        walker.refused("form[action*='/quarantine/'] button", 422)
        page.fill("#opinion", "订单与轨迹一致，予以放行")
        page.check("#release")
        page.fill("#confirm", number)
        walker.click("form[action*='/quarantine/'] button")
        walker.has(self, "已放行")
        time.sleep(0.5)
        walker.go("/console/chengdu/decisions")
        # 21 km at 48.7 g/km, in full; points up to the day's cap.
        walker.has(self, "订单与轨迹一致，予以放行", "魏同志", "1,023")
        walker.go("/console/chengdu/unread")
        walker.has(self, "试用平台 <b>&\"'", "time")
        for place in ("waiting", "packs", "packs/1"):
            walker.go("/console/chengdu/" + place)
        walker.go("/console/chengdu/journal")
        walker.click("form[action$='/journal/verify'] button")
        for _ in range(100):
            if "正在核验" not in walker.text():
                break
            time.sleep(0.2)
            page.goto(self.base + "/console/chengdu/journal")
        walker.look()
        walker.has(self, "核验通过", "查询库与账目一致")
        walker.go("/console/chengdu/partners/browser")
        walker.click("form[action$='/keys/revoke'] button")
        walker.has(self, "已吊销")
        self.assertEqual(401, self.server.post(key, [good])[0])
        for place in ("/console/staff", "/console/staff/1", "/console/log"):
            walker.go(place)
        walker.click("form[action='/console/logout'] button")
        self.clean(walker)


if __name__ == "__main__":
    house.main()
