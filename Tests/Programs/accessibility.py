# SPDX-License-Identifier: Apache-2.0
"""Every page of every role is looked at by axe-core, in both languages, at two widths.

    table of routes ──▶ address, found by following links ──▶ chromium ──▶ axe-core: WCAG 2.1 AA

No finding may be serious or critical. On the way every address that a page names, or a browser asks
for, must be one of this server's own: nothing is fetched from anybody else.
"""

import shutil
import sys
import time
import urllib.parse

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
import house
import pages

try:
    from axe_playwright_python import sync_playwright as axe
except ImportError:
    axe = None

WIDTHS = ((390, 844), (1280, 900))
RUN = """async () => (await axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa',
  'best-practice'], resultTypes: ['violations']})).violations
  .map(v => [v.impact, v.id, v.help, v.nodes.slice(0, 3).map(n => n.target.join(' ') + '  '
    + (n.any[0] || n.all[0] || n.none[0] || {message: ''}).message)])"""
# Whatever names an address: what is fetched with the page, where it leads, where forms go.
# Where a person is led: a form's address is no page.
LINKS = "() => [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))"
ADDRESSES = """() => [...document.querySelectorAll('[href],[src],[action],[poster],[data],[srcset]')]
  .flatMap(e => ['href', 'src', 'action', 'poster', 'data', 'srcset']
    .filter(a => e.hasAttribute(a)).map(a => e.getAttribute(a)))"""
# A switch of language or of the size of letters brings back to where one was.
# And an identity server is asked for in people.py, not here.
LEADS_AWAY = ("/language", "/text", "/login/identity", "/login/identity/return")
# An exchange needs another programme's server, as recognition.py has one: this page alone is not
# looked at with axe.
NOT_IN_A_DEMO = ("/{m}/me/recognition/{programme}/{number}",)
# What a form asks for, not a link.
DAY = "/chengdu/recognition/tanhui-traffic/days/2026-11-20"
ASKED = {
    "/{m}/proof": "/chengdu/proof?fact=1",
    # No programme is connected to a demo; its days are there all the same.
    "/console/{m}/recognition/{programme}/days/{day}": "/console" + DAY,
    "/console/{m}/recognition/{programme}/days/{day}/file.csv": f"/console{DAY}/file.csv",
}


