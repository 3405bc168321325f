# SPDX-License-Identifier: Apache-2.0
"""Points policy from outside: what-if by hand, expiry in the books, adoption in a real browser.

    demo's journal ──export──▶ records ──rules of the draft, naively──▶ sums ══ replay --pack, page
"""

import collections
import csv
import datetime
import io
import json
import re
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
sys.path.insert(0, __file__.rsplit("/", 1)[0])
import house
import browser as pages

CHENGDU = datetime.timezone(datetime.timedelta(hours=8))


def make_draft(folder, version="2026.9"):
    """Chengdu's pack with another bus: five points instead of three, nine a day instead of 12."""
    shutil.copytree(house.PACKS / "chengdu", folder)
    pack = (folder / "pack.txt").read_text()
    (folder / "pack.txt").write_text(pack.replace("2022.1", version))
    scenes = (folder / "scenes.txt").read_text()
    changed = scenes.replace("points   3 ", "points   5 ", 1)
    changed = changed.replace("cap      12 a day", "cap      9 a day", 1)
    assert changed.count("points   5 ") == scenes.count("points   5 ") + 1
    (folder / "scenes.txt").write_text(changed)
    return folder


def rules(pack):
    """By scene: family and the caps of its rule of today, read line by line."""
    found, scene = {}, None
    for line in (pack / "scenes.txt").read_text().splitlines():
        words = line.split("[")[0].split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "scene":
            scene = found[words[1]] = {"family": None, "caps": [], "points": None}
        elif words[0] == "family":
            scene["family"] = words[1]
        elif words[0] == "rule":
            scene["caps"] = []
        elif words[0] == "points":
            scene["points"] = words[1:]
        elif words[0] == "cap":
            scene["caps"].append((int(words[1]), words[3], " ".join(words[4:])))
    return found


def by_hand(records, pack):
    """Points by scene and by citizen: each accepted report once more, caps as sums over lists."""
    scenes = rules(pack)
    lists = collections.defaultdict(list)
    points, people = collections.Counter(), collections.Counter()
    for record in records:
        if record["outcome"] != "accepted":
            continue
        rule = scenes[record["scene"]]
        earned = record["pointsBeforeCaps"]
        if record["scene"] == "bus":
            earned = int(rule["points"][0])
        ended = datetime.datetime.fromisoformat(record["ended"].replace("Z", "+00:00"))
        day = ended.astimezone(CHENGDU).date()
        mine = lists[record["citizen"]]
        for most, period, scope in rule["caps"]:
            used = 0
            for other_day, other_scene, other_points in mine:
                same = {"day": other_day == day,
                        "month": (other_day.year, other_day.month) == (day.year, day.month),
                        "year": other_day.year == day.year}[period]
                inside = (scope == "in all" or scope == "" and other_scene == record["scene"]
                          or scope == "in family"
                          and scenes[other_scene]["family"] == rule["family"])
                used += other_points if same and inside else 0
            earned = min(earned, max(0, most - used))
        mine.append((day, record["scene"], earned))
        points[record["scene"]] += earned
        people[record["citizen"]] += earned
    return points, people


