# SPDX-License-Identifier: Apache-2.0
"""One changed byte, and `tanpuhui verify` names the first frame that is wrong.

    good folder ──copy──▶ change ──▶ verify ──▶ status, the frame it names

Frames are changed inside the database through SQLite, which then has nothing to say against them,
and in the file itself, behind SQLite's back. A forger who can hash is tried too: frames whose own
hashes are right again, which only the next frame, or a signed head, can give away.

    frame: magic 4, version 1, algorithm 1, partition 2, sequence 8, time 8, first fact 8,
           facts 4, bytes 4, previous hash 32, root 32 = 104 bytes; facts; own hash 32
"""

import base64
import hashlib
import json
import random
import shutil
import sqlite3
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
