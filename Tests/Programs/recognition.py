# SPDX-License-Identifier: Apache-2.0
"""Points recognised by another programme, whose server fails and whose books are its own.

    citizens ──forms──▶ tanpuhui serve ◀──signed messages──▶ lib/peer.py (SQLite)
                         killed with -9 at random            killed with -9 at random

After everything is up again the two books agree to the point: every exchange on both sides or on
neither, whoever led it. A difference that is planted in the day's file is found and named.
"""

import collections
import csv
import datetime
import http.client
import io
import os
import random
import re
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
sys.path.insert(0, __file__.rsplit("/", 1)[0])
import house
import peer as other
from mall import Visitor, enter, staff

PROGRAMME = "merchant-alliance"
SECONDS = int(os.environ.get("RECOGNITION_SECONDS", "25"))
SEED = int(os.environ.get("RECOGNITION_SEED", "7"))
CITIZENS = 6
# Out: 1 of theirs for 10 of ours. In: 20 of theirs for 10 of ours.
RATES = "1:10:20:10"


def pack(folder):
    """Chengdu's pack with a deadline of seconds and room for many exchanges."""
    shutil.copytree(house.PACKS / "chengdu", folder)
    file = folder / "programmes.txt"
    text = file.read_text()
    assert "10 min" in text
    text = re.sub("deadline   10 min", "deadline   10 s", text)
    text = re.sub(r"limit      (out|in) \d+ a", r"limit      \1 90000 a", text)
    file.write_text(text)
    return folder


class Other:
    """The other programme's process."""

    def __init__(self, place, key, port_of_ours, trouble):
        self.books = place / "peer.sqlite"
        self.port = None
        self.key, self.ours, self.trouble = key, port_of_ours, trouble
        self.process = None
        self.starts = 0

    def start(self, trouble=None):
        self.starts += 1
        self.process = subprocess.Popen(
            [sys.executable, other.__file__, str(self.books), str(self.port), self.key,
             f"http://127.0.0.1:{self.ours}/api/v1/chengdu/programmes/{PROGRAMME}", "chengdu",
             PROGRAMME, RATES, str(self.trouble if trouble is None else trouble),
             str(SEED * 1000 + self.starts)], stdin=subprocess.DEVNULL)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(30)

    def ask(self, words, *values):
        books = sqlite3.connect(self.books, timeout=30)
        try:
            rows = books.execute(words, values).fetchall()
            books.commit()
            return rows
        finally:
            books.close()