class WhatIf(house.Town):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = cls.place / "data"
        house.run("demo", "--no-serve", "--data", cls.data, "--citizens", 120)
        cls.draft = make_draft(cls.place / "draft")
        cls.records = house.records(cls.data)

    def test_a_the_draft_is_what_a_naive_program_makes_of_it(self):
        points, people = by_hand(self.records, self.draft)
        before = collections.Counter()
        for record in self.records:
            if record["outcome"] == "accepted":
                before[record["citizen"]] += record["points"]
        # First that the naive program understands the rules at all.
        same, _ = by_hand(self.records, house.PACKS / "chengdu")
        self.assertEqual(sum(same.values()), sum(before.values()))
        said = house.answer(
            "replay", "--data", self.data, "--mechanism", "chengdu", "--pack", self.draft)
        self.assertEqual(sum(points.values()), said["points"])
        self.assertEqual(
            {code: count for code, count in points.items() if count},
            {row["scene"]: row["points"] for row in said["scenes"] if row["points"]})
        self.assertNotEqual(sum(points.values()), sum(before.values()))
        gain = sum(people[citizen] > before[citizen] for citizen in before)
        lose = sum(people[citizen] < before[citizen] for citizen in before)
        self.assertEqual(
            (gain, lose), (said["againstTheBooks"]["winners"], said["againstTheBooks"]["losers"]))
        self.assertEqual(0, said["againstTheBooks"]["grams"])

    def test_b_a_pack_is_proposed_from_the_command_line(self):
        house.run(
            "staff", "add", "--data", self.data, "--username", "zhao", "--roles", "operator")
        words = ["pack", "propose", self.draft, "--data", self.data, "--mechanism", "chengdu",
                 "--opinion", "for the new year", "--staff"]
        self.assertIn("nobody", house.run(
            *words, "nobody", "--effective", "2999-01-01", status=1).stderr)
        self.assertIn("at the earliest", house.run(
            *words, "zhao", "--effective", "2020-01-01", status=1).stderr)
        self.assertEqual({"proposal": 1}, house.answer(
            *words, "zhao", "--effective", "2999-01-01"))
        self.assertTrue(house.verify(self.data)["good"])
        facts = [json.loads(line) for line in house.export(self.data, "jsonl").splitlines()]
        self.assertEqual([81], [fact["kind"] for fact in facts if 80 < fact["kind"] < 85])


class Expiry(house.Town):
    def test_points_of_long_ago_expire_once_and_the_books_balance(self):
        data = self.found()
        key = house.add_partner(data, "bikes", "shared-bike")
        house.run("staff", "add", "--data", data, "--username", "zhao", "--roles", "operator")
        server = house.Server(data, self.place)
        self.addCleanup(server.close)
        rides = [house.ride(n, f"user-{n % 3}", end=f"2019-0{1 + n % 6}-11T08:15:00+08:00",
                            metres=5000, seconds=1800) for n in range(12)]
        rides += [house.ride(20 + n, f"user-{n}", end="2020-05-11T08:15:00+08:00",
                             metres=5000, seconds=1800) for n in range(2)]
        status, answer = server.post(key, rides)
        self.assertEqual((200, 14), (status, answer["accepted"]))
        server.stop()
        points = {a: b for (a, _), b in house.balances(data).items()
                  if a.startswith("citizen:") and a.endswith(":points")}
        old = sum(r["points"] for r in house.records(data) if r["ended"].startswith("2019"))
        # 24 months and the end of that year: those of 2019 hold until the end of 2021.
        words = ["expire", "--data", data, "--mechanism", "chengdu", "--staff", "zhao", "--date"]
        self.assertEqual(0, house.answer(*words, "2021-12-30")["points"])
        self.assertEqual(
            {"citizens": 3, "points": old}, house.answer(*words, "2021-12-31"))
        self.assertEqual(0, house.answer(*words, "2021-12-31")["points"])
        after = house.balances(data)
        self.assertEqual(old, after[("programme:83:points", "points")])
        left = sum(b for (a, _), b in after.items()
                   if a.startswith("citizen:") and a.endswith(":points"))
        self.assertEqual(sum(points.values()) - old, left)
        self.assertTrue(house.verify(data)["good"])
        self.assertIn("not over", house.run(*words, "2999-01-01", status=1).stderr)
        if shutil.which("hledger"):
            subprocess.run(["hledger", "-f", "-", "check"], check=True, text=True,
                           input=house.export(data, "hledger"))