class AccessibilityTest(pages.DemoTown):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if axe is None:
            house.loudly("accessibility", "Not here: axe-playwright-python (Tools/python.txt)")
        super().setUpClass()
        cls.script = axe.Axe().axe_script

    def setUp(self):
        self.browsers, self.links, self.findings, self.checked = {}, {}, [], 0
        self.hosts, self.looked = set(), set()

    def page(self, who):
        if who not in self.browsers:
            page = self.enter(who)
            page.on("request", lambda request: self.hosts.add(
                urllib.parse.urlsplit(request.url)[:2]))
            self.browsers[who] = page
        return self.browsers[who]

    def look(self, who, page, path, language):
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(self.script)
            for impact, rule, words, where in page.evaluate(RUN):
                if impact in ("serious", "critical"):
                    self.findings.append(
                        f"{rule} ({impact}) on {path} as {who}, {language}, {width} px: {words}: "
                        + " | ".join(where))
        print(f"{path} as {who}, {language}", flush=True)
        self.looked.add(path.split("?")[0])
        self.checked += 1

    def visit(self, who, path, languages=("zh", "en")):
        """Looks at one page; false where it is a file and no page."""
        page = self.page(who)
        for language in languages:
            page.context.add_cookies([{"name": "lang", "value": language, "url": self.base}])
            answer = page.request.get(self.base + path, max_redirects=0)
            kind = answer.headers.get("content-type", "")
            if answer.status == 303 or answer.status == 200 and "text/html" not in kind:
                return False
            if answer.status != 200:
                self.findings.append(f"{path} answers {who} with {answer.status}")
                return False
            page.goto(self.base + path)
            for address in page.evaluate(ADDRESSES):
                target = urllib.parse.urljoin(page.url, address)
                self.assertTrue(
                    target.startswith(self.base + "/"), f"{path} names {address}")
            for address in page.evaluate(LINKS):
                target = urllib.parse.urljoin(page.url, address)
                self.links.setdefault(who, {})[target[len(self.base):].split("#")[0]] = None
            self.look(who, page, path, language)
        return True

    def address(self, pattern, who, known):
        """An address of this pattern: without braces itself, else where a link leads."""
        if pattern in ASKED:
            return ASKED[pattern]
        if pattern.replace("{m}", "").count("{") == 0:
            return pattern.replace("{m}", "chengdu")
        mine = pages.expression(pattern)
        fixed = [pages.expression(other) for other, _ in known
                 if other != pattern and "{" not in other.rsplit("/", 1)[-1]]
        for link in self.links.get(who, {}):
            path = link.split("?")[0]
            if mine.fullmatch(path) and not any(other.fullmatch(path) for other in fixed):
                return link
        return None

    def prepare(self):
        """What a demo has none of: a citizen's voucher, a draft of a pack, tried and proposed."""
        page = self.page("citizen")
        page.goto(self.base + "/chengdu/mall")
        cards = [card.get_attribute("href") for card in page.locator("a.card1").all()]
        for card in cards:
            page.goto(self.base + card)
            if page.locator("form[action$='/order'] button").count():
                page.click("form[action$='/order'] button")
                break
        self.assertRegex(page.url, r"/me/vouchers/\d+$", "nothing could be taken from the mall")
        page = self.page("operator")
        page.goto(self.base + "/console/chengdu/policy")
        draft = self.place / "draft"
        shutil.copytree(house.PACKS / "chengdu", draft)
        text = (draft / "scenes.txt").read_text("utf-8")
        (draft / "scenes.txt").write_text(
            text.replace("cap      12 a day", "cap      9 a day", 1), "utf-8")
        page.set_input_files("#files", [str(file) for file in sorted(draft.glob("*.txt"))])
        page.locator("form[action$='/policy/drafts'] button").click()
        page.wait_for_url("**/policy/drafts/*")
        draft = page.url
        page.locator("form[action$='/try'] button").first.click()
        for _ in range(200):
            page.goto(draft + "/result")
            if page.locator("a[href$='/result.csv']").count():
                break
            time.sleep(0.2)
        page.goto(draft)
        page.fill("#effective", "2099-01-01")
        page.fill("form[action$='/propose'] [name=opinion]", "为检查页面而提交")
        page.locator("form[action$='/propose'] button").click()

        self.prepare_people()
        self.prepare_care()

    def prepare_care(self):
        """A citizen's letter, and a warning that one member of staff proposes and another confirms."""
        page = self.page("citizen")
        page.goto(self.base + "/chengdu/me/letters")
        page.fill("#letter-text", "希望增加骑行停放点")
        self.send(page, "form:has(#letter-text) button")
        page.goto(self.base + "/chengdu/me")
        entry = page.locator("a[href*='/me/entries/']").first.get_attribute("href")
        page = self.page("operator")
        page.goto(self.base + "/console/chengdu/cases")
        page.locator("details:has(#citizen) summary").click()
        form = page.locator("form:has(#citizen)")
        for name, value in (("citizen", "1"), ("rule", "人工复核"), (
                "evidence", entry.rsplit("/", 1)[1])):
            form.locator(f"#{name}").fill(value)
        form.locator("textarea").fill("为检查页面而立案")
        self.send(page, "form:has(#citizen) button")
        self.assertNotIn("没有", page.locator("main h1").inner_text(), page.url)
        page.goto(self.base + "/console/chengdu/cases/1")
        page.select_option("#kind", "warning")
        page.fill("#reason", "请留意")
        self.send(page, "button[form=propose]")
        page = self.page("reviewer")
        page.goto(self.base + "/console/chengdu/cases/1")
        page.fill("#opinion-1", "为检查页面而同意")
        self.send(page, "button[value=confirm]")

    def send(self, page, button):
        with page.expect_navigation():
            page.locator(button).first.click()

    def prepare_people(self):
        """A family, an organisation and a child; a partner that applies."""
        page = self.page("citizen")
        page.goto(self.base + "/chengdu/me/organisations")
        page.locator("form:has(input[name=kind][value=family]) button").click()
        for name in ("锦江小学", "锦江社区"):  # one is decided, one waits
            page.goto(self.base + "/chengdu/me/organisations")
            page.fill("#name", name)
            page.fill("#contact", "王老师")
            page.locator("form:has(#name) button").click()
        child = self.enter("stranger")
        pages.log_in(child, self.base, "13900139777")
        child.goto(self.base + "/chengdu/me")
        child.locator("summary", has_text="周岁").click()
        child.fill("#birth", "2018-05-01")
        child.locator("form[action$='/me/open'] button").click()
        code = child.locator(".dev-code").inner_text()
        page.goto(self.base + "/chengdu/me/children")
        page.fill("#code", code)
        page.check("#agree")
        page.locator("form[action$='/me/children'] button").click()
        child.goto(self.base + "/chengdu/join")
        for field in child.locator("main form input[required], main form textarea[required]").all():
            if field.get_attribute("type") == "checkbox":
                field.check()
            else:
                field.fill("13900139777" if field.get_attribute("type") == "tel" else "applying")
        for box in child.locator("main form input[type=checkbox]").all()[:1]:
            box.check()
        child.locator("main form button").click()

        page = self.page("operator")
        page.goto(self.base + "/console/chengdu/organisations")
        page.locator("main a[href*='/applications/']").first.click()
        page.fill("[name=opinion]", "为检查页面而同意")
        page.check("#approve")
        page.locator("form:has(#approve) button").click()

    def seen(self, pattern):
        mine = pages.expression(pattern)
        return any(mine.fullmatch(path) for path in self.looked)

    def test_every_page(self):
        began = time.monotonic()
        self.prepare()
        known = pages.routes()
        left = [(pattern, who) for pattern, names in known for who in names
                if pattern not in LEADS_AWAY + NOT_IN_A_DEMO]
        files = 0
        while left:
            later = []
            for pattern, who in left:
                path = self.address(pattern, who, known)
                if path is None:
                    later.append((pattern, who))
                elif not self.visit(who, path, languages(pattern, who)):
                    files += 1
            if len(later) == len(left):
                self.findings.append(
                    "no link leads to these pages, so nobody can look at them; lay something into "
                    f"`prepare` that shows one: {later}")
                break
            left = [item for item in later
                    # Found by one of those who may is enough.
                    if not (item[1] in ("citizen", "reviewer") and self.seen(item[0]))]
        print(f"{self.checked} pages, {files} files, {time.monotonic() - began:.0f} s")
        self.assertEqual([], sorted(set(self.findings)))
        own = tuple(urllib.parse.urlsplit(self.base)[:2])
        self.assertEqual({own}, self.hosts, "something was asked for elsewhere")


def languages(pattern, who):
    """The second of two lookers looks in English only."""
    return ("en",) if who == "reviewer" else ("zh",) if (
        who == "citizen" and "/me" not in pattern) else ("zh", "en")


if __name__ == "__main__":
    house.main()
