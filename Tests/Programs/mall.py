# SPDX-License-Identifier: Apache-2.0
"""The mall under people: a thousand at once, a server killed, and one afternoon in a real browser.

    1,000 citizens, each with points of a ride ──one barrier──▶ the last 100 ──▶ exactly 100 vouchers
    buyers ──▶ server, killed with -9 ──▶ started again: every voucher that was promised is there
    a phone: earn ──▶ take ──▶ code ──▶ the shop's clerk redeems ──▶ statement to the cent

Everything goes over HTTP, with the cookies and forms of a browser.
"""

import concurrent.futures
import http.client
import os
import random
import re
import secrets
import subprocess
import sys
import threading
import time
import unittest
import urllib.parse

sys.path.insert(0, __file__.rsplit("/", 1)[0])
sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
import house
from browser import CHROMIUM, Walker, one_time_code, sync_playwright

BUYERS = int(os.environ.get("MALL_BUYERS", "1000"))
LAST = BUYERS // 10


class Visitor:
    """A browser of few words: cookies, one connection kept open, no redirects followed."""

    def __init__(self, port, number=0):
        # Each from an address of its own on loopback: many logins from one address are turned away.
        self.address = f"127.{1 + number // 62500}.{number // 250 % 250}.{1 + number % 250}"
        self.port, self.cookies, self.token, self.connection = port, {}, "", None

    def ask(self, method, path, fields=None):
        headers, body = {}, None
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if fields is not None:
            body = urllib.parse.urlencode({**fields, "csrf": self.token})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            reply, text = self.send(method, path, body, headers)
        except (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected):
            # It was kept open longer than the server keeps it.
            reply, text = self.send(method, path, body, headers)
        for name, value in reply.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        token = re.search('name="csrf" value="([^"]+)"', text)
        if token:
            self.token = token[1]
        self.location = reply.getheader("Location")
        return reply.status, text

    def send(self, method, path, body, headers):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=120, source_address=(self.address, 0))
        try:
            self.connection.request(method, path, body, headers)
            reply = self.connection.getresponse()
            return reply, reply.read().decode()
        except BaseException:
            self.connection.close()
            self.connection = None
            raise

    def close(self):
        if self.connection is not None:
            self.connection.close()

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, **fields):
        return self.ask("POST", path, fields)

    def log_in(self, phone):
        self.get("/login")
        _, page = self.post("/login", phone=phone, agree="yes", next="/chengdu/me")
        code = re.search('dev-code">([0-9]{6})<', page)
        assert code, page[-600:]
        status, _ = self.post("/login/code", phone=phone, code=code[1], next="/chengdu/me")
        assert status == 303, status
        self.get("/chengdu/me")

    def open_account(self, partner=None, subject=None):
        assert self.post("/chengdu/me/open")[0] in (200, 303)
        if partner:
            self.get("/chengdu/me/links")
            status, page = self.post(
                "/chengdu/me/links", partner=partner, subject=subject, agree="yes")
            assert status == 200, page[-600:]
        # The token of whatever page comes next is this one's: it belongs to the session.
        self.get("/chengdu/mall")

    def take(self, offer, order):
        """Buys; asks again where the server was busy: the order's number makes that safe."""
        while True:
            status, text = self.post(f"/chengdu/mall/{offer}/order", order=order)
            if status != 503:
                return status, text
            time.sleep(0.05 + random.random() * 0.2)


def staff(data, server, username, roles):
    """A member of staff, logged in with a second factor."""
    password = house.answer(
        "staff", "add", "--data", data, "--username", username, "--name", username,
        "--roles", roles)["password"]
    return username, password


def enter(server, username, password, number):
    visitor = Visitor(server.port, number)
    visitor.get("/console/login")
    status, _ = visitor.post("/console/login", username=username, password=password)
    assert status == 303 and visitor.location == "/console/second-factor", (status, visitor.location)
    _, page = visitor.get("/console/second-factor")
    secret = re.search('name="secret" value="([^"]+)"', page)[1]
    status, _ = visitor.post(
        "/console/second-factor", secret=secret, code=one_time_code(secret))
    assert status == 303, status
    visitor.close()  # the next request opens another
    visitor.connection = None
    return visitor


