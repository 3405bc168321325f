# SPDX-License-Identifier: Apache-2.0
"""Failures of the world around: a clear sentence each time, and nothing lost.

A sentence is clear here when it says what could not be done, why, and what to do; it comes on
standard error with status 1 (74 for a journal that stopped taking frames), never as a crash.
"""

import contextlib
import os
import pwd
import re
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
import house


class Failure(house.Town):
    def clear(self, done, *words):
        """The program failed, and said so to a person."""
        said = done.stderr
        self.assertIn(done.returncode, (1, 74), said)
        for crash in ("Fatal error", "Stack dump", "Precondition", "StoreFailure("):
            self.assertNotIn(crash, said)
        for word in words:
            self.assertRegex(said, re.compile(word, re.IGNORECASE))
        self.assertTrue(said.strip().endswith("."), f"ends as a sentence does: {said!r}")
        return said

    def city(self, name, count=50):
        data = self.found(name)
        house.add_partner(data, "partner", "shared-bike")
        table, mapping = house.write_rides(self.place, 0, count)
        house.take_in(data, table, "shared-bike", mapping)
        return data

    def import_words(self, data, first, count):
        table, mapping = house.write_rides(self.place, first, count)
        return (
            "import", table, "--data", data, "--mechanism", "chengdu", "--partner", "partner",
            "--scene", "shared-bike", "--map", mapping, "--json")


