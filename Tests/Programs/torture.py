# SPDX-License-Identifier: Apache-2.0
"""Never loses, never doubles: a server killed again and again, and what it answered.

    senders ──batches──▶ server ──answers──▶ Books: what was answered, event by event
       ▲                   │ SIGKILL, at any moment, also on its way up and on its way down
       └── not answered ◀──┘ started again on the same folder and port

Whatever was not answered is cut into other batches and sent again, by another connection perhaps.
In the end every answered event is one fact of the journal, the very fact that was answered, with
the grams and points that are worked out here, by other means than the server's; nothing else is
there. Heads that were signed never speak of frames that are not there, whenever one looks.

TANPUHUI_KILLS: how many kills (50). TANPUHUI_SEED: the same events and delays again; what falls
between them is up to the machine.
"""

import collections
import datetime
import http.client
import json
import os
import queue
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
import house

KILLS = int(os.environ.get("TANPUHUI_KILLS") or 50)
SEED = int(os.environ.get("TANPUHUI_SEED") or random.SystemRandom().randrange(1 << 32))
KILLS_PER_CITY = 100
SENDERS = 4
CHINA = datetime.timezone(datetime.timedelta(hours=8))
FIRST = datetime.datetime(2024, 3, 25, tzinfo=CHINA)


def grams(metres):
    """48.7 g/km, to the whole gram, half to even."""
    whole, rest = divmod(metres * 487, 10_000)
    return whole + (rest > 5000 or (rest == 5000 and whole % 2 == 1))


class Event:
    """What is reported, and what must come of it."""

    __slots__ = ("id", "partner", "subject", "ended", "metres", "seconds", "scene", "outcome",
                 "reason")

    def body(self, other=False):
        # The other content under the same id: a shorter ride.
        return house.ride(
            self.id, self.subject, self.ended.isoformat(), self.metres - (7 if other else 0),
            self.seconds, scene=self.scene, vehicle=f"bike-{self.id}")

    @property
    def written(self):
        return self.reason not in ("unknownScene", "badValue")

    @property
    def grams(self):
        return grams(self.metres) if self.outcome == "accepted" else 0


# How often, what becomes of it, why, metres, seconds.
KINDS = (
    (80, "accepted", "", (500, 9000), (2400, 7200)),
    (4, "refused", "belowMinimum", (50, 499), (300, 600)),
    (4, "quarantined", "tooFast", (9000, 19000), (300, 1200)),
    (4, "quarantined", "aboveMaximum", (20001, 60000), (8000, 9000)),
    (4, "refused", "unknownScene", (500, 9000), (2400, 7200)),
    (4, "refused", "badValue", (-9000, -8), (2400, 7200)),
)


class Books:
    """Everything sent and everything answered. Shared by the senders, under `lock`."""

    def __init__(self, keys):
        self.keys = keys
        self.lock = threading.Lock()
        self.events = []
        self.facts = {}
        self.answered = set()
        self.first_answers = collections.Counter()
        self.faults = []

    def make(self, chance):
        event = Event()
        _, event.outcome, event.reason, metres, seconds = chance.choices(
            KINDS, [kind[0] for kind in KINDS])[0]
        event.metres, event.seconds = chance.randint(*metres), chance.randint(*seconds)
        event.scene = "shared-bike" if event.reason != "unknownScene" else "no-such-scene"
        event.partner = chance.choice(("enrols", "enrols", "enrols", "waits"))
        if event.partner == "waits" and event.outcome == "accepted":
            event.outcome, event.reason = "waiting", "notLinked"
        event.subject = f"user-{chance.randrange(60)}"
        event.ended = FIRST + datetime.timedelta(seconds=chance.randrange(12 * 86_400))
        with self.lock:
            event.id = f"{event.partner}-{len(self.events)}"
            self.events.append(event)
        return event

    def some_answered(self, chance, partner):
        """An event whose answer is known: to be sent again."""
        with self.lock:
            for _ in range(8):
                if not self.events:
                    return None
                event = chance.choice(self.events)
                if event in self.answered and event.partner == partner:
                    return event
        return None

    def take(self, event, result, other):
        """Compares one event's answer with what must come of it."""
        said = (result["outcome"], result.get("reason", ""))
        fact = result.get("fact")
        with self.lock:
            if other:
                if event.written and said != ("refused", "idReused"):
                    self.fault(event, result, "the same id with other content was taken")
                return
            if not event.written:
                if said != (event.outcome, event.reason) or fact is not None:
                    self.fault(event, result, "a malformed event")
            else:
                if self.facts.setdefault(event.id, fact) != fact or not fact:
                    self.fault(event, result, f"its fact was {self.facts[event.id]}")
                if said != ("duplicate", "duplicate"):
                    self.first_answers[event.id] += 1
                    if event.outcome == "accepted" and said[1] == "capReached":
                        said = (said[0], "")
                    if said != (event.outcome, event.reason):
                        self.fault(event, result, f"not {event.outcome}, {event.reason}")
                    if result.get("grams", 0) != event.grams:
                        self.fault(event, result, f"not {event.grams} g")
                if self.first_answers[event.id] > 1:
                    self.fault(event, result, "was taken twice")
            self.answered.add(event)

    def fault(self, event, result, what):
        self.faults.append(f"{event.id} {event.metres} m: {json.dumps(result)}: {what}")


