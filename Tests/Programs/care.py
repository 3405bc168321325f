# SPDX-License-Identifier: Apache-2.0
"""Sanctions and care in a real browser, and in the books.

    planted abuse ──risk run──▶ case ──two persons──▶ freeze ──citizen appeals──▶ a third lifts
    claw-back of what is partly spent ──▶ hledger check

The demo's invented citizens live ordinary lives: the risk rules must find nothing among them.
"""

import datetime
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
sys.path.insert(0, __file__.rsplit("/", 1)[0])
import house
import browser as pages

CHENGDU = datetime.timezone(datetime.timedelta(hours=8))
YESTERDAY = (datetime.datetime.now(CHENGDU) - datetime.timedelta(days=1)).date()


def trip(number, subject, end, scene="metro", metres=9000, seconds=3600):
    return house.ride(
        number, subject, end=f"{YESTERDAY}T{end}:00+08:00", metres=metres, seconds=seconds,
        scene=scene)


class Care(house.Town):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if pages.sync_playwright is None or not pages.os.path.exists(pages.CHROMIUM):
            house.loudly("sanctions in a real browser", "playwright or chromium is not here.")
        cls.data = house.found(cls.place / "data")
        cls.keys = {
            code: house.add_partner(cls.data, code, "metro,bus", enrol=code == "rail")
            for code in ("rail", "buses")}
        cls.passwords = {
            name: house.answer("staff", "add", "--data", cls.data, "--username", name, "--name",
                               title, "--roles", role)["password"]
            for name, title, role in (
                ("zhao", "赵运营", "operator"), ("qian", "钱审核", "reviewer"),
                ("sun", "孙监管", "regulator"))}
        cls.server = house.Server(cls.data, cls.place, words=["--development"])
        cls.addClassCleanup(cls.server.close)
        cls.play = pages.sync_playwright().start()
        cls.addClassCleanup(cls.play.stop)
        cls.browser = cls.play.chromium.launch(
            executable_path=pages.CHROMIUM, args=["--no-sandbox"])
        cls.addClassCleanup(cls.browser.close)

    def walker(self):
        walker = pages.Walker(self.browser, f"http://127.0.0.1:{self.server.port}")
        self.addCleanup(walker.context.close)
        return walker

    def staff(self, name):
        walker = self.walker()
        page = walker.page
        page.goto(walker.base + "/console/login")
        page.fill("#username", name)
        page.fill("#password", self.passwords[name])
        page.click("form[action='/console/login'] button")
        page.fill("#code", pages.one_time_code(page.locator("main code").inner_text()))
        page.click("form[action='/console/second-factor'] button")
        page.wait_for_load_state()
        return walker

    def citizen(self, phone, subject):
        """Logs in and takes over the account that the railway opened."""
        walker = self.walker()
        pages.BrowserTest.log_in(self, walker, phone)
        walker.page.select_option("form[action$='/me/claim'] #partner", "rail")
        walker.page.fill("form[action$='/me/claim'] #subject", subject)
        walker.click("form[action$='/me/claim'] button")
        return walker

    def test_planted_abuse_is_found_frozen_appealed_and_lifted(self):
        good = [trip(n, f"good-{n % 5}", f"{8 + n // 5:02}:{10 + 2 * (n % 5)}", seconds=1500 + n,
                     metres=6000 + 37 * n) for n in range(20)]
        bad = [trip(100 + n, "bad", end) for n, end in enumerate(("09:00", "12:00"))]
        self.assertEqual(200, self.server.post(self.keys["rail"], good + bad)[0])
        lin = self.citizen("13900000001", "bad")
        lin.go("/chengdu/me/links")
        lin.page.select_option("form[action$='/me/links'] #partner", "buses")
        lin.page.fill("form[action$='/me/links'] #subject", "bad")
        lin.page.check("form[action$='/me/links'] #agree")
        lin.click("form[action$='/me/links'] button")
        also = [trip(200 + n, "bad", end, "bus") for n, end in enumerate(("09:10", "12:10"))]
        self.assertEqual(200, self.server.post(self.keys["buses"], also)[0])

        zhao = self.staff("zhao")
        zhao.go("/console/chengdu/cases")
        zhao.click("form[action$='/cases/run'] button")
        zhao.has(self, "新立案： 1", "同时身处两地", "风险筛查")
        lin.go("/chengdu/me/cases")
        lin.has(self, "没有对您的处理措施")  # a case is no measure
        zhao.go("/console/chengdu/cases/1")
        until = (datetime.datetime.now(CHENGDU) + datetime.timedelta(days=20)).date().isoformat()
        zhao.page.select_option("#kind", "freeze")
        zhao.page.fill("#until", until)
        zhao.page.fill("#reason", "两个平台的行程时间重叠")
        zhao.click("button[form=propose]")
        zhao.has(self, "待确认", "撤回")
        self.assertNotIn("确认生效", zhao.text())

        qian = self.staff("qian")
        qian.go("/console/chengdu/cases?status=waiting")
        qian.click("a[href='/console/chengdu/cases/1']")
        qian.page.fill("#opinion-1", "依据充分，同意")
        qian.click("button[value=confirm]")
        qian.has(self, "生效中", "钱审核")

        lin.go("/chengdu/me")
        lin.click("main .note1 a[href='/chengdu/me/cases']")
        lin.click("main a[href='/chengdu/me/cases/1']")
        lin.has(self, "两个平台的行程时间重叠", until, "同时身处两地", "10 个工作日")
        lin.page.fill("#text-1", "地铁卡借给家人使用，公交是我本人乘坐")
        lin.click("form[action$='/appeal/1'] button")
        lin.has(self, "我的申诉", "承诺答复")

        qian.go("/console/chengdu/cases/1")
        qian.has(self, "您参与过本案")
        sun = self.staff("sun")
        sun.go("/console/chengdu")
        sun.has(self, "申诉待裁决")
        sun.go("/console/chengdu/cases/1")
        sun.has(self, "地铁卡借给家人使用")
        sun.page.fill("#appeal-1", "情况属实，提醒今后一人一卡")
        sun.click("button[value=uphold]")
        sun.has(self, "已解除")
        lin.go("/chengdu/me/cases/1")
        lin.has(self, "申诉成立，措施已解除", "情况属实，提醒今后一人一卡")
        lin.go("/chengdu/me")
        self.assertNotIn("账户已冻结", lin.text())
        self.claw_back(zhao, qian, lin)
        self.letters(zhao, lin)
        for walker in (zhao, qian, sun, lin):
            self.assertEqual([], sorted(set(walker.faults)))
        self.books()

    def claw_back(self, zhao, qian, lin):
        """All that the account has earned, by ticking its entries."""
        zhao.go("/console/chengdu/cases/1")
        boxes = zhao.page.locator("input[name=award]")
        self.assertEqual(2, boxes.count())
        for index in range(2):
            boxes.nth(index).check()
        zhao.page.select_option("#kind", "clawBack")
        zhao.page.fill("#reason", "借卡行程不计分")
        zhao.click("button[form=propose]")
        qian.go("/console/chengdu/cases/1")
        qian.page.fill("#opinion-2", "同意收回")
        qian.click("button[value=confirm]")
        lin.go("/chengdu/me/cases/1")
        lin.has(self, "收回积分", "借卡行程不计分")

    def letters(self, zhao, lin):
        lin.go("/chengdu/me/letters")
        lin.page.select_option("#scene", "metro")
        lin.page.fill("#happened", f"{YESTERDAY}T18:30")
        lin.page.fill("#order", "METRO-7788")
        lin.page.fill("#claim-text", "下班的一程没有入账")
        lin.click("form:has(#claim-text) button")
        lin.has(self, "METRO-7788", "承诺答复")
        zhao.go("/console/chengdu/letters")
        zhao.has(self, "缺失申诉", "待答复")
        zhao.click("a[href='/console/chengdu/letters/1']")
        zhao.has(self, "METRO-7788", "下班的一程没有入账")
        zhao.page.check("#d-accepted")
        zhao.page.fill("#text", "已请轨道公司补报")
        zhao.click("form:has(#d-accepted) button")
        lin.go("/chengdu/me/letters/1")
        lin.has(self, "已请轨道公司补报", "属实，待平台上报")

    def books(self):
        self.server.stop()
        balances = house.balances(self.data)
        self.assertGreater(balances[("programme:88:points", "points")], 0)
        self.assertGreater(balances[("programme:88:grams", "grams")], 0)
        self.assertTrue(house.verify(self.data)["good"])
        if shutil.which("hledger"):
            subprocess.run(["hledger", "-f", "-", "check"], check=True, text=True,
                           input=house.export(self.data, "hledger"))


class Demo(house.Town):
    def test_nobody_of_the_demo_is_suspected(self):
        if pages.sync_playwright is None or not pages.os.path.exists(pages.CHROMIUM):
            house.loudly("the demo under the risk rules", "playwright or chromium is not here.")
        data = self.place / "data"
        house.run("demo", "--no-serve", "--data", data, "--citizens", 120)
        Care.passwords = {"li": house.answer(
            "staff", "add", "--data", data, "--username", "li", "--name", "李运营", "--roles",
            "operator")["password"]}
        self.server = house.Server(data, self.place, words=["--development"])
        self.addCleanup(self.server.close)
        play = pages.sync_playwright().start()
        self.addCleanup(play.stop)
        self.browser = play.chromium.launch(
            executable_path=pages.CHROMIUM, args=["--no-sandbox"])
        self.addCleanup(self.browser.close)
        self.passwords = Care.passwords
        self.walker = lambda: Care.walker(self)
        walker = Care.staff(self, "li")
        walker.go("/console/chengdu/cases")
        walker.click("form[action$='/cases/run'] button")
        self.assertRegex(walker.text(), re.compile("新立案： 0"))


if __name__ == "__main__":
    house.main()