class Files(Failure):
    def test_a_second_process_on_the_same_data(self):
        data = self.city("shared")
        # An import that never ends, as far as the second process can tell: its table is a pipe.
        pipe = self.place / "pipe.jsonl"
        os.mkfifo(pipe)
        words = list(self.import_words(data, 0, 1))
        words[1] = pipe
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(subprocess.Popen(
                [house.PROGRAM, *map(str, words)], stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE))
            stack.callback(first.kill)
            try:
                writer = stack.enter_context(open(pipe, "w"))  # Waits until it is being read.
                lock = data / "lock"
                self.await_holder(lock, first)
                done = house.run(*self.import_words(data, 100, 5), status=None)
                self.clear(done, str(first.pid), "is using it", "stop that process")
                # An auditor may look meanwhile.
                self.assertTrue(house.verify(data)["good"])
            finally:
                first.kill()
        self.assertEqual(house.answer(*self.import_words(data, 100, 5)[:-1])["accepted"], 5)

    def await_holder(self, lock, process):
        import time
        end = time.monotonic() + 20
        while time.monotonic() < end and process.poll() is None:
            if lock.exists() and lock.read_text().strip() == str(process.pid):
                return
            time.sleep(0.02)
        self.fail("the first process never took the folder")

    def test_a_folder_that_is_not_there_or_no_data_folder(self):
        for name, words in {"nowhere": "there is no data folder", "other": "no data folder"}.items():
            data = self.place / name
            if name == "other":
                data.mkdir()
                (data / "letter.txt").write_text("not ours")
            self.clear(house.run("verify", "--data", data, status=None), words, "init")
        done = house.run(
            "init", "--data", self.place / "other", "--pack", house.PACKS / "chengdu", status=None)
        self.clear(done, "letter.txt", "empty folder")
        self.assertEqual((self.place / "other/letter.txt").read_text(), "not ours")

    def test_a_missing_master_key(self):
        data = self.city("keyless")
        key, safe = data / "keys/master.key", self.place / "master.key"
        before = house.balances(data)
        shutil.move(key, safe)
        done = house.run(*self.import_words(data, 100, 5), status=None)
        self.clear(done, "master.key", "missing", "restore")
        self.assertFalse(key.exists(), "no new key is made: it would lock the vault for good")
        self.assertTrue(house.verify(data)["good"], "books need no names")
        shutil.move(safe, key)
        self.assertEqual(house.balances(data), before)
        self.assertEqual(house.answer(*self.import_words(data, 0, 50)[:-1])["duplicates"], 50)

    def test_another_master_key(self):
        data = self.city("wrong-key")
        key = data / "keys/master.key"
        right = key.read_text()
        key.write_text(("0" * 64) + "\n")
        self.clear(house.run(*self.import_words(data, 100, 5), status=None), "key")
        key.write_text(right)
        self.assertEqual(house.answer(*self.import_words(data, 0, 50)[:-1])["duplicates"], 50)

    def test_a_corrupt_last_frame(self):
        """With the snapshot there and without: a start refuses, and names the frame."""
        for keep in (True, False):
            data = self.city(f"torn-{keep}")
            journal = sqlite3.connect(data / "chengdu/journal.sqlite")
            last, frame = journal.execute(
                "SELECT sequence, bytes FROM frame ORDER BY sequence DESC LIMIT 1").fetchone()
            changed = bytearray(frame)
            changed[len(frame) // 2] ^= 1
            journal.execute("UPDATE frame SET bytes = ? WHERE sequence = ?", (changed, last))
            journal.commit()
            if not keep:
                (data / "chengdu/snapshot").unlink()
            with self.subTest(snapshot=keep):
                done = house.run(*self.import_words(data, 100, 5), status=None)
                self.clear(done, f"frame {last}", "restore")
                count = journal.execute("SELECT count(*) FROM frame").fetchone()[0]
                self.assertEqual(count, last, "nothing was written on top")
            journal.execute("UPDATE frame SET bytes = ? WHERE sequence = ?", (frame, last))
            journal.commit()
            journal.close()
            self.assertEqual(house.answer(*self.import_words(data, 0, 50)[:-1])["duplicates"], 50)

    def test_a_broken_snapshot_is_left_alone(self):
        data = self.city("snapshot")
        before = house.balances(data)
        snapshot = data / "chengdu/snapshot"
        content = bytearray(snapshot.read_bytes())
        for name, broken in {
            "a bit": bytes(content[:-9]) + bytes([content[-9] ^ 1]) + bytes(content[-8:]),
            "half": bytes(content[:len(content) // 2]), "nothing": b"",
            "other": b"\0" * len(content),
        }.items():
            with self.subTest(name):
                snapshot.write_bytes(broken)
                again = house.answer(*self.import_words(data, 0, 50)[:-1])
                self.assertEqual(again["duplicates"], 50)
                self.assertEqual(house.balances(data), before)


class ReadOnly(Failure):
    def setUp(self):
        if os.geteuid() != 0:
            house.loudly("a read-only data folder", "Only root can become another user here.")
        self.nobody = pwd.getpwnam("nobody")
        if subprocess.run([house.PROGRAM, "version"], user="nobody", group=self.nobody.pw_gid,
                          extra_groups=[], capture_output=True).returncode != 0:
            house.loudly(
                "a read-only data folder", f"The user nobody can't run {house.PROGRAM}.")

    def as_nobody(self, *words, **more):
        return house.run(
            *words, user="nobody", group=self.nobody.pw_gid, extra_groups=[], **more)

    def test_a_folder_that_may_be_read_but_not_written(self):
        data = self.city("read-only")
        self.place.chmod(0o755)
        for path in [data, *data.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        before = house.balances(data)
        done = self.as_nobody(*self.import_words(data, 100, 5), status=None)
        self.clear(done, "permission denied", "write")
        # An auditor's copy is often read-only: looking must be possible.
        self.assertTrue(self.as_nobody("verify", "--data", data).stdout)
        csv = self.as_nobody("export", "--data", data, "--mechanism", "chengdu", "--format", "csv")
        self.assertEqual(csv.stdout, house.export(data, "csv"))
        self.assertEqual(house.balances(data), before)


class FullDisk(Failure):
    def test_a_full_disk(self):
        if shutil.which("mount") is None or os.geteuid() != 0:
            house.loudly("a full disk", "Only root can mount a small disk to fill.")
        disk = self.place / "disk"
        disk.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=6m", "none", str(disk)], capture_output=True,
            text=True)
        if mounted.returncode != 0:
            house.loudly("a full disk", f"Mounting is not permitted: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", str(disk)], check=False)
        data = self.place / "disk/data"
        shutil.copytree(self.city("small"), data)
        before = house.verify(data)["mechanisms"][0]
        # 2.6 MB are left after ballast; 40,000 rides need more.
        free = os.statvfs(disk)
        ballast = disk / "ballast"
        ballast.write_bytes(b"\0" * (free.f_bavail * free.f_frsize - 2_600_000))
        done = house.run(*self.import_words(data, 1000, 40_000), status=None)
        self.clear(done, "no space|full", "free space")
        ballast.unlink()
        after = house.verify(data)
        self.assertTrue(after["good"])
        self.assertGreaterEqual(after["mechanisms"][0]["frames"], before["frames"])
        self.assertEqual(house.answer(*self.import_words(data, 0, 50)[:-1])["duplicates"], 50)
        # What was refused for want of room is taken in now: each ride is there once.
        table, mapping = house.write_rides(self.place, 1000, 2000)
        again = house.take_in(data, table, "shared-bike", mapping)
        self.assertEqual(again["accepted"] + again["duplicates"], 2000)
        self.assertEqual(
            len([record for record in house.records(data) if record["outcome"] == "accepted"]),
            len({(record["citizen"], record["ended"], record["data"]["distanceMetres"])
                 for record in house.records(data)}))
        self.assertTrue(house.verify(data)["good"])


if __name__ == "__main__":
    house.main()
