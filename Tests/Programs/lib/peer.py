# SPDX-License-Identifier: Apache-2.0
"""Another programme, written from Docs/recognition.md: its own books, and every way to fail.

    python3 peer.py BOOKS PORT KEY BASE MECHANISM PROGRAMME RATES TROUBLE SEED

    BOOKS    an SQLite file; members hold points, an exchange is prepared, confirmed or cancelled
    RATES    out-theirs:out-ours:in-theirs:in-ours as the city's pack has them
    TROUBLE  how many of a hundred messages go wrong: refused, dropped before or after the commit,
             answered with an error after the commit, answered late, sent twice

It may be killed at any moment and started again on the same books.
"""

import datetime
import hashlib
import hmac
import http.client
import http.server
import json
import random
import re
import secrets
import socketserver
import sqlite3
import sys
import threading
import time
import urllib.parse

CITY = datetime.timezone(datetime.timedelta(hours=8))

SCHEMA = """
CREATE TABLE IF NOT EXISTS member(name TEXT PRIMARY KEY, points INTEGER NOT NULL, code TEXT);
CREATE TABLE IF NOT EXISTS exchange(
  id TEXT PRIMARY KEY, leads INTEGER NOT NULL, gives INTEGER NOT NULL, member TEXT NOT NULL,
  give INTEGER NOT NULL, take INTEGER NOT NULL, state TEXT NOT NULL, told INTEGER NOT NULL,
  day TEXT NOT NULL, deadline INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS wish(
  number INTEGER PRIMARY KEY, gives INTEGER NOT NULL, member TEXT NOT NULL, points INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS happened(what TEXT PRIMARY KEY, times INTEGER NOT NULL);
"""


def sign(key, sender, method, path, body, now):
    text = f"{now}.{sender}.{method}.{path}.".encode() + body
    tag = hmac.new(key.encode(), text, hashlib.sha256).hexdigest()
    return f"t={now},v1={tag}"


class Refused(Exception):
    pass