class Recognition(house.Town):
    def world(self, name, trouble):
        """A city and a programme that know each other, both with members who hold points."""
        place = self.place / name
        place.mkdir()
        data = place / "data"
        house.run("init", "--data", data, "--pack", pack(place / "pack"))
        ours, theirs = house.free_port(), house.free_port()
        key = house.answer(
            "programme", "connect", "--data", data, "--mechanism", "chengdu", "--programme",
            PROGRAMME, "--address", f"http://127.0.0.1:{theirs}")["key"]
        self.assertTrue(key.startswith("tpr_"))
        self.rider = house.add_partner(data, "bikes", "shared-bike", enrol=False)
        self.who = staff(data, None, "operator", "operator")
        programme = Other(place, key, ours, trouble)
        programme.port = theirs
        other.Books(programme.books)
        for number in range(CITIZENS):
            programme.ask(
                "INSERT INTO member(name, points) VALUES (?, 100000)", f"member-{number}")
        server = house.Server(data, place, port=ours, words=["--development"])
        self.addCleanup(server.close)
        self.addCleanup(programme.kill)
        return place, data, server, programme

    def members(self, server, programme):
        """Citizens with points of rides, linked to their member numbers there."""
        now = datetime.datetime.now(datetime.timezone.utc)
        visitors = []
        for number in range(CITIZENS):
            visitor = Visitor(server.port, number)
            visitor.log_in(f"1390000{number:04}")
            visitor.open_account("bikes", f"rider-{number}")
            here = f"/chengdu/me/recognition/{PROGRAMME}"
            visitor.get(here)
            status, text = visitor.post(here + "/link", member=f"member-{number}", agree="yes")
            self.assertEqual(status, 303, text[-800:])
            _, text = visitor.get(here)
            code = re.search(r'<code class="long">([a-z2-7]{24})</code>', text)[1]
            programme.ask("UPDATE member SET code = ? WHERE name = ?", code, f"member-{number}")
            self.addCleanup(visitor.close)
            visitors.append(visitor)
        rides = []
        for number in range(CITIZENS):
            for day in range(40):
                for ride in range(3):
                    end = now - datetime.timedelta(days=day + 1, hours=ride)
                    rides.append(house.ride(
                        f"{number}-{day}-{ride}", f"rider-{number}",
                        end.isoformat(timespec="seconds"), vehicle=f"b-{number}-{day}-{ride}"))
        status, answer = server.post(self.rider, rides)
        self.assertEqual((status, answer["accepted"]), (200, len(rides)), answer)
        return visitors

    def exchange(self, visitor, direction, points, number=None):
        here = f"/chengdu/me/recognition/{PROGRAMME}"
        visitor.get(here)
        return visitor.post(
            here, exchange=number or secrets.token_hex(16), direction=direction, points=points)

    # What both books say, once everything is settled.

    def settled(self, server, programme, patience=60):
        """Until nothing is under way on either side."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            theirs = programme.ask(
                "SELECT count(*) FROM exchange WHERE state IN ('open', 'prepared') OR told = 0")
            if theirs[0][0] == 0 and "class=\"tag held\"" not in self.console(server):
                return
            time.sleep(0.3)
        self.fail(
            f"not settled: {theirs} there; "
            f"{programme.ask('SELECT id, leads, state, told FROM exchange WHERE told = 0')}\n"
            f"{server.said()}")

    def console(self, server):
        status, text = self.boss.get(f"/console/chengdu/recognition/{PROGRAMME}")
        self.assertEqual(status, 200)
        unsettled = re.search(r"<h2>未结</h2>(.*?)<h2>", text, re.S)[1]
        return "" if "全部已结" in unsettled else 'class="tag held" ' + unsettled

    def agree(self, server, data, programme):
        """Both sides or neither, to the point; answers how many exchanges there were."""
        ours = self.day_file(data, server)
        theirs = {
            row[0]: row[1:] for row in programme.ask(
                "SELECT id, gives, give, take, state FROM exchange")}
        confirmed = {id for id, row in theirs.items() if row[3] == "confirmed"}
        self.assertEqual(set(ours), confirmed, "both sides or neither")
        for id, row in ours.items():
            gives, give, take, _ = theirs[id]
            self.assertEqual(row["giver"] == PROGRAMME, bool(gives), id)
            self.assertEqual((int(row["give"]), int(row["take"])), (give, take), id)
            self.assertEqual(row["state"], "confirmed")
        members = dict(programme.ask("SELECT name, points FROM member"))
        given = sum(row[1] for id, row in theirs.items() if id in confirmed and row[0])
        taken = sum(row[2] for id, row in theirs.items() if id in confirmed and not row[0])
        self.assertEqual(sum(members.values()), 100000 * CITIZENS - given + taken)
        return ours, theirs

    def day_file(self, data, server):
        days = re.findall(
            f'recognition/{PROGRAMME}/days/([0-9-]+)"',
            self.boss.get(f"/console/chengdu/recognition/{PROGRAMME}")[1])
        rows = {}
        for day in days:
            status, text = self.boss.get(
                f"/console/chengdu/recognition/{PROGRAMME}/days/{day}/file.csv")
            self.assertEqual(status, 200)
            for row in csv.DictReader(io.StringIO(text)):
                rows[row["id"]] = {**row, "day": day}
        return rows

    def test_in_good_weather(self):
        """Out, in, refused, twice, and somebody else's: one by one."""
        place, data, server, programme = self.world("good", 0)
        programme.start()
        self.boss = enter(server, *self.who, 900)
        visitors = self.members(server, programme)
        lin, ma = visitors[0], visitors[1]
        number = secrets.token_hex(16)
        status, _ = self.exchange(lin, "out", 50, number)
        self.assertEqual(status, 303)
        first = lin.location
        _, text = lin.get(first)
        self.assertIn("已完成", text)
        status, _ = self.exchange(lin, "out", 50, number)
        self.assertEqual((status, lin.location), (303, first), "the same form is the same exchange")
        self.assertEqual(
            programme.ask("SELECT points FROM member WHERE name = 'member-0'"), [(100005,)])
        status, _ = self.exchange(ma, "in", 30)
        self.assertEqual(status, 303)
        self.assertIn("已完成", ma.get(ma.location)[1])
        self.assertEqual(
            programme.ask("SELECT points FROM member WHERE name = 'member-1'"), [(99940,)])
        status, text = self.exchange(lin, "out", 55)
        self.assertEqual(status, 422)
        self.assertIn("请按 10 分的整数倍兑换", text)
        status, text = self.exchange(lin, "out", 80000)
        self.assertEqual(status, 422)
        self.assertIn("还差", text)
        self.assertEqual(ma.get(first)[0], 404, "somebody else's exchange is none")
        programme.ask("UPDATE member SET points = 0 WHERE name = 'member-2'")
        status, _ = self.exchange(visitors[2], "in", 10)
        self.assertIn("已取消", visitors[2].get(visitors[2].location)[1])
        programme.ask("UPDATE member SET points = 100000 WHERE name = 'member-2'")
        self.unsigned(server)
        self.settled(server, programme)
        ours, _ = self.agree(server, data, programme)
        self.assertEqual(len(ours), 2)
        self.reconciled(place, data, server, programme, ours)

    def unsigned(self, server):
        """Nobody but the programme is let in, and it only to its own."""
        connection = server.connection()
        path = f"/api/v1/chengdu/programmes/{PROGRAMME}/exchanges/" + "1" * 32
        for signature in ("", "t=1,v1=00", other.sign(
                "wrong", PROGRAMME, "GET", path, b"", int(time.time()))):
            connection.request("GET", path, headers={"Tanpuhui-Signature": signature})
            reply = connection.getresponse()
            self.assertEqual(reply.status, 401, reply.read())
            reply.read()
        connection.close()

    def reconciled(self, place, data, server, programme, ours):
        """The page and the command line find what is planted, and say what it is."""
        day = next(iter(ours.values()))["day"]
        head = "id,giver,taker,give,take,state\n"
        lines = {
            id: f"{id},{row['giver']},{row['taker']},{row['give']},{row['take']},confirmed\n"
            for id, row in ours.items()}
        good = head + "".join(lines.values())
        first, second = sorted(lines)
        extra = "e" * 32 + f",chengdu,{PROGRAMME},500,50,confirmed\n"
        row = ours[second]
        other_amount = (
            f"{second},{row['giver']},{row['taker']},{row['give']},"
            f"{int(row['take']) + 1},confirmed\n")
        here = f"/console/chengdu/recognition/{PROGRAMME}/days/{day}"
        text = self.upload(here, good)
        self.assertIn("双方一致", text)
        text = self.upload(here, head + other_amount + extra)
        for word in ("数量不符", "本方缺失", "对方缺失", first, second, "e" * 32):
            self.assertIn(word, text)
        text = self.upload(here, head + "nonsense\n")
        self.assertIn("第 2 行", text)
        server.stop()
        file = place / "theirs.csv"
        words = (
            "programme", "reconcile", file, "--data", data, "--mechanism", "chengdu",
            "--programme", PROGRAMME, "--day", day, "--staff", "operator")
        file.write_text(head + other_amount + extra)
        report = house.answer(*words, status=1)
        self.assertTrue(report["balances"])
        self.assertEqual(
            sorted((one["kind"], one["id"]) for one in report["differences"]),
            sorted([("missingThere", first), ("amountDiffers", second),
                    ("missingHere", "e" * 32)]))
        file.write_text(good)
        report = house.answer(*words)
        self.assertEqual((report["agrees"], report["ours"]), (True, report["theirs"]))
        self.assertTrue(house.verify(data)["good"])

    def upload(self, here, text):
        _, page = self.boss.get(here)
        body = (
            f"--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{self.boss.token}\r\n"
            f"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"d.csv\"\r\n"
            f"Content-Type: text/csv\r\n\r\n{text}\r\n--b--\r\n")
        reply, page = self.boss.send("POST", here, body.encode(), {
            "Content-Type": "multipart/form-data; boundary=b",
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.boss.cookies.items())})
        return page if reply.status != 303 else self.boss.get(here)[1]

    def test_in_all_weathers(self):
        """Both sides are killed again and again, and every message may go wrong."""
        place, data, server, programme = self.world("bad", 30)
        programme.start()
        self.boss = enter(server, *self.who, 900)
        visitors = self.members(server, programme)
        box = [server]
        stop = threading.Event()
        sent = [0] * CITIZENS
        self.statuses = collections.Counter()
        threads = [
            threading.Thread(target=self.trade, args=(visitor, number, stop, sent))
            for number, visitor in enumerate(visitors)]
        for thread in threads:
            thread.start()
        dice = random.Random(SEED)
        end = time.monotonic() + SECONDS
        kills = [0, 0]
        while time.monotonic() < end:
            time.sleep(dice.uniform(0.5, 2.5))
            programme.ask(
                "INSERT INTO wish(gives, member, points) VALUES (?, ?, ?)", dice.randrange(2),
                f"member-{dice.randrange(CITIZENS)}", dice.randrange(1, 4))
            if dice.randrange(2):
                programme.kill()
                kills[1] += 1
                time.sleep(dice.uniform(0, 0.8))
                programme.start()
            else:
                box[0].kill()
                kills[0] += 1
                time.sleep(dice.uniform(0, 0.5))
                box[0].log.close()
                box[0] = house.Server(data, place, port=server.port, words=["--development"])
                self.addCleanup(box[0].close)
        stop.set()
        for thread in threads:
            thread.join()
        programme.kill()
        programme.start(trouble=0)
        self.settled(box[0], programme, patience=120)
        ours, theirs = self.agree(box[0], data, programme)
        cancelled = len(theirs) - len(ours)
        print(
            f"\n    {sum(sent)} forms sent {dict(self.statuses)}, "
            f"{len(theirs)} exchanges known there, {len(ours)} on "
            f"both sides, {cancelled} on neither; {kills[0]} kills here, {kills[1]} there; "
            f"{dict(programme.ask('SELECT what, times FROM happened'))}", flush=True)
        self.assertGreater(len(ours), 10, "something must have happened")
        led = sum(1 for id in ours if programme.ask(
            "SELECT leads FROM exchange WHERE id = ?", id)[0][0])
        self.assertGreater(len(ours) - led, 0)
        box[0].stop()
        self.assertTrue(house.verify(data)["good"])
        balances = house.balances(data)
        moved = sum(
            int(row["give"]) if row["giver"] == "chengdu" else -int(row["take"])
            for row in ours.values())
        self.assertEqual(balances.get(("programme:1002:points", "points"), 0), moved)

    def trade(self, visitor, number, stop, sent):
        dice = random.Random(SEED * 100 + number)
        while not stop.is_set():
            try:
                direction = dice.choice(["out", "in"])
                form = secrets.token_hex(16)
                for _ in range(dice.randrange(1, 3)):
                    points = 10 * dice.randrange(1, 4)
                    status, _ = self.exchange(visitor, direction, points, form)
                    sent[number] += 1
                    self.statuses[status] += 1
            except (OSError, http.client.HTTPException):
                visitor.connection = None
            stop.wait(dice.uniform(0.05, 0.6))

if __name__ == "__main__":
    house.main()