class Pages(house.Town):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if pages.sync_playwright is None or not pages.os.path.exists(pages.CHROMIUM):
            house.loudly("points policy in a real browser", "playwright or chromium is not here.")
        cls.data = cls.place / "data"
        house.run("demo", "--no-serve", "--data", cls.data, "--citizens", 60)
        cls.passwords = {
            name: house.answer("staff", "add", "--data", cls.data, "--username", name, "--name",
                               title, "--roles", role)["password"]
            for name, title, role in (("zhao", "赵运营", "operator"), ("qian", "钱审核", "reviewer"))}
        cls.draft = make_draft(cls.place / "draft")
        cls.expected = by_hand(house.records(cls.data), cls.draft)[0]
        cls.server = house.Server(cls.data, cls.place, words=["--development"])
        cls.addClassCleanup(cls.server.close)
        cls.play = pages.sync_playwright().start()
        cls.addClassCleanup(cls.play.stop)
        cls.browser = cls.play.chromium.launch(
            executable_path=pages.CHROMIUM, args=["--no-sandbox"])
        cls.addClassCleanup(cls.browser.close)

    def staff(self, name):
        walker = pages.Walker(self.browser, f"http://127.0.0.1:{self.server.port}")
        self.addCleanup(walker.context.close)
        page = walker.page
        page.goto(walker.base + "/console/login")
        page.fill("#username", name)
        page.fill("#password", self.passwords[name])
        page.click("form[action='/console/login'] button")
        page.fill("#code", pages.one_time_code(page.locator("main code").inner_text()))
        page.click("form[action='/console/second-factor'] button")
        page.wait_for_load_state()
        return walker

    def test_two_persons_and_a_draft(self):
        walker = self.staff("zhao")
        page = walker.page
        walker.go("/console/chengdu/policy")
        files = sorted(str(path) for path in self.draft.glob("*.txt"))
        broken = self.place / "scenes.txt"
        broken.write_text((self.draft / "scenes.txt").read_text().replace("500 m", "500 kn", 1))
        page.set_input_files("#files", [f for f in files if "scenes" not in f] + [str(broken)])
        walker.refused("form[enctype] button", 422)
        walker.has(self, "kn", "scenes.txt")
        # The files again, this time as one archive.
        archive = shutil.make_archive(str(self.place / "draft"), "zip", self.place, "draft")
        page.set_input_files("#files", [archive])
        walker.click("form[enctype] button")
        walker.has(self, "2026.9", "每次 3 分", "每次 5 分", "规则变化")
        draft = page.url
        walker.click("form[action$='/try'] button")
        for _ in range(100):
            if "查看测算结果" in walker.text():
                break
            time.sleep(0.2)
            page.goto(draft)
        walker.go(draft[len(walker.base):] + "/result")
        walker.has(self, "按接入平台", "公交出行", "受影响的人")
        table = page.request.get(draft + "/result.csv").text()
        rows = list(csv.DictReader(io.StringIO(table.lstrip("\ufeff"))))
        self.assertEqual(
            {code: count for code, count in self.expected.items() if count},
            {row["code"]: int(row["points_after"]) for row in rows
             if row["table"] == "scene" and int(row["points_after"])})
        page.goto(draft)
        page.fill("#opinion", "鼓励公交出行")
        walker.click("form[action$='/propose'] button")
        walker.has(self, "待审批", "鼓励公交出行", "撤回")
        proposal = page.url[len(walker.base):]
        for place in ("ratios", "budget", "expiry"):
            walker.go("/console/chengdu/policy/" + place)
        self.assertEqual([], sorted(set(walker.faults)))

        judge = self.staff("qian")
        judge.go(proposal)
        judge.has(self, "鼓励公交出行", "赵运营", "模拟测算")
        judge.page.fill("#opinion", "同意，自生效日起施行")
        judge.page.check("#approve")
        judge.click("form:has(#approve) button")
        judge.has(self, "已同意，待生效", "钱审核", "同意，自生效日起施行")
        self.assertEqual([], sorted(set(judge.faults)))
        self.assertTrue(re.search("已同意", judge.text()))

    def test_a_citizen_sees_how_long_points_hold(self):
        walker = pages.Walker(self.browser, f"http://127.0.0.1:{self.server.port}")
        self.addCleanup(walker.context.close)
        pages.BrowserTest.log_in(self, walker, "15400000001")
        walker.click("a[href='/chengdu/me/points']")
        left = sum(int(n.replace(",", "")) for n in re.findall(
            r"^([\d,]+) 分$", walker.text(), re.MULTILINE))
        whole = int(re.search(r"([\d,]+) 分可用", walker.text())[1].replace(",", ""))
        self.assertEqual(whole, left)
        walker.has(self, "有效至", "24 个月")
        self.assertEqual([], sorted(set(walker.faults)))


if __name__ == "__main__":
    house.main()