def sell(boss, second, quantity, points):
    """A shop by two persons, and an offer with so many pieces; answers the offer's number."""
    boss.get("/console/chengdu/mall/merchants")
    boss.post("/console/chengdu/mall/merchants", name="试卖铺", english="Shop",
              licence=secrets.token_hex(8), contact="店主", phone="13800000000", agree="yes")
    shop = boss.location
    second.get(shop)
    assert second.post(shop, decision="approved")[0] == 303
    boss.get("/console/chengdu/mall")
    boss.post("/console/chengdu/mall/offers", merchant=shop.rsplit("/", 1)[1], name="最后的票",
              kind="ticket", points=points, cash="0", settles="1.25", limit="1000", days="30",
              expiry="returns", returnable="yes")
    offer = boss.location
    second.get(offer)
    assert second.post(offer, decision="approved")[0] == 303
    _, page = boss.get(offer)
    number = re.search('name="id" value="([0-9a-f]{32})"', page)[1]
    year = time.gmtime().tm_year
    status, _ = boss.post(f"{offer}/releases", id=number, quantity=quantity,
                          **{"from": f"{year}-01-01", "until": f"{year}-12-31"})
    assert status == 303, status
    return int(offer.rsplit("/", 1)[1])


class MallTest(house.Town):
    maxDiff = None

    def test_a_the_last_hundred(self):
        data = self.found("rush")
        key = house.add_partner(data, "rides", "shared-bike", enrol=False)
        boss, second = (staff(data, None, *who) for who in (("boss", "operator"),
                                                            ("second", "reviewer")))
        server = house.Server(data, self.place, words=["--development"])
        self.addCleanup(server.close)
        offer = sell(enter(server, *boss, 60000), enter(server, *second, 60001), LAST, 5)
        # A ride of 5 km for each: 243.5 g, 6 points, which wait until the account is linked.
        rides = [house.ride(n, f"buyer-{n}", metres=5000, seconds=1800) for n in range(BUYERS)]
        for at in range(0, BUYERS, 200):
            status, answer = server.post(key, rides[at:at + 200])
            self.assertEqual((200, min(200, BUYERS - at)), (status, answer["waiting"]))
        buyers = [Visitor(server.port, n) for n in range(BUYERS)]
        for buyer in buyers:
            self.addCleanup(buyer.close)

        def prepare(number):
            buyers[number].log_in(f"139{number:08d}")
            buyers[number].open_account("rides", f"buyer-{number}")

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(prepare, range(BUYERS)))
        gate, answers = threading.Barrier(BUYERS + 1), [None] * BUYERS

        def buy(number):
            gate.wait()
            answers[number] = buyers[number].take(offer, f"{number + 1:032x}")

        threads = [threading.Thread(target=buy, args=(n,)) for n in range(BUYERS)]
        for thread in threads:
            thread.start()
        gate.wait()
        began = time.monotonic()
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        lucky = [n for n in range(BUYERS) if answers[n][0] == 303]
        print(f"{BUYERS} buyers of the last {LAST}: {len(lucky)} vouchers in {took:.1f} s")
        self.assertEqual(LAST, len(lucky))
        for number in set(range(BUYERS)) - set(lucky):
            self.assertEqual(409, answers[number][0])
            self.assertIn("已兑完", answers[number][1])
        # Each of the lucky ones has the voucher, and the same order again is the same voucher.
        for number in random.sample(lucky, min(20, len(lucky))):
            mine = buyers[number].location
            self.assertEqual(200, buyers[number].get(mine)[0])
            self.assertEqual(303, buyers[number].take(offer, f"{number + 1:032x}")[0])
            self.assertEqual(mine, buyers[number].location)
        # Nobody sees another's.
        loser = next(n for n in range(BUYERS) if n not in lucky)
        self.assertEqual(404, buyers[loser].get(buyers[lucky[0]].location)[0])
        self.assertEqual(0, server.stop())
        house.root(data)
        books = house.balances(data)
        stock = f"stock-{offer}"
        self.assertNotIn((f"release:1:{stock}", stock), books)
        held = [v for (account, asset), v in books.items()
                if asset == stock and account.startswith("citizen:")]
        self.assertEqual([1] * LAST, held)
        self.assertEqual(-LAST, books[(f"programme:70:{stock}", stock)])
        self.assertEqual(5 * LAST, books[(f"offer:{offer}:points", "points")])

    def test_b_killed_in_the_middle(self):
        data = self.found("killed")
        key = house.add_partner(data, "rides", "shared-bike", enrol=False)
        boss, second = (staff(data, None, *who) for who in (("boss", "operator"),
                                                            ("second", "reviewer")))
        server = house.Server(data, self.place, words=["--development"])
        self.addCleanup(lambda: server.close())
        offer = sell(enter(server, *boss, 60000), enter(server, *second, 60001), 400, 1)
        rides = [house.ride(f"{day}-{n}", f"buyer-{n}", metres=10_000, seconds=3000,
                            end=f"2026-03-{day:02d}T08:15:00+08:00")
                 for n in range(6) for day in range(1, 21)]
        self.assertEqual(200, server.post(key, rides)[0])
        buyers = [Visitor(server.port, n) for n in range(6)]
        for buyer in buyers:
            self.addCleanup(buyer.close)
        for number, buyer in enumerate(buyers):
            buyer.log_in(f"138{number:08d}")
            buyer.open_account("rides", f"buyer-{number}")
        promised, lock, kills = {}, threading.Lock(), 3

        def shop(number, stop):
            while not stop.is_set():
                order = secrets.token_hex(16)
                try:
                    status, _ = buyers[number].take(offer, order)
                except (OSError, http.client.HTTPException):
                    return
                if status != 303:
                    return
                with lock:
                    promised[order] = (number, buyers[number].location)

        for _ in range(kills):
            stop = threading.Event()
            threads = [threading.Thread(target=shop, args=(n, stop)) for n in range(6)]
            for thread in threads:
                thread.start()
            time.sleep(0.1 + random.random() * 0.2)
            server.kill()
            stop.set()
            for thread in threads:
                thread.join()
            server = house.Server(
                data, self.place, port=server.port, words=["--development"])
        print(f"{len(promised)} vouchers promised over {kills} kills")
        self.assertGreater(len(promised), 10)
        for order, (number, address) in promised.items():
            self.assertEqual(303, buyers[number].take(offer, order)[0])
            self.assertEqual(address, buyers[number].location, "the same order, the same voucher")
        self.assertEqual(0, server.stop())
        house.root(data)
        books = house.balances(data)
        stock = f"stock-{offer}"
        held = sum(v for (account, asset), v in books.items()
                   if asset == stock and account.startswith("citizen:"))
        # What was written and not answered any more may be there too: one a buyer and kill at most.
        self.assertLessEqual(len(promised), held)
        self.assertLessEqual(held, len(promised) + 6 * kills)
        self.assertEqual(400, held + books.get((f"release:1:{stock}", stock), 0))
        self.assertEqual(held, books[(f"offer:{offer}:points", "points")])

    def test_c_an_afternoon(self):
        missing = [what for what, there in (
            ("playwright (Tools/python.txt)", sync_playwright is not None),
            (f"{CHROMIUM} (apt-get install chromium)", os.path.exists(CHROMIUM)),
            ("assets/bootstrap.min.css (./run setup)",
             (house.REPOSITORY / "assets/bootstrap.min.css").is_file())) if not there]
        if missing:
            house.loudly("the mall in a real browser", "Not here: " + ", ".join(missing))
        data = self.place / "data"
        house.run("demo", "--no-serve", "--data", data, "--citizens", 60)
        key = house.add_partner(data, "walker", "shared-bike", enrol=False)
        boss = staff(data, None, "boss", "operator,administrator")
        server = house.Server(data, self.place, words=["--development"])
        self.addCleanup(server.close)
        play = sync_playwright().start()
        self.addCleanup(play.stop)
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        self.addCleanup(browser.close)
        base = f"http://127.0.0.1:{server.port}"
        citizen, clerk, chief = (Walker(browser, base) for _ in range(3))
        for walker in (citizen, clerk, chief):
            self.addCleanup(walker.context.close)
        self.earn_and_take(citizen, server, key)
        code = citizen.page.locator("p.code").inner_text()
        address = citizen.page.url
        self.redeem(clerk, boss, chief, code, base)
        citizen.page.goto(address)
        citizen.look()
        citizen.has(self, "已使用", "浣花茶铺")
        citizen.go("/chengdu/me/vouchers")
        for walker in (citizen, clerk, chief):
            self.assertEqual([], sorted(set(walker.faults)))
        self.assertEqual(0, server.stop())
        house.root(data)
        # Somebody else's program adds up points, money and pieces to the same balances.
        journal = self.place / "mall.journal"
        journal.write_text(house.export(data, "hledger"))
        done = subprocess.run(
            ["hledger", "-f", str(journal), "check"], capture_output=True, text=True)
        self.assertEqual("", done.stderr)

    def earn_and_take(self, walker, server, key):
        page = walker.page
        page.set_viewport_size({"width": 390, "height": 844})
        walker.go("/login?next=/chengdu/me")
        page.fill("#phone", "13900139111")
        page.check("#agree")
        walker.click("form[action='/login'] button")
        page.fill("#code", page.locator(".dev-code").inner_text())
        walker.click("form[action='/login/code'] button")
        walker.click("form[action$='/me/open'] button")
        # Ten days of 10 km: 487 g and 12 points a day.
        rides = [house.ride(day, "walker-9", end=f"2026-03-{day:02d}T08:15:00+08:00",
                            metres=10_000, seconds=3000) for day in range(1, 6)]
        self.assertEqual(200, server.post(key, rides)[0])
        walker.go("/chengdu/mall")
        walker.has(self, "可用碳积分 0", "还差 40 分", "家用燃气具免费安全检查")
        walker.go("/chengdu/me/links")
        page.select_option("#partner", "walker")
        page.fill("#subject", "walker-9")
        page.check("#agree")
        walker.click("form[action$='/me/links'] button")
        walker.go("/chengdu/mall?kind=ticket")
        walker.has(self, "可用碳积分 60", "大熊猫基地", "还差 340 分")
        walker.go("/chengdu/mall")
        page.locator("a.card1", has_text="盖碗茶一杯").click()
        walker.look()
        walker.has(self, "青羊区", "积分自动退回")
        walker.click("form[action$='/order'] button")
        walker.has(self, "待使用", "请向店员出示二维码")
        self.assertTrue(page.locator("svg.qr").is_visible())
        walker.go("/chengdu/me/vouchers")
        walker.go("/chengdu/mall/join")
        walker.go("/chengdu/me/vouchers")
        walker.click("a.entry")

    def redeem(self, walker, boss, chief, code, base):
        page = chief.page
        chief.go("/console/login")
        page.fill("#username", boss[0])
        page.fill("#password", boss[1])
        chief.click("form[action='/console/login'] button")
        page.fill("#code", one_time_code(page.locator("main code").inner_text()))
        chief.click("form[action='/console/second-factor'] button")
        for place in ("", "/merchants", "/vouchers", "/offers/12", "/vouchers/1"):
            chief.go("/console/chengdu/mall" + place)
        chief.go("/console/chengdu/mall/merchants/12")
        chief.has(self, "浣花茶铺", "结算单")
        page.fill("#username", "walk-till")
        page.fill("#display", "小茶")
        chief.click("form[action$='/clerks'] button")
        username, password = page.locator(".key").inner_text().split(" / ")
        due = page.locator(".stat.hot b").inner_text()
        page = walker.page
        page.set_viewport_size({"width": 390, "height": 844})
        walker.go("/console/login")
        page.fill("#username", username)
        page.fill("#password", password)
        walker.click("form[action='/console/login'] button")
        page.fill("#code", one_time_code(page.locator("main code").inner_text()))
        walker.click("form[action='/console/second-factor'] button")
        self.assertTrue(page.url.endswith("/console/chengdu/shop"), page.url)
        walker.expected.add(404)
        page.fill("#code", "AAAA-BBBB-CCCC-DDDD")
        walker.click("form[action$='/shop/use'] button")
        walker.has(self, "没有这个券码")
        walker.expected.discard(404)
        page.fill("#code", code)
        walker.click("form[action$='/shop/use'] button")
        walker.click("button:has-text('确认核销')")
        walker.has(self, "核销成功", "¥6.00")
        walker.go("/console/chengdu/shop/use?code=" + code.replace("-", "").lower())
        walker.has(self, "已使用", "walk-till")
        walker.go("/console/chengdu/shop/offers")
        walker.go("/console/chengdu/shop/statement")
        fen = round(float(due.replace("¥", "").replace(",", "")) * 100) + 600
        walker.has(self, f"¥{fen // 100:,}.{fen % 100:02d}")
        rows = page.request.get(base + "/console/chengdu/shop/statement.csv").text()
        lines = [line.split(",") for line in rows.strip().splitlines()[1:]]
        self.assertEqual(fen, sum(round(float(line[7]) * 100) for line in lines[:-1]))
        self.assertEqual(fen, round(float(lines[-1][7]) * 100))


if __name__ == "__main__":
    house.main()