class Sender(threading.Thread):
    """One connection: makes events, sends them until each is answered."""

    def __init__(self, city, number):
        super().__init__(name=f"sender {number}", daemon=True)
        self.city = city
        self.chance = random.Random(f"{SEED}/{city.name}/{number}")

    def run(self):
        connection = None
        try:
            while not (self.city.finishing.is_set() and self.city.unanswered.empty()):
                partner, batch = self.batch()
                if not batch:
                    continue
                try:
                    connection = connection or self.city.connection()
                    self.send(connection, partner, batch)
                except (OSError, http.client.HTTPException, json.JSONDecodeError):
                    connection = connection and connection.close()
                    for event, other in batch:
                        self.city.unanswered.put((event, other))
                    time.sleep(0.005)
        except Exception as error:  # A thread must not take its secret with it.
            self.city.books.faults.append(f"{self.name}: {error!r}")
        finally:
            if connection:
                connection.close()

    def batch(self):
        """What was not answered, new events, and some that are known, in any order."""
        chance, books = self.chance, self.city.books
        batch = []
        size = chance.choice((1, 3, 10, 30, 100, 300, chance.randrange(1, 1500)))
        while len(batch) < size:
            try:
                batch.append(self.city.unanswered.get_nowait())
            except queue.Empty:
                break
        if not self.city.finishing.is_set():
            partner = chance.choice(("enrols", "enrols", "waits"))
            fresh = size if len(books.events) < self.city.events_max else 1
            batch += [(event, False) for event in (
                books.make(chance) for _ in range(chance.randint(0, fresh)))]
            for _ in range(size // 8):
                event = books.some_answered(chance, partner)
                if event:
                    batch.append((event, event.written and chance.random() < 0.3))
            if batch and chance.random() < 0.3:
                batch.append(chance.choice(batch))
        if not batch:
            time.sleep(0.002)
            return None, []
        # A body is one partner's: the others wait for the next.
        partner = chance.choice(batch)[0].partner
        for item in batch:
            if item[0].partner != partner:
                self.city.unanswered.put(item)
        batch = [item for item in batch if item[0].partner == partner]
        chance.shuffle(batch)
        return partner, batch

    def send(self, connection, partner, batch):
        bodies = [event.body(other) for event, other in batch]
        if self.chance.random() < 0.5:
            body, kind = json.dumps(bodies).encode(), house.BATCH
        else:
            body, kind = "\n".join(map(json.dumps, bodies)).encode(), house.LINES
        status, answer = house.send(
            connection, self.city.books.keys[partner], body, kind, query="?detail=all")
        if status == 503:
            raise http.client.HTTPException("busy, or on its way down")
        assert status == 200, (status, answer)
        results = answer["results"]
        assert len(results) == len(batch) == answer["received"], answer
        for index, ((event, other), result) in enumerate(zip(batch, results)):
            assert result["index"] == index, result
            self.city.books.take(event, result, other)
        self.city.sequence = max(self.city.sequence, answer["sequence"])


class City:
    """A data folder whose server is killed."""

    def __init__(self, place, name, kills):
        self.name, self.kills, self.events_max = name, kills, 250 * kills
        self.place = place
        self.data = house.found(place / name)
        self.books = Books({
            "enrols": house.add_partner(self.data, "enrols", "shared-bike"),
            "waits": house.add_partner(self.data, "waits", "shared-bike", enrol=False)})
        self.unanswered = queue.Queue()
        self.finishing = threading.Event()
        self.chance = random.Random(f"{SEED}/{name}")
        self.server = house.Server(self.data, place)
        self.sequence = 0
        self.deaths = collections.Counter()

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)

    def torture(self):
        senders = [Sender(self, number) for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        try:
            for kill in range(self.kills):
                self.kill()
                if kill % 10 == 9:
                    self.look()
                self.server = house.Server(self.data, self.place, port=self.server.port)
                if self.books.faults:
                    break
        finally:
            self.finishing.set()
        for sender in senders:
            sender.join(120)
            if sender.is_alive():
                self.books.faults.append(f"{sender.name} was never answered")

    def kill(self):
        """At a random moment: at work, on its way down, on its way up."""
        chance = self.chance
        time.sleep(chance.choice((0, 0.01, 0.1)) + chance.random() * 0.4)
        if chance.random() < 0.2:
            self.deaths["on its way down"] += 1
            self.server.process.send_signal(signal.SIGTERM)
            time.sleep(chance.random() * 0.05)
        else:
            self.deaths["at work"] += 1
        self.server.kill()
        self.server.close()
        while chance.random() < 0.25:
            self.deaths["on its way up"] += 1
            server = house.Server(self.data, self.place, port=self.server.port, patience=None)
            time.sleep(chance.random() * 0.12)
            server.kill()
            server.close()

    def look(self):
        """With nobody at work: heads, and the journal beside them, as the kill left them."""
        frames = self.frames()
        if frames < self.sequence:
            self.books.faults.append(f"frame {self.sequence} was answered, {frames} are there")
        heads = (self.data / "chengdu/heads.jsonl").read_bytes().split(b"\n")
        # The last line may be torn; a line that has its end must be whole.
        for line in heads[:-1]:
            head = json.loads(line)
            if head["frames"] > frames:
                self.books.faults.append(f"a head speaks of {head['frames']} frames of {frames}")

    def frames(self):
        """In a copy, so that looking mends nothing that the next start has to mend."""
        copy = self.place / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for path in (self.data / "chengdu").glob("journal.sqlite*"):
            shutil.copy(path, copy)
        with sqlite3.connect(copy / "journal.sqlite") as journal:
            return journal.execute("SELECT coalesce(max(sequence), 0) FROM frame").fetchone()[0]


class Torture(house.Town):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        print(f"TANPUHUI_SEED={SEED} TANPUHUI_KILLS={KILLS} {house.PROGRAM}", flush=True)

    def test_a_server_that_is_killed(self):
        left, city_number, events, deaths = KILLS, 0, 0, collections.Counter()
        while left > 0:
            kills = min(left, KILLS_PER_CITY)
            city = City(self.place, f"city-{city_number}", kills)
            try:
                city.torture()
                self.settle(city)
            finally:
                city.server.close()
            shutil.rmtree(city.data)
            left, city_number = left - kills, city_number + 1
            events, deaths = events + len(city.books.events), deaths + city.deaths
            print(f"{dict(deaths)}, {events} events, {city.sequence} frames", flush=True)

    def settle(self, city):
        """The books here and the books there."""
        books = city.books
        self.assertEqual(books.faults[:20], [])
        self.assertEqual(len(books.answered), len(books.events), "each is answered in the end")
        status, totals = city.server.get("/api/v1/chengdu/totals")
        self.assertEqual(status, 200)
        self.await_archive(city)
        self.assertEqual(city.server.stop(), 0)
        report = house.verify(city.data)
        self.assertTrue(report["good"], report)
        self.assertGreaterEqual(report["mechanisms"][0]["frames"], city.sequence)

        facts = {record["fact"]: record for record in house.records(city.data)}
        written = [event for event in books.events if event.written]
        self.assertEqual(
            {books.facts[event.id] for event in written}, facts.keys(),
            "one fact for each event, none besides")
        self.assertEqual(len(facts), len(written))
        citizens, earned = {}, collections.defaultdict(int)
        points, sums = collections.Counter(), collections.Counter()
        for event in written:
            fact = facts[books.facts[event.id]]
            cap = fact["reason"] == "capReached"
            self.assertEqual(
                (fact["outcome"], fact["reason"] if fact["reason"] != "none" and not cap else "",
                 fact["grams"], fact["data"]["distanceMetres"], fact["data"]["durationSeconds"],
                 datetime.datetime.fromisoformat(fact["ended"])),
                (event.outcome, event.reason, event.grams, event.metres, event.seconds,
                 event.ended), event.id)
            if event.outcome != "accepted":
                self.assertEqual(fact["points"], 0)
                continue
            citizen = citizens.setdefault(event.subject, fact["citizen"])
            self.assertEqual(fact["citizen"], citizen, "one user is one citizen")
            self.assertEqual(fact["pointsBeforeCaps"], event.grams // 40)
            earned[event.subject, event.ended.date()] += event.grams // 40
            sums[citizen] += event.grams
            points[citizen] += fact["points"]
        self.assertEqual(len(set(citizens.values())), len(citizens), "one citizen is one user")
        self.assertEqual(points, self.capped(earned, citizens))

        balances = house.balances(city.data)
        for citizen, amount in sums.items():
            self.assertEqual(balances[f"citizen:{citizen}:grams", "grams"], amount)
            self.assertEqual(balances[f"citizen:{citizen}:points", "points"], points[citizen])
        totals = json.loads(totals)
        self.assertEqual(
            (totals["grams"], totals["points"], totals["accepted"]),
            (sum(sums.values()), sum(points.values()),
             sum(event.outcome == "accepted" for event in written)))

    @staticmethod
    def capped(earned, citizens):
        """12 points a day, 150 a month: the sum is the same in whatever order rides come in."""
        months = collections.Counter()
        for (subject, day), amount in earned.items():
            months[subject, day.year, day.month] += min(12, amount)
        points = collections.Counter()
        for (subject, _, _), amount in months.items():
            points[citizens[subject]] += min(150, amount)
        return points

    def await_archive(self, city):
        """So that `verify` compares the archive, which it does when it has followed to the end."""
        path = city.data / "chengdu/archive.sqlite"
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as archive:
                row = archive.execute("SELECT sequence FROM position").fetchone()
            if row and row[0] >= city.sequence:
                return
            time.sleep(0.05)
        self.fail("the archive never followed to the end")


class Interrupted(house.Town):
    """Commands that are killed half way and given again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chance = random.Random(f"{SEED}/interrupted")

    def kill_after(self, seconds, *words):
        """Answers whether it was killed before its end."""
        process = subprocess.Popen(
            [house.PROGRAM, *map(str, words)], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            _, said = process.communicate(timeout=seconds)
            self.assertEqual(process.returncode, 0, said)
            return False
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return True

    def test_an_import(self):
        rides = 30_000
        data = self.found("import")
        house.add_partner(data, "partner", "shared-bike")
        table, mapping = house.write_rides(self.place, 0, rides, users=500)
        words = ("import", table, "--data", data, "--mechanism", "chengdu", "--partner",
                 "partner", "--scene", "shared-bike", "--map", mapping)
        # How long it takes when nobody kills it, on a folder of its own.
        trial = shutil.copytree(data, self.place / "trial")
        begun = time.monotonic()
        self.assertEqual(
            house.take_in(trial, table, "shared-bike", mapping)["accepted"], rides)
        whole = time.monotonic() - begun
        shutil.rmtree(trial)

        killed, halfway = 0, 0
        for _ in range(max(5, KILLS // 20)):
            killed += self.kill_after(whole * self.chance.uniform(0.3, 1.1), *words)
            there = len(house.records(data)) if killed else rides
            halfway += 0 < there < rides
            self.assertEqual(there % 10_000, 0, "a batch is there as a whole")
        self.assertGreater(killed, 0)
        print(f"import: {killed} killed, {halfway} half way", flush=True)
        summary = house.take_in(data, table, "shared-bike", mapping)
        self.assertEqual(summary["accepted"] + summary["duplicates"], rides)
        root = house.root(data)
        summary = house.take_in(data, table, "shared-bike", mapping)
        self.assertEqual(summary["duplicates"], rides)
        self.assertEqual(house.root(data), root, "a run after the last changes nothing")
        expected = sum(grams(1000 + number % 9000) for number in range(rides))
        balances = house.balances(data)
        self.assertEqual(expected, sum(
            balance for (account, asset), balance in balances.items()
            if account.startswith("citizen:") and asset == "grams"))
        self.assertEqual(len(house.records(data)), rides)

    def test_a_snapshot_half_written(self):
        """The program writes into a pipe that nobody empties, and is killed there."""
        data = self.found("snapshot")
        house.add_partner(data, "partner", "shared-bike")
        snapshot = data / "chengdu/snapshot"
        draft = data / "chengdu/snapshot.new"
        for turn in range(4):
            table, mapping = house.write_rides(self.place, turn * 1000, 1000)
            before = snapshot.read_bytes()
            os.mkfifo(draft)
            end = os.open(draft, os.O_RDONLY | os.O_NONBLOCK)
            process = subprocess.Popen(
                [house.PROGRAM, "import", table, "--data", data, "--mechanism", "chengdu",
                 "--partner", "partner", "--scene", "shared-bike", "--map", mapping],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            written = self.read_some(end, process)
            process.kill()
            process.wait(30)
            os.close(end)
            draft.unlink()
            # As a real disk would have kept it.
            draft.write_bytes(written)
            self.assertEqual(snapshot.read_bytes(), before, "the old one is whole until the end")
            if turn == 2:
                # Renamed, but the disk had not got all of it when the power went.
                draft.rename(snapshot)
            self.assertEqual(len(house.records(data)), (turn + 1) * 1000)
            again = house.take_in(data, table, "shared-bike", mapping)
            self.assertEqual(again["duplicates"], 1000)
            self.assertFalse(draft.exists(), "the next snapshot took its place")
        self.assertTrue(house.verify(data)["good"])

    def read_some(self, end, process):
        limit = time.monotonic() + 60
        while time.monotonic() < limit and process.poll() is None:
            try:
                some = os.read(end, 1 << 16)
                if some:
                    return some
            except BlockingIOError:
                pass
            time.sleep(0.005)
        self.fail("the program never wrote a snapshot")

    def test_a_data_folder_being_made(self):
        words = ("init", "--pack", house.PACKS / "chengdu", house.PACKS / "zhangye", "--data")
        begun = time.monotonic()
        house.run(*words, self.place / "made")
        whole = time.monotonic() - begun
        killed = 0
        for turn in range(max(8, KILLS // 10)):
            data = self.place / f"made-{turn}"
            while self.kill_after(whole * self.chance.uniform(0.02, 1.0), *words, data):
                killed += 1
                if self.chance.random() < 0.4:
                    break
            house.run(*words, data)
            report = house.verify(data)
            self.assertTrue(report["good"], report)
            self.assertEqual([m["facts"] for m in report["mechanisms"]], [1, 1])
            house.add_partner(data, "partner", "shared-bike")
            shutil.rmtree(data)
        print(f"init: {killed} killed", flush=True)
        self.assertGreater(killed, 0)


if __name__ == "__main__":
    house.main()
