# SPDX-License-Identifier: Apache-2.0
"""A partner's day from outside: signed requests, withdrawals, receipts, a sandbox, webhooks.

    partner's computer ──signed by OpenSSL or hmac, not by us──▶ server ──▶ answers, receipts
    partner's server   ◀──webhooks, checked here────────────────┘
    auditor            ──verify, replay, export──▶ the books, added up here

Signatures are made by this program from the words of RFC 9421 with Python's own hmac and the openssl
command, so that the platform is held against somebody else's reading of the standard.
"""

import base64
import hashlib
import hmac
import http.client
import http.server
import json
import subprocess
import sys
import threading
import time

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
import house

PATH = "/api/v1/chengdu"
DAY = "2024-03-01"


def ride(number, metres=3000, hour=8):
    """A ride on a Friday of March 2024: 48.7 g/km, half to even, 3 points under the pack's rule."""
    return house.ride(number, end=f"{DAY}T{hour:02}:15:00+08:00", metres=metres)


class Caller:
    """A partner's computer that may sign."""

    def __init__(self, server, key, sign=None):
        self.server, self.key, self.sign = server, key, sign
        self.nonce = 0

    def ask(self, method, target, body=None, kind=house.BATCH, sign=True, **more):
        headers = {"Authorization": f"Bearer {self.key}"}
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers["Content-Type"] = kind
        if sign and self.sign:
            headers.update(self.signed(method, target, data, **more))
        connection = self.server.connection()
        try:
            connection.request(method, target, data, headers)
            reply = connection.getresponse()
            return reply.status, reply.read(), dict(reply.getheaders())
        finally:
            connection.close()

    def signed(self, method, target, data, created=None, nonce=None):
        keyid, algorithm, make = self.sign
        self.nonce += 1
        path, _, query = target.partition("?")
        lines = [("@method", method), ("@authority", f"127.0.0.1:{self.server.port}"),
                 ("@path", path), ("@query", "?" + query)]
        headers = {}
        if data is not None:
            digest = base64.b64encode(hashlib.sha512(data).digest()).decode()
            headers["Content-Digest"] = f"sha-512=:{digest}:"
            lines.append(("content-digest", headers["Content-Digest"]))
        names = " ".join(f'"{name}"' for name, _ in lines)
        parameters = (f"({names});created={created or int(time.time())};keyid=\"{keyid}\""
                      f";alg=\"{algorithm}\";nonce=\"{nonce or self.nonce}\"")
        base = "\n".join([f'"{name}": {value}' for name, value in lines]
                         + [f'"@signature-params": {parameters}'])
        signature = base64.b64encode(make(base.encode())).decode()
        headers["Signature-Input"] = f"sig1={parameters}"
        headers["Signature"] = f"sig1=:{signature}:"
        return headers


def openssl(*words, data=None):
    return subprocess.run(["openssl", *map(str, words)], input=data, capture_output=True,
                          check=True, timeout=60).stdout


def setting(data, code, *words):
    return house.answer("partner", "set", "--data", data, "--mechanism", "chengdu", "--code", code,
                        *words)


