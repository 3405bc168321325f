# SPDX-License-Identifier: Apache-2.0
"""One changed byte, and `tanpuhui verify` names the first frame that is wrong.

    good folder ──copy──▶ change ──▶ verify ──▶ status, the frame it names

Frames are changed inside the database through SQLite, which then has nothing to say against them,
and in the file itself, behind SQLite's back. A forger who can hash is tried too: frames whose own
hashes are right again, which only the next frame, or a signed head, can give away.

Then what the server answers a stranger: proofs of inclusion, checked by Examples/verify_inclusion.py,
and proofs that the journal of today continues the one of yesterday.

    frame: magic 4, version 1, algorithm 1, partition 2, sequence 8, time 8, first fact 8,
           facts 4, bytes 4, previous hash 32, root 32 = 104 bytes; facts; own hash 32
"""

import base64
import hashlib
import json
import random
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
import house

HEADER, HASH = 104, 32


class Verification(house.Town):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good = house.found(cls.place / "good")
        house.add_partner(cls.good, "partner", "shared-bike")
        for first in range(0, 400, 50):
            table, mapping = house.write_rides(cls.place, first, 50)
            house.take_in(cls.good, table, "shared-bike", mapping)
        with cls.journal(cls.good) as journal:
            cls.frames = dict(journal.execute("SELECT sequence, bytes FROM frame"))
        cls.last = max(cls.frames)
        cls.random = random.Random(20260301)

    @staticmethod
    def journal(data):
        return sqlite3.connect(data / "chengdu/journal.sqlite")

    def copy(self):
        copy = self.place / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        return shutil.copytree(self.good, copy)

    def rewrite(self, frames):
        """A copy in which these frames lie instead."""
        data = self.copy()
        journal = self.journal(data)
        for sequence, frame in frames.items():
            journal.execute(
                "UPDATE frame SET bytes = ? WHERE sequence = ?", (bytes(frame), sequence))
        journal.commit()
        journal.close()
        return data

    def named(self, data):
        """The frame that verify names, which must be not content."""
        report = house.verify(data, status=1)
        self.assertFalse(report["good"])
        self.assertNotIn("Fatal error", json.dumps(report))
        wrong = report["mechanisms"][0]["firstWrongFrame"]
        return wrong and wrong["sequence"]

    def test_a_good_folder(self):
        report = house.verify(self.good)
        self.assertTrue(report["good"])
        self.assertEqual(report["mechanisms"][0]["frames"], self.last)
        self.assertGreater(report["mechanisms"][0]["headsChecked"], 0)
        before = {path: path.read_bytes() for path in self.good.rglob("*") if path.is_file()}
        house.verify(self.good)
        after = {path: path.read_bytes() for path in self.good.rglob("*") if path.is_file()}
        self.assertEqual(before.keys(), after.keys(), "verifying leaves no files behind")
        self.assertEqual(before, after)

    def test_one_changed_byte(self):
        for sequence in (1, 2, self.last // 2, self.last):
            frame = self.frames[sequence]
            # One of every field of the header, some of the facts, some of the hash.
            places = [0, 4, 5, 6, 8, 15, 16, 24, 32, 36, 40, 71, 72, 103, len(frame) - 1]
            places += self.random.sample(range(HEADER, len(frame) - HASH), 5)
            places += self.random.sample(range(len(frame) - HASH, len(frame)), 2)
            for place in places:
                changed = bytearray(frame)
                changed[place] ^= 1 << self.random.randrange(8)
                with self.subTest(frame=sequence, byte=place):
                    self.assertEqual(self.named(self.rewrite({sequence: changed})), sequence)

    def test_a_changed_byte_anywhere_in_the_journal(self):
        """Places by seed, over all frames' bytes; each names the very frame it lies in."""
        places = [(s, at) for s, frame in self.frames.items() for at in range(len(frame))]
        for sequence, place in self.random.sample(places, 60):
            changed = bytearray(self.frames[sequence])
            changed[place] ^= self.random.randrange(1, 256)
            with self.subTest(frame=sequence, byte=place):
                self.assertEqual(self.named(self.rewrite({sequence: changed})), sequence)

    def test_a_frame_that_is_too_short_or_too_long(self):
        middle = self.last // 2
        for frame in (b"", self.frames[middle][:-1], self.frames[middle] + b"\0",
                      self.frames[middle][:HEADER], self.frames[middle - 1]):
            with self.subTest(length=len(frame)):
                self.assertEqual(self.named(self.rewrite({middle: frame})), middle)

    def test_the_columns_beside_a_frame(self):
        for column in ("first_fact", "fact_count"):
            data = self.copy()
            with self.journal(data) as journal:
                journal.execute(
                    f"UPDATE frame SET {column} = {column} + 1 WHERE sequence = 5")
            self.assertEqual(self.named(data), 5, column)

    def test_a_frame_taken_out(self):
        for sequence in (1, 5):
            data = self.copy()
            with self.journal(data) as journal:
                journal.execute("DELETE FROM frame WHERE sequence = ?", (sequence,))
            self.assertEqual(self.named(data), sequence)

    def forge(self, sequence):
        """A ride in this frame earns more grams; the frame's hashes are right again."""
        frame = self.frames[sequence]
        facts = []
        at = HEADER
        while at < len(frame) - HASH:
            length = int.from_bytes(frame[at + 4:at + 8], "little")
            facts.append(bytearray(frame[at:at + length]))
            at += length
        self.assertEqual(at, len(frame) - HASH)
        header = bytearray(frame[:HEADER])
        self.assertEqual(merkle([leaf(fact) for fact in facts]), header[72:104], "hashed as we do")
        next(fact for fact in facts if fact[0] == 1)[57] ^= 1  # 256 g more, or less
        header[72:104] = merkle([leaf(fact) for fact in facts])
        return bytes(header) + b"".join(facts) + leaf(header)

    def test_a_forger_who_can_hash(self):
        middle = self.last // 2
        data = self.rewrite({middle: self.forge(middle)})
        # The forged frame is well-formed: the next one, which names another before it, is wrong.
        self.assertEqual(self.named(data), middle + 1)

    def test_the_last_frame_forged_is_given_away_by_a_signed_head(self):
        data = self.rewrite({self.last: self.forge(self.last)})
        report = house.verify(data, status=1)
        self.assertIn("signed head", json.dumps(report["mechanisms"][0]["faults"]))

    def test_a_journal_cut_short_is_given_away_by_a_signed_head(self):
        data = self.copy()
        with self.journal(data) as journal:
            journal.execute("DELETE FROM frame WHERE sequence = ?", (self.last,))
        report = house.verify(data, status=1)
        faults = json.dumps(report["mechanisms"][0]["faults"])
        self.assertIn("signed head", faults)
        self.assertIn(str(self.last), faults)

    def test_a_head_that_somebody_else_signed(self):
        data = self.copy()
        heads = data / "chengdu/heads.jsonl"
        rows = heads.read_text().splitlines()
        row = json.loads(rows[-1])
        for member in ("ed25519", "sm2"):
            signature = bytearray(base64.b64decode(row[member]))
            signature[-1] ^= 1
            changed = {**row, member: base64.b64encode(signature).decode()}
            heads.write_text("\n".join([*rows[:-1], json.dumps(changed)]) + "\n")
            report = house.verify(data, status=1)
            self.assertIn("not signed", json.dumps(report["mechanisms"][0]["faults"]))

    def test_a_head_forged(self):
        """A head whose words were changed: neither its root nor its signatures are right then."""
        for member, value, said in (
                ("root", "0" * 64, "another root"), ("facts", 1, "not signed"),
                ("frames", 10 ** 6, "covers 1000000 frames")):
            data = self.copy()
            heads = data / "chengdu/heads.jsonl"
            rows = heads.read_text().splitlines()
            rows[-1] = json.dumps({**json.loads(rows[-1]), member: value})
            heads.write_text("\n".join(rows) + "\n")
            report = house.verify(data, status=1)
            self.assertIn(said, json.dumps(report["mechanisms"][0]["faults"]), member)

    def test_the_archive_tampered_with(self):
        """Served once, so that there is an archive; then one number of each table, one row, or the
        place it has read to. Sums that still add up are no excuse."""
        served = shutil.copytree(self.good, self.place / "served")
        server = house.Server(served, self.place)
        self.assertEqual(server.stop(), 0)
        server.close()
        self.assertTrue(house.verify(served)["good"])
        day = "SELECT day FROM daily ORDER BY accepted DESC LIMIT 1"
        for change in (
                "UPDATE batch SET accepted = accepted + 1 WHERE fact = (SELECT max(fact) FROM batch)",
                "UPDATE batch SET points = points - 1 WHERE fact = (SELECT min(fact) FROM batch)",
                "DELETE FROM batch WHERE fact = (SELECT min(fact) FROM batch)",
                "INSERT INTO batch SELECT fact + 100000, sequence, time, partner, received, accepted,"
                " duplicates, waiting, quarantined, refused, written, grams, points FROM batch LIMIT 1",
                f"UPDATE daily SET grams = grams + 1 WHERE day = ({day})",
                f"UPDATE daily SET day = day + 1000 WHERE day = ({day})",
                "INSERT INTO decision VALUES (3, 0, 2, 'release', 'nobody', '')",
                "UPDATE position SET sequence = sequence + 1"):
            data = self.place / "copy"
            shutil.rmtree(data, ignore_errors=True)
            shutil.copytree(served, data)
            with sqlite3.connect(data / "chengdu/archive.sqlite") as archive:
                self.assertGreater(archive.execute(change).rowcount, 0, change)
            archive.close()
            with self.subTest(change):
                report = house.verify(data, status=1)
                self.assertIn("archive", json.dumps(report["mechanisms"][0]["faults"]))

    def test_a_snapshot_tampered_with_is_left_alone(self):
        """A snapshot decides nothing: changed anywhere, the journal is replayed instead."""
        served = shutil.copytree(self.good, self.place / "snapped")
        server = house.Server(served, self.place)
        self.assertEqual(server.stop(), 0)
        server.close()
        snapshot = served / "chengdu/snapshot"
        content = snapshot.read_bytes()
        good = house.balances(served)
        places = [0, 8, 16, 48, 56, 88, len(content) - 1]
        places += self.random.sample(range(88, len(content)), 3)
        for place in places:
            changed = bytearray(content)
            changed[place] ^= 0x20
            snapshot.write_bytes(changed)
            with self.subTest(place):
                key = house.add_partner(served, f"late-{place}", "shared-bike")
                self.assertTrue(key)
                self.assertTrue(house.verify(served)["good"])
                self.assertEqual(house.balances(served), good)
        snapshot.write_bytes(content[:len(content) // 2])
        house.add_partner(served, "late-half", "shared-bike")
        self.assertTrue(house.verify(served)["good"])

    def test_a_byte_of_the_file_itself(self):
        """Behind SQLite's back: a fact's byte in the middle of the file, found by its neighbours."""
        content = (self.good / "chengdu/journal.sqlite").read_bytes()
        for sequence in (3, self.last // 2, self.last):
            data = self.copy()
            path = data / "chengdu/journal.sqlite"
            # The page that holds the start of the frame holds this much of it in one piece.
            at = content.index(self.frames[sequence][:200])
            changed = bytearray(content)
            changed[at + 150] ^= 0x10
            path.write_bytes(changed)
            self.assertEqual(self.named(data), sequence)

    def test_a_torn_file(self):
        """A page overwritten, the file's head overwritten, half of the file: a sentence each time."""
        content = (self.good / "chengdu/journal.sqlite").read_bytes()
        half = len(content) // 2 // 16384 * 16384
        for name, changed in {
            "a page": content[:half] + b"\xa5" * 16384 + content[half + 16384:],
            "the head": b"\xa5" * 100 + content[100:],
            "half": content[:half],
            "nothing": b"",
        }.items():
            with self.subTest(name):
                data = self.copy()
                (data / "chengdu/journal.sqlite").write_bytes(changed)
                done = house.run("verify", "--data", data, status=1)
                said = done.stdout + done.stderr
                self.assertNotIn("Fatal error", said)
                self.assertGreater(len(said.strip()), 40)


class Proofs(house.Town):
    """What a stranger can ask of a server, and check with a program that is not ours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        data = house.found(cls.place / "data")
        cls.key = house.add_partner(data, "partner", "shared-bike")
        cls.server = house.Server(data, cls.place)
        cls.addClassCleanup(cls.server.close)
        cls.heads = [cls.get("head")]
        for first in range(0, 60, 12):
            events = [house.ride(n, subject=f"user-{n % 5}") for n in range(first, first + 12)]
            assert cls.server.post(cls.key, events)[1]["accepted"] == 12
            cls.heads.append(cls.get("head"))
        cls.keys = []
        for name in ("ed25519.pem", "sm2.pem"):
            cls.keys.append(cls.place / name)
            cls.keys[-1].write_bytes(cls.server.get(f"/chengdu/keys/{name}")[1])

    @classmethod
    def get(cls, path):
        status, body = cls.server.get(f"/api/v1/chengdu/{path}")
        assert status == 200, body
        return json.loads(body)

    def check(self, proof, *keys):
        path = self.place / "proof.json"
        path.write_text(json.dumps(proof))
        program = house.REPOSITORY / "Examples/verify_inclusion.py"
        done = subprocess.run(
            [sys.executable, program, path, *keys], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def test_the_program_is_under_100_lines(self):
        text = (house.REPOSITORY / "Examples/verify_inclusion.py").read_text()
        self.assertLess(len(text.splitlines()), 100)
        self.assertNotIn("import house", text)

    def test_every_kind_of_fact_holds(self):
        facts = self.heads[-1]["facts"]
        for number in [1, 2, 3, 4, facts // 2, facts - 1, facts]:
            status, said = self.check(self.get(f"proofs/{number}"), *self.keys)
            self.assertEqual(status, 0, said)
            self.assertIn(f"HOLDS: fact {number} is in the journal", said)
            self.assertIn("2 signatures checked", said)
        self.assertEqual(self.server.get(f"/api/v1/chengdu/proofs/{facts + 1}")[0], 404)
        self.assertEqual(self.server.get("/api/v1/chengdu/proofs/0")[0], 404)

    def test_a_tampered_proof_is_refused(self):
        good = json.dumps(self.get(f"proofs/{self.heads[-1]['facts'] // 2}"))
        self.assertEqual(self.check(json.loads(good), *self.keys)[0], 0)

        def flip(text, at):
            return text[:at] + format(int(text[at], 16) ^ 1, "x") + text[at + 1:]

        def change(*path):
            def apply(proof):
                place = proof
                for word in path[:-1]:
                    place = place[word]
                old = place[path[-1]]
                place[path[-1]] = flip(old, len(old) // 2) if isinstance(old, str) else old + 1
            return apply

        def grow(proof):
            """More grams in the fact, everything else as it was."""
            fact = bytearray.fromhex(proof["bytes"])
            fact[57] ^= 1
            proof["bytes"] = fact.hex()

        changes = [
            grow, change("bytes"), change("fact"), change("frame", "index"),
            change("frame", "count"), change("frame", "path", 0), change("frame", "header"),
            change("log", "index"), change("log", "count"), change("log", "path", 0),
            change("head", "root"), change("head", "frames"), change("head", "facts"),
            change("head", "signatures", 0, "signature"),
            change("head", "signatures", 1, "signature"),
            lambda proof: proof["log"]["path"].pop(), lambda proof: proof.pop("head"),
            # A head of the forger's own, well-formed, that nobody signed.
            lambda proof: proof["head"].update(
                facts=7, statement=proof["head"]["statement"].replace(
                    f"facts {proof['head']['facts']}", "facts 7")),
        ]
        for index, damage in enumerate(changes):
            proof = json.loads(good)
            damage(proof)
            self.assertNotEqual(json.dumps(proof), good, index)
            status, said = self.check(proof, *self.keys)
            self.assertEqual(status, 1, f"change {index}: {said}")
            self.assertTrue(said.startswith("FAILS: "), said)

    def test_heads_continue_one_another(self):
        """RFC 9162, 2.1.4.2, as its sentences say it; and a head of another past does not pass."""
        sizes = sorted({head["frames"]: head["root"] for head in self.heads}.items())
        self.assertGreater(len(sizes), 4)
        for first, (old, old_root) in enumerate(sizes):
            for new, new_root in sizes[first + 1:]:
                answer = self.get(f"consistency?from={old}&to={new}")
                path = [bytes.fromhex(node) for node in answer["path"]]
                roots = bytes.fromhex(old_root), bytes.fromhex(new_root)
                self.assertTrue(continues(old, new, *roots, path), (old, new))
                for at in range(len(path)):
                    wrong = path[:at] + [bytes(32)] + path[at + 1:]
                    self.assertFalse(continues(old, new, *roots, wrong))
                self.assertFalse(continues(old, new, bytes(32), roots[1], path))
                self.assertFalse(continues(old, new, roots[0], bytes(32), path))
        for query in ("from=0&to=1", "from=2&to=1", "from=1&to=100000", "from=x&to=1", ""):
            self.assertEqual(self.server.get(f"/api/v1/chengdu/consistency?{query}")[0], 400, query)


def continues(old, new, old_root, new_root, path):
    """RFC 9162, 2.1.4.2."""
    if not path:
        return False
    path = [old_root] + path if old & (old - 1) == 0 else path
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for node in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = join(node, fr), join(node, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = join(sr, node)
        fn, sn = fn >> 1, sn >> 1
    return fr == old_root and sr == new_root and sn == 0


def join(left, right):
    return hashlib.new("sm3", b"\1" + left + right).digest()


def leaf(data):
    return hashlib.new("sm3", b"\0" + data).digest()


def merkle(leaves):
    """RFC 9162: the left half is the largest power of two that is smaller than all."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.new("sm3", b"\1" + merkle(leaves[:half]) + merkle(leaves[half:])).digest()


if __name__ == "__main__":
    house.main()