class Books:
    """One connection a call, so that a kill finds nothing half-done."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        with self.open() as books:
            books.executescript(SCHEMA)

    def open(self):
        books = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        books.execute("PRAGMA synchronous=FULL")
        return books

    def transact(self, body):
        with self.lock:
            books = self.open()
            try:
                books.execute("BEGIN IMMEDIATE")
                answer = body(books)
                books.execute("COMMIT")
                return answer
            except BaseException:
                if books.in_transaction:
                    books.execute("ROLLBACK")
                raise
            finally:
                books.close()

    def count(self, what):
        self.transact(lambda books: books.execute(
            "INSERT INTO happened VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1",
            (what,)))

    def find(self, id):
        return self.transact(lambda books: books.execute(
            "SELECT state, leads, gives, member, give, take, deadline FROM exchange WHERE id = ?",
            (id,)).fetchone())

    def begin(self, id, leads, gives, member, give, take, day, deadline):
        """What is given is taken off at once and comes back where nothing comes of it."""
        def body(books):
            known = books.execute(
                "SELECT state, leads, gives, member, give, take FROM exchange WHERE id = ?",
                (id,)).fetchone()
            if known:
                if known[1:] != (leads, gives, member, give, take):
                    raise Refused("idReused")
                return known[0]
            row = books.execute("SELECT points FROM member WHERE name = ?", (member,)).fetchone()
            if row is None:
                raise Refused("memberUnknown")
            if gives:
                if row[0] < give:
                    raise Refused("pointsShort")
                books.execute(
                    "UPDATE member SET points = points - ? WHERE name = ?", (give, member))
            books.execute(
                "INSERT INTO exchange VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (id, leads, gives, member, give, take, "open" if leads else "prepared", not leads,
                 day, deadline))
            return "open" if leads else "prepared"
        return self.transact(body)

    def end(self, id, state):
        def body(books):
            row = books.execute(
                "SELECT state, gives, member, give, take FROM exchange WHERE id = ?",
                (id,)).fetchone()
            if row is None:
                return None
            known, gives, member, give, take = row
            if known in ("confirmed", "cancelled"):
                return known
            if state == "confirmed" and not gives:
                books.execute(
                    "UPDATE member SET points = points + ? WHERE name = ?", (take, member))
            if state == "cancelled" and gives:
                books.execute(
                    "UPDATE member SET points = points + ? WHERE name = ?", (give, member))
            books.execute("UPDATE exchange SET state = ? WHERE id = ?", (state, id))
            return state
        return self.transact(body)

    def told(self, id):
        self.transact(lambda books: books.execute(
            "UPDATE exchange SET told = 1 WHERE id = ?", (id,)))


class Peer:
    def __init__(self, words):
        path, port, self.key, base, self.city, self.code, rates, trouble, seed = words
        self.books = Books(path)
        self.port = int(port)
        self.base = urllib.parse.urlsplit(base)
        self.out_theirs, self.out_ours, self.in_theirs, self.in_ours = map(int, rates.split(":"))
        self.trouble = int(trouble)
        self.dice = random.Random(int(seed))

    def goes_wrong(self):
        return self.dice.randrange(100) < self.trouble

    # The other side asks us.

    def answer(self, method, path, body, signature):
        """Answers (status, JSON)."""
        given = re.match(r"t=(\d+),v1=", signature or "")
        if not given or abs(int(given[1]) - time.time()) > 300 or not hmac.compare_digest(
                signature, sign(self.key, self.city, method, path, body, int(given[1]))):
            return 401, {"type": "/problems/signature"}
        found = re.match(r"^/(?:.*/)?exchanges/([0-9a-f]{32})(?:/(prepare|confirm|cancel))?$", path)
        if not found:
            return 404, {"type": "/problems/address"}
        id, verb = found[1], found[2] or "query"
        try:
            return 200, {"state": getattr(self, verb)(id, body)}
        except Refused as refused:
            return 409, {"reason": str(refused)}

    def prepare(self, id, body):
        asked = json.loads(body)
        gives = asked["giver"] == self.code
        give, take = asked["give"], asked["take"]
        if gives and give * self.in_ours != take * self.in_theirs:
            raise Refused("rate")
        if not gives and give * self.out_theirs != take * self.out_ours:
            raise Refused("rate")
        if asked["deadline"] < time.time() - 1:
            raise Refused("deadline")
        return self.books.begin(
            id, False, gives, asked["member"], give, take, asked["day"], asked["deadline"])

    def confirm(self, id, body):
        state = self.books.end(id, "confirmed")
        if state != "confirmed":
            raise Refused("cancelledBefore" if state else "unknown")
        return state

    def cancel(self, id, body):
        state = self.books.end(id, "cancelled")
        if state == "confirmed":
            raise Refused("confirmedBefore")
        return "cancelled"

    def query(self, id, body):
        known = self.books.find(id)
        return known[0] if known else "unknown"

    # We ask the other side.

    def call(self, method, path, message=None):
        """Answers (status, JSON), or None where nothing came."""
        body = json.dumps(message).encode() if message is not None else b""
        path = self.base.path + path
        connection = http.client.HTTPConnection(self.base.hostname, self.base.port, timeout=5)
        try:
            connection.request(method, path, body or None, {
                "Content-Type": "application/json",
                "Tanpuhui-Signature": sign(
                    self.key, self.code, method, path, body, int(time.time()))})
            if self.goes_wrong():
                self.books.count("hung up before the answer")
                return None
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()

    def lead(self, stop):
        """Begins what is wished, and carries on with all that is not at its end."""
        while not stop.wait(0.05):
            try:
                self.take_wish()
                for id in self.unfinished():
                    self.carry(id)
            except sqlite3.OperationalError:
                self.books.count("books busy")

    def take_wish(self):
        def body(books):
            wish = books.execute(
                "SELECT number, gives, wish.member, wish.points, code FROM wish "
                "JOIN member ON member.name = wish.member WHERE code IS NOT NULL "
                "ORDER BY number LIMIT 1").fetchone()
            if wish:
                books.execute("DELETE FROM wish WHERE number = ?", (wish[0],))
            return wish
        wish = self.books.transact(body)
        if not wish:
            return
        _, gives, member, points, _ = wish
        if gives:
            give, take = points * self.in_theirs, points * self.in_ours
        else:
            give, take = points * self.out_ours, points * self.out_theirs
        now = int(time.time())
        try:
            self.books.begin(
                secrets.token_hex(16), True, bool(gives), member, give, take,
                datetime.datetime.now(CITY).date().isoformat(), now + 8)
        except Refused:
            pass

    def unfinished(self):
        return [row[0] for row in self.books.transact(lambda books: books.execute(
            "SELECT id FROM exchange WHERE state IN ('open', 'prepared') OR told = 0 "
            "ORDER BY rowid").fetchall())]

    def carry(self, id):
        state, leads, gives, member, give, take, deadline = self.books.find(id)
        if not leads:
            # Promised, and past the leader's own time: what did it decide?
            if state == "prepared" and time.time() > deadline + 1:
                answer = self.call("GET", f"/exchanges/{id}")
                if answer and answer[0] == 200:
                    said = answer[1]["state"]
                    if said == "confirmed":
                        self.books.end(id, "confirmed")
                    elif said in ("cancelled", "unknown"):
                        self.books.end(id, "cancelled")
            return
        if state == "open":
            state = self.decide(id, gives, member, give, take, deadline)
        if state in ("confirmed", "cancelled"):
            verb = "confirm" if state == "confirmed" else "cancel"
            for _ in range(2 if self.goes_wrong() else 1):
                answer = self.call("POST", f"/exchanges/{id}/{verb}", {"reason": "peer"})
            if answer and answer[0] == 200 and answer[1]["state"] == state:
                self.books.told(id)

    def decide(self, id, gives, member, give, take, deadline):
        if time.time() >= deadline:
            return self.books.end(id, "cancelled")
        code = self.books.transact(lambda books: books.execute(
            "SELECT code FROM member WHERE name = ?", (member,)).fetchone())[0]
        day = self.books.transact(lambda books: books.execute(
            "SELECT day FROM exchange WHERE id = ?", (id,)).fetchone())[0]
        message = {
            "giver": self.code if gives else self.city, "taker": self.city if gives else self.code,
            "give": give, "take": take, "member": code, "day": day, "deadline": deadline}
        for _ in range(2 if self.goes_wrong() else 1):
            answer = self.call("POST", f"/exchanges/{id}/prepare", message)
        if answer and answer[0] == 200 and answer[1]["state"] == "prepared":
            return self.books.end(id, "confirmed")
        if answer and answer[0] in (409, 422):
            self.books.count("refused: " + str(answer[1].get("type")))
            return self.books.end(id, "cancelled")
        return "open"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    peer = None

    def serve(self):
        peer = self.peer
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        how = peer.dice.choice(["refuse", "before", "after", "error", "late"]) \
            if peer.goes_wrong() else "well"
        peer.books.count(how)
        if how == "refuse":
            return self.send(503, {"type": "/problems/busy"})
        if how == "before":
            return self.hang_up()
        status, answer = peer.answer(
            self.command, self.path, body, self.headers.get("Tanpuhui-Signature"))
        if how == "after":
            return self.hang_up()
        if how == "late":
            time.sleep(4.5 if peer.dice.randrange(6) == 0 else 0.3)
        if how == "error":
            status, answer = 500, {"type": "/problems/trouble"}
        return self.send(status, answer)

    do_GET = do_POST = serve

    def hang_up(self):
        self.close_connection = True
        self.connection.close()

    def send(self, status, answer):
        body = json.dumps(answer).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def finish(self):
        try:
            super().finish()
        except (OSError, ValueError):
            pass

    def log_message(self, *words):
        pass


class Front(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, request, address):
        pass


def main(words):
    peer = Peer(words)
    Handler.peer = peer
    front = Front(("127.0.0.1", peer.port), Handler)
    stop = threading.Event()
    threading.Thread(target=peer.lead, args=(stop,), daemon=True).start()
    front.serve_forever(0.1)


if __name__ == "__main__":
    main(sys.argv[1:])
