# SPDX-License-Identifier: Apache-2.0
"""What the test programs share: the program under test, its servers, its events, its books.

    test ──words──▶ tanpuhui (TANPUHUI names the binary) ──▶ a data folder of its own
    test ──HTTP───▶ Server, on loopback, on a port of its own; ended by its own process id

Everything here goes through the command line or a socket, as a partner or an auditor would; nothing
is known of the inside but the layout of a frame, and that from its description.
"""

import csv
import http.client
import io
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = os.environ.get("TANPUHUI") or str(REPOSITORY / ".build/debug/tanpuhui")
PACKS = REPOSITORY / "Packs"
MAPS = REPOSITORY / "Examples/maps"
COUNTS = ("accepted", "duplicates", "waiting", "quarantined", "refused")


def loudly(test, why):
    """Says that a test is not run, where ./run check shows it, and skips it."""
    print(f"\n*** NOT RUN: {test}\n*** {why}\n", flush=True)
    raise unittest.SkipTest(why)


def real_data(name, test):
    """A file of the shared test data, which is not ours to republish; else the test is skipped."""
    places = [pathlib.Path(os.environ["TANPUHUI_DATA"])] if "TANPUHUI_DATA" in os.environ else []
    places += [parent / "shared/data" for parent in REPOSITORY.parents]
    for place in places:
        if (place / name).is_file():
            return place / name
    return loudly(
        test,
        f"It reads {name}, which is not here. Put the shared data folder beside the "
        "repository, or name it: TANPUHUI_DATA=/path/to/data ./run check",
    )