class Signatures(house.Town):
    """Requests signed elsewhere are taken, and nothing else is."""

    def signer(self, algorithm):
        private = self.place / f"{algorithm}.pem"
        public = self.place / f"{algorithm}.public.pem"
        kind = (["-algorithm", "ED25519"] if algorithm == "ed25519" else
                ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"])
        openssl("genpkey", *kind, "-out", private)
        openssl("pkey", "-in", private, "-pubout", "-out", public)
        message = self.place / "message"

        def make(base):
            message.write_bytes(base)
            more = ([] if algorithm == "ed25519" else
                    ["-digest", "sm3", "-pkeyopt", "distid:1234567812345678"])
            return openssl("pkeyutl", "-sign", "-inkey", private, "-rawin", *more, "-in", message)
        return public, make

    def test_each_algorithm(self):
        data = self.found()
        key = house.add_partner(data, "bikes", "shared-bike")
        shared = setting(data, "bikes", "--shared-secret", "--signatures", "required")
        secret = base64.b64decode(shared["secret"])
        ways = [(shared["keyid"], "hmac-sha256",
                 lambda base: hmac.digest(secret, base, "sha256"))]
        for algorithm in ("ed25519", "sm2-sm3"):
            public, make = self.signer(algorithm)
            made = setting(data, "bikes", "--public-key", public, "--algorithm", algorithm)
            ways.append((made["keyid"], algorithm, make))
        server = house.Server(data, self.place)
        self.addCleanup(server.close)
        for number, way in enumerate(ways):
            caller = Caller(server, key, way)
            with self.subTest(algorithm=way[1]):
                status, body, _ = caller.ask("POST", PATH + "/behaviours", [ride(number)])
                self.assertEqual(status, 200, body)
                self.assertEqual(json.loads(body)["accepted"], 1)
                # A question with a query is signed as well.
                status, body, _ = caller.ask("GET", f"{PATH}/receipts?day={DAY}")
                self.assertEqual((status, len(body.splitlines())), (200, number + 1))
                status, body, _ = caller.ask("POST", PATH + "/behaviours", [], sign=False)
                self.assertEqual(status, 401)
                stale = int(time.time()) - 400
                status, body, _ = caller.ask("POST", PATH + "/behaviours", [], created=stale)
                self.assertIn(b"signature-stale", body)
                for again in (200, 401):
                    status, body, _ = caller.ask(
                        "POST", PATH + "/behaviours", [], created=int(stale + 400), nonce="same")
                    self.assertEqual(status, again, body)
        # Nothing of the keys was written down where people read.
        self.assertNotIn(shared["secret"], server.said())
        self.assertNotIn(key, server.said())


class Books(house.Town):
    """What was taken back is out of every book, and sending a day again changes nothing."""

    def test_the_day(self):
        data = self.found()
        key = house.add_partner(data, "bikes", "shared-bike")
        server = house.Server(data, self.place)
        self.addCleanup(server.close)
        caller = Caller(server, key)
        rides = [ride(number, metres=1000 + number, hour=8 + number) for number in range(6)]
        status, body, _ = caller.ask("POST", PATH + "/behaviours?detail=all", rides)
        sent = json.loads(body)
        self.assertEqual((status, sent["accepted"]), (200, 6))
        rows = [{"source": "/rides", "id": f"ride-{number}", "reason": "cancelled"}
                for number in (1, 4, 9)]
        status, body, _ = caller.ask("POST", PATH + "/behaviours/withdrawals", rows,
                                     "application/json")
        told = json.loads(body)
        self.assertEqual((told["withdrawn"], told["refused"]), (2, 1))
        gone = [sent["results"][number] for number in (1, 4)]
        self.assertEqual(told["grams"], sum(row["grams"] for row in gone))
        self.assertEqual(told["points"], sum(row["points"] for row in gone))
        again = caller.ask("POST", PATH + "/behaviours/withdrawals", rows, "application/json")
        self.assertEqual(json.loads(again[1]), told)
        right = dict(ride(20, metres=2000, hour=8), corrects="ride-0", reason="wrongValues")
        status, body, _ = caller.ask("POST", PATH + "/behaviours/corrections", [right])
        corrected = json.loads(body)["results"][0]
        self.assertEqual((corrected["outcome"], corrected["event"]["grams"]), ("withdrawn", 97))

        status, body, _ = caller.ask("GET", f"{PATH}/receipts?day={DAY}")
        receipts = [json.loads(line) for line in body.splitlines()]
        counts = [row["outcome"] for row in receipts]
        self.assertEqual((counts.count("accepted"), counts.count("withdrawn")), (4, 3))
        status, body, _ = caller.ask("GET", f"{PATH}/receipts/daily?day={DAY}")
        daily = json.loads(body)
        left = sent["grams"] - told["grams"] - corrected["grams"] + 97
        self.assertEqual(daily["grams"], left)
        self.assertEqual(sum(row["grams"] for row in receipts), left)

        # The very file again: duplicates, and the same receipts.
        status, body, _ = caller.ask("POST", PATH + "/behaviours", rides)
        self.assertEqual(json.loads(body)["duplicates"], 6)
        status, body, _ = caller.ask("GET", f"{PATH}/receipts?day={DAY}")
        self.assertEqual([json.loads(line) for line in body.splitlines()], receipts)
        status, body, _ = caller.ask("POST", f"{PATH}/reconciliations?day={DAY}",
                                     rides + [ride(20, metres=2000, hour=8)], "application/json")
        differences = json.loads(body)
        self.assertEqual((differences["same"], differences["oursNotTheirs"]["count"]), (7, 0))

        totals = json.loads(server.get(PATH + "/totals")[1])
        self.assertEqual((totals["grams"], totals["accepted"]), (left, 4))
        self.assertEqual(server.stop(), 0)
        house.root(data)
        balances = house.balances(data)
        citizens = sum(amount for (account, asset), amount in balances.items()
                       if account.startswith("citizen:") and asset == "grams")
        self.assertEqual(citizens, left)
        ledger = house.export(data, "hledger")
        self.assertEqual(ledger.count(" withdrawn"), 3)
        # A draft of the very same rules comes to the very same books.
        draft = house.answer("replay", "--data", data, "--mechanism", "chengdu", "--pack",
                             house.PACKS / "chengdu")
        self.assertEqual(draft["grams"], left, draft)


class Sandbox(house.Town):
    """The same rules, other books, other keys."""

    def test_apart(self):
        data = self.place / "data"
        house.run("init", "--data", data, "--pack", house.PACKS / "chengdu", "--sandbox")
        key = house.add_partner(data, "bikes", "shared-bike")
        trial = house.add_partner(data, "bikes", "shared-bike", mechanism="chengdu-sandbox")
        server = house.Server(data, self.place)
        self.addCleanup(server.close)
        status, answer = server.post(trial, [ride(1)], mechanism="chengdu-sandbox")
        self.assertEqual((status, answer["accepted"]), (200, 1))
        self.assertEqual(server.post(trial, [ride(2)])[0], 403)
        self.assertEqual(server.post(key, [ride(2)], mechanism="chengdu-sandbox")[0], 403)
        self.assertEqual(json.loads(server.get(PATH + "/totals")[1])["grams"], 0)
        self.assertNotIn("沙箱", server.get("/")[1].decode())
        for page in ("/chengdu-sandbox/", "/chengdu-sandbox/scenes", "/chengdu-sandbox/dictionary",
                     "/chengdu-sandbox/transparency"):
            self.assertIn("沙箱", server.get(page)[1].decode(), page)
            self.assertNotIn('href="/chengdu/', server.get(page)[1].decode(), page)
        self.assertEqual(server.stop(), 0)
        # Adopted again, nothing changes, and verify reads both.
        house.run("init", "--data", data, "--pack", house.PACKS / "chengdu", "--sandbox")
        report = house.verify(data)
        self.assertEqual(len(report["mechanisms"]), 2)


class Limits(house.Town):
    """More than was agreed is turned down whole, and said."""

    def test_too_much(self):
        data = self.found()
        key = house.add_partner(data, "bikes", "shared-bike")
        setting(data, "bikes", "--events-per-day", "5")
        server = house.Server(data, self.place)
        self.addCleanup(server.close)
        caller = Caller(server, key)
        rides = [ride(number) for number in range(4)]
        self.assertEqual(caller.ask("POST", PATH + "/behaviours", rides)[0], 200)
        status, body, headers = caller.ask("POST", PATH + "/behaviours", rides)
        self.assertEqual(status, 429, body)
        self.assertGreater(int(headers["Retry-After"]), 0)
        self.assertIn("quota", json.loads(body)["type"])
        server.close()
        time.sleep(0.2)
        # A restart gives nobody a second quota, once the archive has read what there was.
        server = house.Server(data, self.place)
        self.addCleanup(server.close)
        time.sleep(1)
        status, body, _ = Caller(server, key).ask("POST", PATH + "/behaviours", rides)
        self.assertEqual(status, 429, body)


if __name__ == "__main__":
    house.main()
