# SPDX-License-Identifier: Apache-2.0
"""Real files through the command line, and an auditor's second opinion.

Two files of real behaviour: 31,630 bike rides of one day, 30,114 charging sessions of three years.
Every figure expected here is either published with the data or computed below from the file by the
rule that the pack documents, never by the program. hledger then sums the whole ledger again.
"""

import collections
import csv
import datetime
import io
import random
import subprocess
import sys
import unittest
import zoneinfo
from fractions import Fraction

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
import house

BIKE_FILE = "bike-dockless-singapore/trips_20170911.tsv"
EV_FILE = "ev-sessions-acn/california_ev_sessions.csv"
BIKE_MAP = house.MAPS / "bike-singapore.json"
EV_MAP = house.MAPS / "ev-acn.json"
CHENGDU = datetime.timezone(datetime.timedelta(hours=8))


def half_even(value):
    """A fraction to whole grams."""
    return round(value)  # Python's own rule for fractions is half-even.


def by_day(records):
    """For each citizen, what was credited on which day: as a collection, for who is who is secret."""
    citizens = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
    for record in records:
        if record["outcome"] == "accepted":
            moment = datetime.datetime.fromisoformat(record["ended"].replace("Z", "+00:00"))
            day = citizens[record["citizen"]][moment.astimezone(CHENGDU).date()]
            day[0] += record["grams"]
            day[1] += record["points"]
    return citizens


def anonymous(citizens):
    return sorted(
        tuple(sorted((day, *sums) for day, sums in days.items())) for days in citizens.values())


def sums(citizens):
    """(grams, points) of each citizen, sorted."""
    return sorted(
        (sum(day[0] for day in days.values()), sum(day[1] for day in days.values()))
        for days in citizens.values())


def citizen_balances(balances):
    """(grams, points) of each citizen by the books, sorted."""
    people = collections.defaultdict(lambda: [0, 0])
    for (account, asset), balance in balances.items():
        if account.startswith("citizen:"):
            people[account.split(":")[1]][("grams", "points").index(asset)] += balance
    return sorted(tuple(person) for person in people.values() if person != [0, 0])


