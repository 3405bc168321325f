# SPDX-License-Identifier: Apache-2.0
"""Failures of the world around: a clear sentence each time, and nothing lost.

A sentence is clear here when it says what could not be done, why, and what to do; it comes on
standard error with status 1 (74 for a journal that stopped taking frames), never as a crash.
"""

import contextlib
import http.client
import os
import pwd
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import time

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
        end = time.monotonic() + 20
        while time.monotonic() < end and process.poll() is None:
            if lock.exists() and lock.read_text().strip() == str(process.pid):
                return
            time.sleep(0.02)
        self.fail("the first process never took the folder")

    def test_a_folder_that_is_not_there_or_no_data_folder(self):
        said = {"nowhere": "there is no data folder", "other": "no data folder"}
        for name, words in said.items():
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

    def test_a_lost_vault(self):
        """A new vault would number users anew: journals would take them for others."""
        data = self.city("vault-lost")
        vault = data / "vault.sqlite"
        kept = vault.read_bytes()
        for name, content in {"missing": None, "empty": b"", "torn": kept[:len(kept) // 2]}.items():
            with self.subTest(name):
                for path in data.glob("vault.sqlite*"):
                    path.unlink()
                if content is not None:
                    vault.write_bytes(content)
                done = house.run(*self.import_words(data, 100, 5), status=None)
                self.clear(done, "vault", "restore", "backup")
                self.assertEqual(vault.read_bytes() if vault.exists() else None, content)
        vault.write_bytes(kept)
        self.assertEqual(house.answer(*self.import_words(data, 0, 50)[:-1])["duplicates"], 50)
        self.assertTrue(house.verify(data)["good"])

    def test_a_vault_older_than_the_journal(self):
        data = self.city("vault-old", count=3)
        old = (data / "vault.sqlite").read_bytes()
        self.assertEqual(house.answer(*self.import_words(data, 0, 50)[:-1])["accepted"], 47)
        new = (data / "vault.sqlite").read_bytes()
        (data / "vault.sqlite").write_bytes(old)
        done = house.run(*self.import_words(data, 100, 5), status=None)
        self.clear(done, "user 7", "only 3", "restore")
        (data / "vault.sqlite").write_bytes(new)
        self.assertEqual(house.answer(*self.import_words(data, 0, 50)[:-1])["duplicates"], 50)

    def test_a_vault_of_another_city(self):
        data, other = self.city("vault-mine"), self.city("vault-other")
        mine = (data / "vault.sqlite").read_bytes()
        (data / "vault.sqlite").write_bytes((other / "vault.sqlite").read_bytes())
        self.clear(house.run(*self.import_words(data, 100, 5), status=None), "master key", "backup")
        (data / "vault.sqlite").write_bytes(mine)
        self.assertEqual(house.answer(*self.import_words(data, 0, 50)[:-1])["duplicates"], 50)

    def test_what_a_newer_program_wrote(self):
        data = self.city("newer")
        for name, path in {
            "journal": data / "chengdu/journal.sqlite", "vault": data / "vault.sqlite",
        }.items():
            with self.subTest(name):
                ours = self.version(path, 99)
                self.clear(
                    house.run(*self.import_words(data, 100, 5), status=None), "newer",
                    "at least as new")
                if name == "journal":
                    for words in (("verify",), ("export", "--mechanism", "chengdu", "--format",
                                                "csv")):
                        self.clear(house.run(*words, "--data", data, status=None), "newer")
            self.version(path, ours)
        description = data / "tanpuhui.json"
        kept = description.read_text()
        description.write_text(kept.replace('"format":1', '"format":99'))
        self.clear(house.run("verify", "--data", data, status=None), "newer", "at least as new")
        description.write_text(kept)
        self.assertTrue(house.verify(data)["good"])
        self.assertEqual(house.answer(*self.import_words(data, 0, 50)[:-1])["duplicates"], 50)

    def version(self, path, number):
        """Writes a file's version; answers the one it had."""
        database = sqlite3.connect(path)
        had = database.execute("PRAGMA user_version").fetchone()[0]
        database.execute(f"PRAGMA user_version={number}")
        database.commit()
        database.close()
        return had

    def test_a_torn_head(self):
        """The last head half written: nobody was shown it, and the next one takes its place."""
        data = self.city("head")
        heads = data / "chengdu/heads.jsonl"
        kept = heads.read_bytes()
        last = kept.splitlines()[-1]
        for torn in (last[:40], last, b"{", b"\xff\x00"):
            heads.write_bytes(kept + torn)
            self.assertTrue(house.verify(data)["good"], torn)
        heads.write_bytes(kept + last[:40])
        self.assertEqual(house.answer(*self.import_words(data, 100, 5)[:-1])["accepted"], 5)
        grown = heads.read_bytes()
        self.assertTrue(grown.startswith(kept + b"{"))
        self.assertEqual(grown.count(b"\n"), kept.count(b"\n") + 1)
        self.assertTrue(house.verify(data)["good"])
        # A line in the middle is another matter.
        heads.write_bytes(last[:40] + b"\n" + grown)
        self.clear(house.run("verify", "--data", data, status=1), "line 1", "restore")

    def test_a_folder_whose_making_was_interrupted(self):
        data = self.place / "interrupted"
        (data / "keys").mkdir(parents=True)
        for name in ("lock", ".writable.77.new", "tanpuhui.json.77.new"):
            (data / name).write_text("{")
        self.found("interrupted")
        self.assertTrue(house.verify(data)["good"])

    def test_a_partner_without_a_key(self):
        """Admitted by a run that was killed before it had made the key: the same words again."""
        data = self.found("keyless-partner")
        house.add_partner(data, "partner", "shared-bike")
        words = ("partner", "add", "--data", data, "--mechanism", "chengdu", "--code", "partner")
        self.assertRegex(
            house.run(*words, "--scenes", "shared-bike", "--enrol", status=1).stderr, "partner")
        vault = sqlite3.connect(data / "vault.sqlite")
        vault.execute("DELETE FROM partner_key")
        vault.commit()
        vault.close()
        house.run(*words, "--scenes", "metro", "--enrol", status=1)
        key = house.add_partner(data, "partner", "shared-bike")
        server = house.Server(data, self.place)
        self.addCleanup(server.close)
        self.assertEqual(server.post(key, [house.ride(1)])[1]["accepted"], 1)
        self.assertEqual(server.stop(), 0)

    def test_a_log_with_a_torn_end(self):
        """What a power cut leaves of a commit that nobody was answered for."""
        data = self.found("torn-log")
        key = house.add_partner(data, "partner", "shared-bike")
        server = house.Server(data, self.place)
        self.addCleanup(server.close)
        for number in range(5):
            _, answer = server.post(key, [house.ride(number)])
            self.assertEqual(answer["accepted"], 1)
        server.kill()
        log = data / "chengdu/journal.sqlite-wal"
        kept = log.read_bytes()
        for name, tail in {
            "noise": os.urandom(9000), "zeros": bytes(40_000), "a page again": kept[32:16_456],
            "half a page": kept[32:5000],
        }.items():
            with self.subTest(name):
                log.write_bytes(kept + tail)
                copy = self.place / "torn-log-copy"
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(data, copy)
                self.assertTrue(house.verify(copy)["good"])
                again = house.Server(copy, self.place)
                self.addCleanup(again.close)
                rides = [house.ride(number) for number in range(6)]
                _, answer = again.post(key, rides)
                self.assertEqual((answer["duplicates"], answer["accepted"]), (5, 1))
                self.assertEqual(again.stop(), 0)
                self.assertTrue(house.verify(copy)["good"])

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
        secrets = {"master.key", "ed25519.pem", "sm2.pem"}
        for path in [data, *data.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o600 if path.name in secrets else 0o644)
        before = house.balances(data)
        done = self.as_nobody(*self.import_words(data, 100, 5), status=None)
        self.clear(done, "permission denied", "write")
        # An auditor's copy is often read-only: looking must be possible.
        self.assertTrue(self.as_nobody("verify", "--data", data).stdout)
        csv = self.as_nobody("export", "--data", data, "--mechanism", "chengdu", "--format", "csv")
        self.assertEqual(csv.stdout, house.export(data, "csv"))
        self.assertEqual(house.balances(data), before)


class Serving(Failure):
    def serve(self, data, listen):
        return house.run("serve", "--data", data, "--listen", listen, status=None)

    def test_a_port_in_use(self):
        data, other = self.city("port"), self.city("port-other")
        server = house.Server(data, self.place)
        self.addCleanup(server.close)
        done = self.serve(other, f"127.0.0.1:{server.port}")
        self.clear(done, str(server.port), "in use", "another address or port")
        # The folder of the one that failed is not left locked, nor is anything lost in it.
        self.assertEqual(house.answer(*self.import_words(other, 0, 50)[:-1])["duplicates"], 50)
        # The same folder again: it is the folder that is spoken of.
        done = self.serve(data, f"127.0.0.1:{house.free_port()}")
        self.clear(done, str(server.process.pid), "is using it")
        self.assertEqual(server.get("/healthz")[0], 200)
        self.assertEqual(server.stop(), 0)

    def test_an_address_that_is_none(self):
        data = self.city("address", count=1)
        for listen in ("8080", "127.0.0.1:", "127.0.0.1:99999", "256.0.0.1:80", "203.0.113.9:80"):
            with self.subTest(listen):
                self.clear(self.serve(data, listen), "listen", re.escape(listen.split(":")[0]))

    def test_a_folder_without_a_mechanism(self):
        data = self.place / "bare"
        house.run("init", "--data", data, "--pack", house.PACKS / "none", status=None)
        self.clear(self.serve(data, "127.0.0.1:0"), "no mechanism", "init")


class FullDisk(Failure):
    def test_a_limit_on_the_size_of_files(self):
        """As a full disk, and anybody may set it: `ulimit -f`."""
        data = self.city("limited")
        size = (data / "chengdu/journal.sqlite").stat().st_size
        done = house.run(
            *self.import_words(data, 1000, 3_000), status=None,
            preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_FSIZE, (size + 100_000, resource.RLIM_INFINITY)))
        self.clear(done, "append frame|full", "free space|size of files", "nothing that was")
        self.assertTrue(house.verify(data)["good"])
        table, mapping = house.write_rides(self.place, 1000, 3_000)
        again = house.take_in(data, table, "shared-bike", mapping)
        self.assertEqual(again["accepted"] + again["duplicates"], 3_000)
        self.assertEqual(len(house.records(data)), 3_050)

    def test_a_server_on_a_full_disk(self):
        """It stops rather than answer for what is not written; what it answered for is there."""
        disk = self.small_disk("server-disk", "24m")
        data = house.found(disk / "data")
        key = house.add_partner(data, "partner", "shared-bike")
        server = house.Server(data, self.place)
        self.addCleanup(server.close)
        ballast = disk / "ballast"
        free = os.statvfs(disk)
        ballast.write_bytes(bytes(free.f_bavail * free.f_frsize - 3_000_000))
        answered, number, refused = {}, 0, None
        while number < 100_000:
            rides = [house.ride(n, subject=f"user-{n}") for n in range(number, number + 500)]
            try:
                status, answer = server.post(key, rides, query="?detail=all")
            except (OSError, http.client.HTTPException):
                refused = "the connection"
                break
            if status != 200:
                self.assertEqual(status, 503, answer)
                self.assertRegex(answer["detail"], "(?i)full|no space")
                refused = "503"
                break
            answered.update((result["id"], result["fact"]) for result in answer["results"])
            number += 500
        self.assertIsNotNone(refused, "the disk never got full")
        self.assertGreater(len(answered), 0)
        if refused != "503":
            self.assertEqual(server.process.wait(30), 74)
            self.assertRegex(server.said(), "(?i)can't be written.*(full|no space)")
            self.assertIn("Nothing that was answered is lost", server.said())
        server.kill()
        ballast.unlink()
        again = house.Server(data, self.place)
        self.addCleanup(again.close)
        rides = [house.ride(n, subject=f"user-{n}") for n in range(number + 500)]
        for first in range(0, len(rides), 2000):
            status, answer = again.post(key, rides[first:first + 2000], query="?detail=all")
            self.assertEqual(status, 200)
            for result in answer["results"]:
                fact = answered.get(result["id"])
                if fact is not None:
                    self.assertEqual((result["outcome"], result["fact"]), ("duplicate", fact))
                else:
                    self.assertIn(result["outcome"], ("accepted", "duplicate"))
        self.assertEqual(again.stop(), 0)
        self.assertTrue(house.verify(data)["good"])
        self.assertEqual(len(house.records(data)), len(rides))

    def small_disk(self, name, size):
        if shutil.which("mount") is None or os.geteuid() != 0:
            house.loudly("a full disk", "Only root can mount a small disk to fill.")
        disk = self.place / name
        disk.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(disk)],
            capture_output=True, text=True)
        if mounted.returncode != 0:
            house.loudly("a full disk", f"Mounting is not permitted: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", str(disk)], check=False)
        return disk

    def test_a_full_disk(self):
        disk = self.small_disk("disk", "6m")
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