def run(*words, status=0, **more):
    """Runs the program to its end; its status must be `status` (None: any but 0)."""
    done = subprocess.run(
        [PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=300,
        stdin=subprocess.DEVNULL, **more)
    good = done.returncode != 0 if status is None else done.returncode == status
    if not good:
        raise AssertionError(
            f"tanpuhui {' '.join(map(str, words))}\nended with {done.returncode}, not {status}\n"
            f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return done


def answer(*words, **more):
    """Runs the program with --json and reads its answer."""
    return json.loads(run(*words, "--json", **more).stdout)


class Town(unittest.TestCase):
    """A test with a folder of its own, taken away at its end."""

    packs = ("chengdu",)

    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="tanpuhui-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.place, ignore_errors=True)

    def found(self, name="data", packs=None):
        return found(self.place / name, packs or self.packs)


def found(data, packs=("chengdu",)):
    run("init", "--data", data, "--pack", *[PACKS / pack for pack in packs])
    return data


def add_partner(data, code, scenes, enrol=True, mechanism="chengdu"):
    """Answers the partner's key."""
    words = ["--enrol"] if enrol else []
    return answer(
        "partner", "add", "--data", data, "--mechanism", mechanism, "--code", code,
        "--scenes", scenes, *words)["key"]


def take_in(data, file, scene, mapping, partner="partner", mechanism="chengdu"):
    summary = answer(
        "import", file, "--data", data, "--mechanism", mechanism, "--partner", partner,
        "--scene", scene, "--map", mapping)
    assert summary["received"] == sum(summary[count] for count in COUNTS), summary
    return summary


def verify(data, status=0):
    return answer("verify", "--data", data, status=status)


def root(data, mechanism="chengdu"):
    """The root of a mechanism's journal, which must be good."""
    report = verify(data)
    assert report["good"], report
    return next(m["root"] for m in report["mechanisms"] if m["mechanism"] == mechanism)


def export(data, form, mechanism="chengdu"):
    return run(
        "export", "--data", data, "--mechanism", mechanism, "--format", form).stdout


def balances(data, mechanism="chengdu"):
    """(account, asset) to balance, as the server has them."""
    rows = csv.DictReader(io.StringIO(export(data, "csv", mechanism)))
    return {(row["account"], row["asset"]): int(row["balance"]) for row in rows}


def records(data, mechanism="chengdu"):
    """The facts that are reports, as exported."""
    facts = map(json.loads, export(data, "jsonl", mechanism).splitlines())
    return [fact for fact in facts if "outcome" in fact]


def ride(number, subject="user-1", end="2024-03-01T08:15:00+08:00", metres=3000, seconds=900,
         vehicle=None, scene="shared-bike"):
    """A plausible ride; each number has a bike of its own, so that none overlaps another."""
    data = {"distanceMetres": metres, "durationSeconds": seconds}
    if scene == "shared-bike":
        data["vehicle"] = vehicle or f"bike-{number}"
    return {
        "specversion": "1.0", "id": f"ride-{number}", "source": "/rides", "type": scene,
        "subject": subject, "time": end, "data": data}


RIDE_MAP = """{"format": "jsonl", "id": "id", "subject": "user",
  "time": {"column": "end", "format": "unix"}, "vehicle": "bike",
  "fields": {"distanceMetres": {"column": "metres"}, "durationSeconds": {"column": "seconds"}}}"""


def write_rides(folder, first, count, users=7):
    """A table of plausible rides, its map beside it; answers both paths."""
    table, mapping = folder / f"rides-{first}.jsonl", folder / "rides.json"
    mapping.write_text(RIDE_MAP)
    with open(table, "w") as file:
        for number in range(first, first + count):
            file.write(json.dumps({
                "id": f"ride-{number}", "user": f"user-{number % users}", "bike": f"bike-{number}",
                "end": 1709280000 + number * 60, "metres": 1000 + number % 9000, "seconds": 1800,
            }) + "\n")
    return table, mapping


BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"
LINES = "application/x-ndjson"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`tanpuhui serve` on loopback. Ended by its own process id, at the latest by `close`."""

    def __init__(self, data, folder, port=None, patience=30, words=(),
                 command="serve", **more):
        """`patience`: how many seconds it may take to come up; None: it is not waited for.
        `words`: more of the command line. `command`: `demo` shows staff's codes on its pages."""
        self.data = data
        self.port = port or free_port()
        self.log = open(pathlib.Path(folder) / "server.log", "ab")
        self.process = subprocess.Popen(
            [PROGRAM, command, "--data", str(data), "--listen", f"127.0.0.1:{self.port}", *words],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd=REPOSITORY, **more)
        if patience is None:
            return
        try:
            self.await_health(patience)
        except BaseException:
            self.close()
            raise

    def await_health(self, patience):
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(
                    f"the server ended with {self.process.returncode}: {self.said()}")
            try:
                if self.get("/healthz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.02)
        raise AssertionError(f"the server did not come up within {patience} s: {self.said()}")

    def said(self):
        with open(self.log.name, "rb") as log:
            return log.read()[-3000:].decode(errors="replace")

    def connection(self, patience=60):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)

    def get(self, path):
        connection = self.connection()
        try:
            connection.request("GET", path)
            reply = connection.getresponse()
            return reply.status, reply.read()
        finally:
            connection.close()

    def post(self, key, body, kind=BATCH, mechanism="chengdu", query="", headers=None):
        """Answers the status and the answer's JSON."""
        connection = self.connection()
        try:
            return send(connection, key, body, kind, mechanism, query, headers)
        finally:
            connection.close()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self):
        """Asks it to end, and waits; answers its status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(30)
        self.log.close()


def send(connection, key, body, kind=BATCH, mechanism="chengdu", query="", headers=None):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    all_headers = {"Content-Type": kind, **(headers or {})}
    if key is not None:
        all_headers["Authorization"] = f"Bearer {key}"
    connection.request("POST", f"/api/v1/{mechanism}/behaviours{query}", body, all_headers)
    reply = connection.getresponse()
    return reply.status, json.loads(reply.read())


def main():
    sys.stdout.reconfigure(line_buffering=True)
    unittest.main(verbosity=2)