def hledger(journal, *words):
    done = subprocess.run(
        ["hledger", "-f", str(journal), *words], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def hledger_balances(journal):
    """(account, asset) to balance as hledger sums it up; nothing where it is zero."""
    rows = csv.DictReader(io.StringIO(hledger(journal, "bal", "--flat", "-N", "-O", "csv")))
    found = {}
    for row in rows:
        for amount in row["balance"].split(", "):
            number, asset = amount.rsplit(" ", 1)
            found[row["account"], asset] = int(number)
    return found


class Audited(house.Town):
    """Whoever takes in real data must end with books that hledger agrees with."""

    def audit(self, data):
        journal = self.place / "books.journal"
        journal.write_text(house.export(data, "hledger"))
        hledger(journal, "check")
        ours = {key: balance for key, balance in house.balances(data).items() if balance}
        self.assertGreater(len(ours), 1000)
        self.assertEqual(hledger_balances(journal), ours)
        for asset in {asset for _, asset in ours}:
            self.assertEqual(sum(b for (_, a), b in ours.items() if a == asset), 0, asset)


class Bikes(Audited):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.file = house.real_data(BIKE_FILE, "real bike rides")
        cls.data = house.found(cls.place / "bikes")
        house.add_partner(cls.data, "partner", "shared-bike")
        cls.first = house.take_in(cls.data, cls.file, "shared-bike", BIKE_MAP)
        cls.root = house.root(cls.data)

    def rides(self):
        with open(self.file, newline="") as file:
            return list(csv.DictReader(file, delimiter="\t"))

    def test_published_figures(self):
        self.assertEqual(self.first["received"], 31_630)
        self.assertEqual(self.first["accepted"], 18_843)
        self.assertEqual(self.first["grams"], 1_076_932)
        self.assertEqual(self.first["duplicates"] + self.first["waiting"], 0)

    def test_every_rider_has_what_the_rule_says(self):
        expected = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
        for row in self.rides():
            metres, seconds = Fraction(row["trip_dist"]), int(row["end_ts"]) - int(row["start_ts"])
            if not (500 <= metres <= 20_000 and 120 <= seconds <= 7200
                    and metres * 36 <= seconds * 250):
                continue
            grams = half_even(metres * Fraction("48.7") / 1000)
            moment = datetime.datetime.fromtimestamp(int(row["end_ts"]), CHENGDU)
            day = expected[int(row["trip_id"]) % 5000][moment.date()]
            day[0] += grams
            day[1] = min(10, day[1] + grams // 50)
        self.assertEqual(
            anonymous(by_day(house.records(self.data))), anonymous(expected))
        self.assertEqual(citizen_balances(house.balances(self.data)), sums(expected))

    def test_a_second_run_changes_nothing(self):
        again = house.take_in(self.data, self.file, "shared-bike", BIKE_MAP)
        # Refusals for what a ride was are written as well, so these are duplicates too.
        self.assertEqual(again["duplicates"], 31_630)
        self.assertEqual((again["accepted"], again["grams"], again["points"]), (0, 0, 0))
        self.assertEqual(house.root(self.data), self.root)

    def test_the_same_rides_as_gbk_with_quotes(self):
        path, mapping = self.place / "骑行.csv", self.place / "gbk.json"
        with open(path, "w", encoding="gbk", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
            writer.writerow(["订单号", "单车,编号", "骑行人", "开锁", "关锁", "里程(米)", "备注"])
            for row in self.rides()[:5000]:
                writer.writerow([
                    row["trip_id"], row["bike_id"], f"rider-{int(row['trip_id']) % 5000}",
                    row["start_ts"], row["end_ts"], row["trip_dist"], '他说"很好",\n下次再骑'])
        mapping.write_text("""{"format": "csv", "encoding": "gbk", "id": "订单号",
            "subject": "骑行人", "vehicle": "单车,编号",
            "time": {"column": "关锁", "format": "unix"},
            "start": {"column": "开锁", "format": "unix"},
            "fields": {"distanceMetres": {"column": "里程(米)", "unit": "米"}}, "skip": ["备注"]}""")
        again = house.take_in(self.data, path, "shared-bike", mapping)
        self.assertEqual((again["received"], again["duplicates"]), (5000, 5000))
        self.assertEqual(house.root(self.data), self.root)

    def test_hledger_agrees(self):
        self.audit(self.data)


class Overlaps(house.Town):
    """Rides of one bike: whoever starts before the one before has ended is held, in any order."""

    # bike, minutes from noon, held? Every bike has one more ride that is far from the others.
    PLANTED = [
        ("900001", 0, 30, False), ("900001", 29, 45, True), ("900001", 60, 70, False),
        ("900002", 10, 20, False), ("900002", 10, 40, True), ("900002", 40, 50, False),
        ("900003", 0, 60, False), ("900003", 20, 30, True), ("900003", 59, 80, True),
        ("900004", 0, 15, False), ("900004", 15, 30, False), ("900004", 30, 45, False),
    ]

    def file(self, seed):
        source = house.real_data(BIKE_FILE, "overlapping rides in a shuffled file")
        lines = source.read_text().splitlines()
        head, rows = lines[0], lines[1:]
        noon = 1505102400  # 2017-09-11T12:00+08:00
        for number, (bike, start, end, _) in enumerate(self.PLANTED):
            # 2,000 m in 10 minutes and more: plausible. The second of two that start together
            # has the higher number, and so the later line before shuffling.
            rows.append(
                f"{9_000_000 + number}\t{bike}\t{noon + start * 60}\t{noon + end * 60}\t0\t0\t0\t0"
                f"\t{2000 + number}")
        if seed:
            random.Random(seed).shuffle(rows)
        path = self.place / f"shuffled-{seed}.tsv"
        path.write_text("\n".join([head, *rows]) + "\n")
        return path

    def test_exactly_the_later_rides_are_held_whatever_the_order(self):
        planted = {2000 + number: row for number, row in enumerate(self.PLANTED)}
        for seed in (0, 7):
            with self.subTest(seed=seed):
                data = self.found(f"overlaps-{seed}")
                house.add_partner(data, "partner", "shared-bike")
                summary = house.take_in(data, self.file(seed), "shared-bike", BIKE_MAP)
                self.assertEqual(summary["received"], 31_630 + len(planted))
                self.assertEqual(summary["accepted"], 18_843 + 8)
                self.assertEqual(summary["reasons"]["vehicleOverlap"], 4)
                held = [
                    record["data"]["distanceMetres"] for record in house.records(data)
                    if record["reason"] == "vehicleOverlap"]
                self.check(held, planted)

    def check(self, held, planted):
        """Of two rides that start together either may be the later one; else it is clear."""
        together = {2003.0, 2004.0}
        clear = {float(metres) for metres, row in planted.items() if row[3]} - together
        self.assertEqual({float(metres) for metres in held} - together, clear)
        self.assertEqual(len({float(metres) for metres in held} & together), 1)


class Charging(Audited):
    def sessions(self, path):
        """(user, end as a moment, kWh, seconds), by the map's description of the file."""
        zone = zoneinfo.ZoneInfo("America/Los_Angeles")

        def moments(text):
            local = datetime.datetime.fromisoformat(text)
            return sorted({local.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1)})

        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                starts = moments(row["ConnectionStartDateTime"])
                ends = moments(row["ConnectionEndDateTime"])
                start = starts[0]
                end = next((end for end in ends if end > start), ends[-1])
                yield row["UserID"], end, Fraction(row["Energy"]), end - start

    def test_grams_and_points_of_every_user_and_day(self):
        path = house.real_data(EV_FILE, "real charging sessions")
        # methods.txt: energy * (fuelUse * density * gasoline / powerUse - grid), rounded half-even;
        # the grid of Sichuan in 2021, which is the earliest, serves the years before.
        net = (Fraction("0.07") * Fraction("0.725") * Fraction("2925.1") / Fraction("0.15")
               - Fraction("125.5"))
        expected = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
        counts = collections.Counter()
        for user, end, energy, seconds in self.sessions(path):
            counts["received"] += 1
            if energy < Fraction("0.01") or seconds < 60:
                counts["refused"] += 1
            elif energy > 200 or seconds > 3 * 86_400 or energy * 3600 > 500 * Fraction(seconds):
                counts["quarantined"] += 1
            else:
                counts["accepted"] += 1
                grams = half_even(energy * net)
                day = expected[user][datetime.datetime.fromtimestamp(end, CHENGDU).date()]
                day[0] += grams
                day[1] = min(10, day[1] + grams // 1000)
        data = self.found("charging")
        house.add_partner(data, "partner", "ev-charging")
        summary = house.take_in(data, path, "ev-charging", EV_MAP)
        self.assertEqual(summary["received"], 30_114)
        self.assertEqual({name: summary[name] for name in counts}, dict(counts))
        self.assertGreater(summary["reasons"]["capReached"], 0)
        self.assertEqual(anonymous(by_day(house.records(data))), anonymous(expected))
        self.assertEqual(citizen_balances(house.balances(data)), sums(expected))
        self.audit(data)


if __name__ == "__main__":
    house.main()
