# SPDX-License-Identifier: Apache-2.0
"""Books that are kept apart, and books that an auditor can add up.

    golden.py's journal ──laid into a data folder──▶ verify, export ──▶ hledger, and sums by hand
    three cities on one server ──the same event, one key each──▶ three books that do not touch
"""

import csv
import hashlib
import io
import json
import sqlite3
import subprocess
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
import house

GOLDEN = house.REPOSITORY / "Tests/JournalTests/golden.py"


class GoldenBooks(house.Town):
    """A journal written by another program, with every kind of transfer in it."""

    # Worked out from the margin of golden.py: Lin's ten points less two, one and one redeemed.
    BALANCES = {
        "citizen:1:points": 6, "citizen:1:grams": 1174,
        "citizen:2:points": 5, "citizen:2:grams": 312,
        "organisation:1:points": 4,
        "issuing:ride:points": -10, "issuing:ride:grams": -(156 + 156 + 49 + 974),
        "issuing:charging:points": -5, "issuing:charging:grams": -144,
        "issuing:survey:grams": -7,
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        words = {"__name__": "golden", "__file__": str(GOLDEN)}
        text = GOLDEN.read_text().replace("\nmain(sys.argv[1])", "")
        exec(compile(text, str(GOLDEN), "exec"), words)
        frames, _, cls.root = words["seal"]("sm3", words["story"](), words["NOON"])
        pack = cls.place / "golden"
        pack.mkdir()
        (pack / "pack.txt").write_text(words["PACK"])
        cls.data = cls.place / "data"
        house.run("init", "--data", cls.data, "--pack", pack)
        for name in ("heads.jsonl", "snapshot"):
            (cls.data / "golden" / name).unlink(missing_ok=True)
        journal = sqlite3.connect(cls.data / "golden/journal.sqlite")
        with journal:
            journal.execute("DELETE FROM frame")
            first = 1
            for sequence, frame in enumerate(frames, 1):
                count = int.from_bytes(frame[32:36], "little")
                journal.execute(
                    "INSERT INTO frame(sequence, first_fact, fact_count, bytes) VALUES (?,?,?,?)",
                    (sequence, first, count, frame))
                first += count
        journal.close()

    def test_it_verifies(self):
        report = house.verify(self.data)
        self.assertTrue(report["good"], report)
        self.assertEqual(report["mechanisms"][0]["root"], self.root.hex())
        self.assertEqual(report["mechanisms"][0]["facts"], 30)

    def test_hledger_adds_up_the_same(self):
        journal = self.place / "books.journal"
        journal.write_text(house.export(self.data, "hledger", "golden"))
        for words in (["check"], ["check", "ordereddates", "balanced"]):
            self.hledger(journal, *words)
        rows = csv.DictReader(io.StringIO(self.hledger(journal, "bal", "--flat", "-N", "-O", "csv")))
        found = {}
        for row in rows:
            for amount in row["balance"].split(", "):
                number, asset = amount.rsplit(" ", 1)
                found[row["account"], asset] = int(number)
        ours = {key: n for key, n in house.balances(self.data, "golden").items() if n}
        self.assertEqual(found, ours)
        self.assertEqual({account: n for (account, _), n in ours.items()}, self.BALANCES)

    def hledger(self, journal, *words):
        done = subprocess.run(
            ["hledger", "-f", str(journal), *words], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        return done.stdout

    def test_every_fact_is_exported_as_a_line(self):
        lines = house.export(self.data, "jsonl", "golden").splitlines()
        self.assertEqual(len(lines), 30)
        for line in lines:
            json.loads(line)


class Apart(house.Town):
    """Three mechanisms on one server, the same partner, the same rider, the same event."""

    packs = ("chengdu", "zhangye", "shenzhen")

    def test_the_founder_chooses_the_hash(self):
        data = self.place / "other"
        pack = house.PACKS / "zhangye"
        house.run("init", "--data", data, "--pack", pack, "--hash", "sha256")
        with sqlite3.connect(data / "zhangye/journal.sqlite") as journal:
            frame, = journal.execute("SELECT bytes FROM frame WHERE sequence = 1").fetchone()
        self.assertEqual(frame[5], 2)
        self.assertEqual(frame[-32:], hashlib.sha256(b"\0" + frame[:104]).digest())
        # Chosen once: what comes later goes on with it, whatever is asked for.
        house.run("init", "--data", data, "--pack", pack, "--hash", "sm3")
        house.add_partner(data, "bikes", "shared-bike", mechanism="zhangye")
        with sqlite3.connect(data / "zhangye/journal.sqlite") as journal:
            frame, = journal.execute(
                "SELECT bytes FROM frame ORDER BY sequence DESC LIMIT 1").fetchone()
        self.assertEqual(frame[-32:], hashlib.sha256(b"\0" + frame[:104]).digest())
        self.assertTrue(house.verify(data)["good"])
        self.assertEqual(
            house.run("init", "--data", data, "--pack", pack, "--hash", "md5", status=2).stdout, "")

    def test_three_cities_have_three_books(self):
        data = self.found()
        keys = {
            city: house.add_partner(data, "bikes", "shared-bike", mechanism=city)
            for city in self.packs}
        self.assertEqual(len(set(keys.values())), 3)
        server = house.Server(data, self.place)
        self.addCleanup(server.close)
        event = [house.ride(1, end="2026-03-01T08:15:00+08:00")]

        def heads():
            return {
                city: json.loads(server.get(f"/api/v1/{city}/head")[1])["root"]
                for city in self.packs}

        # A key opens its own city only.
        before = heads()
        for city in self.packs:
            for other in self.packs:
                if other != city:
                    status, _ = server.post(keys[other], event, mechanism=city)
                    self.assertIn(status, (401, 403), f"{other}'s key in {city}")
        self.assertEqual(heads(), before)
        # The same event id counts once in each, and moves no other city's journal.
        for city in self.packs:
            before = heads()
            status, answer = server.post(keys[city], event, mechanism=city)
            self.assertEqual((status, answer["accepted"]), (200, 1), answer)
            after = heads()
            self.assertEqual({c for c in self.packs if after[c] != before[c]}, {city})
            status, answer = server.post(keys[city], event, mechanism=city)
            self.assertEqual((answer["accepted"], answer["duplicates"]), (0, 1))
        self.assertEqual(server.stop(), 0)
        report = house.verify(data)
        self.assertTrue(report["good"])
        self.assertEqual({m["mechanism"] for m in report["mechanisms"]}, set(self.packs))
        for city in self.packs:
            mine = house.balances(data, city)
            grams = [n for (account, asset), n in mine.items() if asset == "grams" and n > 0]
            self.assertEqual(len(grams), 1, f"{city} has one citizen with grams")
            self.assertEqual(sum(n for (_, asset), n in mine.items() if asset == "grams"), 0)
        # One city's books can be taken away without the others.
        for city in self.packs:
            alone = house.answer("verify", "--data", data, "--mechanism", city)
            self.assertEqual([m["mechanism"] for m in alone["mechanisms"]], [city])
        # And one city's damage is told of in its name only.
        with sqlite3.connect(data / "zhangye/journal.sqlite") as journal:
            frame = bytearray(
                journal.execute("SELECT bytes FROM frame WHERE sequence = 2").fetchone()[0])
            frame[110] ^= 1
            journal.execute("UPDATE frame SET bytes = ? WHERE sequence = 2", (bytes(frame),))
        journal.close()
        report = house.verify(data, status=1)
        self.assertEqual(
            {m["mechanism"]: m["good"] for m in report["mechanisms"]},
            {"chengdu": True, "shenzhen": True, "zhangye": False})


if __name__ == "__main__":
    house.main()
