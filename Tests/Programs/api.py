# SPDX-License-Identifier: Apache-2.0
"""The API as a partner's programmer meets it: a real server, a key, and a day of mistakes.

    events ──batch, lines, one, gzip, zstd──▶ server ──▶ counts, results, problems
                                                            │ each against /openapi.json
                                                            └ each number worked out here

Every answer of the whole run, whatever it was asked for, is held against what `/openapi.json` says
of that address, method and status.
"""

import collections
import datetime
import gzip
import http.client
import json
import random
import re
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
import house

PATH = "/api/v1/chengdu/behaviours"
CHINA = datetime.timezone(datetime.timedelta(hours=8))


def grams(metres):
    """48.7 g/km, to the whole gram, half to even."""
    whole, rest = divmod(metres * 487, 10_000)
    return whole + (rest > 5000 or (rest == 5000 and whole % 2 == 1))


class Contract:
    """`/openapi.json`, and whether an answer is as it says."""

    def __init__(self, document):
        self.document = document

    def operation(self, method, path):
        for pattern, operations in self.document["paths"].items():
            if re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", pattern), path):
                return operations.get(method.lower())
        return None

    def faults(self, method, target, status, kind, body):
        operation = self.operation("GET" if method == "HEAD" else method, target.split("?")[0])
        if operation is None:
            return []
        declared = operation["responses"].get(str(status))
        if declared is None:
            return [f"{status} is not declared; {sorted(operation['responses'])} are"]
        kind = kind.split(";")[0].strip()
        content = declared.get("content", {})
        if kind not in content:
            return [f"{status} as {kind!r} is not declared; {list(content)} is"]
        if method == "HEAD" or "json" not in kind or "ndjson" in kind:
            return []
        return list(self.wrong(content[kind]["schema"], json.loads(body), "$"))

    def wrong(self, schema, value, where):
        """JSON Schema, as much of it as the document uses; a word not known here is a fault."""
        if "$ref" in schema:
            target = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            yield from self.wrong(target, value, where)
            return
        unknown = schema.keys() - {
            "type", "properties", "required", "items", "enum", "const", "pattern", "format",
            "minimum", "maxLength", "description", "example", "additionalProperties"}
        if unknown:
            yield f"{where}: this program does not know {unknown}"
        if isinstance(schema.get("type"), list):
            if value is None and "null" in schema["type"]:
                return
            schema = {**schema, "type": next(t for t in schema["type"] if t != "null")}
        types = {"object": dict, "array": list, "string": str, "integer": int,
                 "number": (int, float), "boolean": bool}
        if "type" in schema and (not isinstance(value, types[schema["type"]]) or (
                isinstance(value, bool) and schema["type"] != "boolean")):
            yield f"{where}: {value!r} is no {schema['type']}"
            return
        if "enum" in schema and value not in schema["enum"]:
            yield f"{where}: {value!r} is none of {schema['enum']}"
        if "const" in schema and value != schema["const"]:
            yield f"{where}: {value!r} is not {schema['const']!r}"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{where}: {value!r} does not match {schema['pattern']}"
        if schema.get("format") == "date-time" and not is_time(value):
            yield f"{where}: {value!r} is no time"
        if schema.get("minimum", value) > value if isinstance(value, int) else False:
            yield f"{where}: {value} is less than {schema['minimum']}"
        if isinstance(value, dict):
            properties = schema.get("properties")
            for name in schema.get("required", []):
                if name not in value:
                    yield f"{where}.{name} is missing"
            for name, member in value.items():
                if properties is not None and name not in properties:
                    yield f"{where}.{name} is not declared"
                elif properties:
                    yield from self.wrong(properties[name], member, f"{where}.{name}")
        if isinstance(value, list) and "items" in schema:
            for index, item in enumerate(value):
                yield from self.wrong(schema["items"], item, f"{where}[{index}]")


def is_time(text):
    try:
        return datetime.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.kind = headers.get("Content-Type", "")

    @property
    def json(self):
        return json.loads(self.body)


class Partner(house.Town):
    """A server with partners of every sort, and what they may ask."""

    packs = ("chengdu", "zhangye")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = house.found(cls.place / "data", cls.packs)
        cls.key = house.add_partner(cls.data, "bikes", "shared-bike,shared-ebike")
        cls.other_key = house.add_partner(cls.data, "others", "shared-bike")
        cls.waiting_key = house.add_partner(cls.data, "strangers", "shared-bike", enrol=False)
        cls.revoked_key = house.add_partner(cls.data, "former", "shared-bike")
        vault = sqlite3.connect(cls.data / "vault.sqlite")
        vault.execute(
            "UPDATE partner_key SET revoked = 1 WHERE mechanism = 'chengdu' AND partner = 4")
        vault.commit()
        vault.close()
        cls.server = house.Server(cls.data, cls.place)
        cls.addClassCleanup(cls.server.close)
        cls.contract = Contract(json.loads(cls.server.get("/openapi.json")[1]))
        cls.numbers = iter(range(1, 1 << 30))

    def ask(self, method, target, body=None, headers=None, contract=True):
        connection = self.server.connection()
        try:
            connection.request(method, target, body, headers or {})
            reply = connection.getresponse()
            answer = Answer(reply.status, reply.headers, reply.read())
        finally:
            connection.close()
        if contract:
            self.keeps_contract(method, target, answer)
        return answer

    def keeps_contract(self, method, target, answer):
        self.assertEqual([], self.contract.faults(
            method, target, answer.status, answer.kind, answer.body), f"{method} {target}")

    def report(self, body, kind=house.BATCH, query="", key="", status=200, **headers):
        """Reports, and answers the answer's JSON."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        lines = {"Content-Type": kind, "Authorization": f"Bearer {key or self.key}"}
        lines.update((name.replace("_", "-"), value) for name, value in headers.items())
        answer = self.ask("POST", PATH + query, body, lines)
        self.assertEqual(answer.status, status, answer.body[:500])
        if status == 200:
            counts = [answer.json[count] for count in house.COUNTS]
            self.assertEqual(answer.json["received"], sum(counts), "every event is counted once")
        else:
            self.problem(answer, status)
        return answer.json

    def problem(self, answer, status):
        self.assertEqual(answer.status, status)
        self.assertEqual(answer.kind, "application/problem+json")
        self.assertEqual(answer.json["status"], status)
        self.assertTrue(answer.json["title"])
        self.assertRegex(answer.json["detail"], r"\w{2}.*[.。]$", "a sentence")

    def ride(self, **changes):
        """A ride of its own user, on a bike of its own."""
        number = next(self.numbers)
        event = house.ride(number, subject=changes.pop("subject", f"user-{number}"))
        data = changes.pop("data", {})
        event.update(changes)
        event["data"] = {**event["data"], **data}
        return event

    def only(self, event, kind=house.BATCH, **more):
        """What is said of one event."""
        answer = self.report([event], query="?detail=all", **more)
        self.assertEqual(len(answer["results"]), 1)
        return answer["results"][0]

    def untouched(self):
        return json.loads(self.server.get("/api/v1/chengdu/head")[1])["facts"]


class Bodies(Partner):
    def test_each_way_to_send_the_same(self):
        """Five ways; each event is credited, and the number of grams is ours."""
        def lines(events):
            return b"\n".join(json.dumps(event).encode() for event in events) + b"\n"

        ways = {
            "batch": (house.BATCH, json.dumps, {}),
            "json": ("application/json", json.dumps, {}),
            "charset": (house.BATCH + "; charset=utf-8", json.dumps, {}),
            "capitals": ("Application/CloudEvents-Batch+JSON", json.dumps, {}),
            "lines": (house.LINES, lines, {}),
            "jsonl": ("application/jsonl", lines, {}),
            "empty lines": (house.LINES, lambda events: b"\n\r\n" + lines(events) + b"\n\n", {}),
            "no last line end": (house.LINES, lambda events: lines(events)[:-1], {}),
            "windows lines": (
                house.LINES, lambda events: lines(events).replace(b"\n", b"\r\n"), {}),
            "byte order mark": (
                house.BATCH, lambda events: b"\xef\xbb\xbf" + json.dumps(events).encode(), {}),
            "indented": (house.BATCH, lambda events: json.dumps(events, indent=2), {}),
            "gzip": (
                house.BATCH, lambda events: gzip.compress(json.dumps(events).encode()),
                {"Content_Encoding": "gzip"}),
            "gzip in members": (
                house.LINES,
                lambda events: b"".join(gzip.compress(lines([event])) for event in events),
                {"Content_Encoding": "gzip"}),
            "zstd": (
                house.BATCH, lambda events: zstd(json.dumps(events).encode()),
                {"Content_Encoding": "zstd"}),
        }
        for name, (kind, write, headers) in ways.items():
            with self.subTest(name):
                events = [self.ride(data={"distanceMetres": metres}) for metres in (1500, 2001)]
                body = write(events)
                body = body if isinstance(body, bytes) else body.encode()
                answer = self.report(body, kind, **headers)
                self.assertEqual(answer["accepted"], 2)
                self.assertEqual(answer["grams"], grams(1500) + grams(2001))
                self.assertEqual(answer["points"], grams(1500) // 40 + grams(2001) // 40)
                self.assertEqual(answer["results"], [])
                again = self.report(body, kind, **headers)
                self.assertEqual((again["duplicates"], again["grams"]), (2, 0))

    def test_one_event(self):
        answer = self.report(self.ride(data={"distanceMetres": 3214}), house.SINGLE)
        self.assertEqual((answer["received"], answer["accepted"]), (1, 1))
        self.assertEqual((answer["grams"], answer["points"]), (157, 3))

    def test_nothing(self):
        before = self.untouched()
        for body, kind in ((b"[]", house.BATCH), (b"", house.LINES), (b"\n\n", house.LINES)):
            self.assertEqual(self.report(body, kind)["received"], 0)
        self.assertEqual(self.untouched(), before)

    def test_ten_thousand(self):
        chance = random.Random(7)
        rides = [
            self.ride(subject=f"many-{n % 3000}", data={
                "distanceMetres": chance.randint(500, 9000), "durationSeconds": 7200})
            for n in range(10_000)]
        expected = sum(grams(ride["data"]["distanceMetres"]) for ride in rides)
        earned = collections.Counter()
        for ride in rides:
            earned[ride["subject"]] += grams(ride["data"]["distanceMetres"]) // 40
        answer = self.report(gzip.compress(json.dumps(rides).encode()), Content_Encoding="gzip")
        self.assertEqual((answer["accepted"], answer["grams"]), (10_000, expected))
        self.assertEqual(answer["points"], sum(min(12, points) for points in earned.values()))
        # What a cap cut is listed, though it was accepted.
        self.assertEqual({result["reason"] for result in answer["results"]}, {"capReached"})
        again = self.report(rides, query="?detail=all")
        self.assertEqual((again["duplicates"], again["grams"], again["points"]), (10_000, 0, 0))
        self.assertEqual(
            [result["index"] for result in again["results"]], list(range(10_000)))

    def test_a_body_that_is_not_json(self):
        """Nothing of it is taken; line and column are where a person would point."""
        good = json.dumps(self.ride())
        cases = [
            (house.BATCH, f"[{good},\n {good[:-1]}\n", 3, 1),
            (house.BATCH, f"[{good}\n{good}]", 2, 1),
            (house.BATCH, f"[{good}] x", 1, len(good) + 4),
            (house.BATCH, good, 1, 1),
            (house.BATCH, "", 1, 1),
            (house.BATCH, "[{'id': 1}]", 1, 3),
            (house.BATCH, '[{"id": NaN}]', 1, 9),
            (house.BATCH, '[{"id": 01}]', 1, 9),
            (house.BATCH, '[{"id": +1}]', 1, 9),
            (house.BATCH, '[{"id": .5}]', 1, 9),
            (house.BATCH, '[{"id": 1.}]', 1, 9),
            (house.BATCH, '[{"id": 1,}]', 1, 11),
            (house.BATCH, '[{"id": "骑行", "a": tru}]', 1, 20),
            (house.BATCH, '[{"id": "a\nb"}]', 1, 11),
            (house.BATCH, '[{"id": "\\x"}]', 1, 10),
            (house.BATCH, '[{"id": Infinity}]', 1, 9),
            (house.BATCH, "[" * 100_000, 1, 65),
            (house.SINGLE, f"[{good}]", 1, 1),
            (house.LINES, f"{good}\n{good[:-2]}\n{good}", 2, len(good) - 1),
            (house.LINES, f"{good}\n{good} {good}\n", 2, len(good) + 2),
            (house.LINES, f"{good}\n<html>\n", 2, 1),
        ]
        before = self.untouched()
        for kind, body, line, column in cases:
            with self.subTest(body[:30], kind=kind):
                problem = self.report(body.encode(), kind, status=400)
                self.assertEqual((problem["line"], problem["column"]), (line, column), problem)
        self.assertEqual(self.untouched(), before, "nothing was taken")

    def test_bodies_that_are_not_what_they_say(self):
        ride = json.dumps([self.ride()]).encode()
        before = self.untouched()
        packed = gzip.compress(ride)
        self.report(ride, status=400, Content_Encoding="gzip")
        self.report(packed, status=400)
        self.report(packed[:-9], status=400, Content_Encoding="gzip")
        self.report(zstd(ride)[:-3], status=400, Content_Encoding="zstd")
        self.report(ride, status=400, Content_Encoding="zstd")
        self.report(ride, status=415, Content_Encoding="br")
        self.report(ride, status=415, Content_Encoding="gzip, gzip")
        for kind in ("text/plain", "text/csv", "application/xml", "", "multipart/form-data",
                     "application/x-www-form-urlencoded", "application/cloudevents"):
            self.report(ride, kind, status=415)
        for charset in ("gbk", "utf-16", "iso-8859-1"):
            self.report(ride, f"{house.BATCH}; charset={charset}", status=415)
        self.assertEqual(self.report(ride, f'{house.BATCH}; charset="UTF-8"')["accepted"], 1)
        self.assertEqual(self.untouched(), before + 3, "a citizen, a ride, a batch")

    def test_a_body_that_is_too_long(self):
        before = self.untouched()
        self.assertIn(str(64 << 20), self.report(
            gzip.compress(b" " * (65 << 20)), status=413, Content_Encoding="gzip")["detail"])
        self.report(zstd(b" " * (65 << 20)), status=413, Content_Encoding="zstd")
        # A length alone is enough to refuse: none of it need be sent.
        with socket.create_connection(("127.0.0.1", self.server.port), 30) as wire:
            wire.sendall(
                f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\n"
                f"Content-Type: {house.BATCH}\r\nContent-Length: {70 << 20}\r\n\r\n".encode())
            self.assertIn(b" 413 ", wire.recv(4096).split(b"\r\n")[0])
        problem = self.report([self.ride()] * 100_001, status=400)
        self.assertIn("100000", problem["detail"].replace(",", ""))
        self.assertEqual(self.untouched(), before)

    def test_nesting(self):
        """Of an unknown member anything may come, to a depth of 64 levels."""
        deep = self.ride()
        text = json.dumps([deep]).replace('"specversion"', '"extra": %s, "specversion"')
        nested = "[" * 60 + "]" * 60
        self.assertEqual(self.report((text % nested).encode())["accepted"], 1)
        nested = "[" * 80 + "]" * 80
        self.assertIn("64", self.report((text % nested).encode(), status=400)["detail"])


class Events(Partner):
    """One event at a time: what is said of it."""

    def refused(self, event, reason, field=None, written=False, **more):
        result = self.only(event, **more)
        self.assertEqual((result["outcome"], result["reason"]), ("refused", reason), result)
        self.assertEqual(result.get("field"), field, result)
        self.assertRegex(result["message"], r"[.。?？]$")
        self.assertEqual("fact" in result, written, "only what is written has a fact")
        return result

    def test_every_outcome_in_one_batch(self):
        """Good neighbours of every sort of trouble."""
        known = self.ride()
        self.report([known])
        busy = self.ride(data={"vehicle": "bike-busy"}, time="2024-03-02T10:00:00+08:00")
        events = {
            "accepted": self.ride(),
            "duplicate": known,
            "idReused": {**known, "data": {**known["data"], "distanceMetres": 3001}},
            "tooFast": self.ride(data={"distanceMetres": 9000, "durationSeconds": 600}),
            "aboveMaximum": self.ride(data={"distanceMetres": 20001, "durationSeconds": 7000}),
            "belowMinimum": self.ride(data={"distanceMetres": 499}),
            "busy": busy,
            "vehicleOverlap": self.ride(
                data={"vehicle": "bike-busy"}, time="2024-03-02T10:05:00+08:00"),
            "unknownScene": self.ride(type="hovercraft"),
            "sceneNotGranted": self.ride(type="metro"),
            "missingField": {**self.ride(), "data": {"durationSeconds": 900, "vehicle": "b"}},
            "malformed": "not an event",
            "noRuleInForce": self.ride(time="2009-06-01T08:00:00+08:00"),
            "last": self.ride(),
        }
        answer = self.report(list(events.values()), query="?detail=all")
        said = {name: (result["outcome"], result.get("reason"))
                for name, result in zip(events, answer["results"])}
        refused = "refused"
        self.assertEqual(said, {
            "accepted": ("accepted", None), "duplicate": ("duplicate", "duplicate"),
            "idReused": (refused, "idReused"), "tooFast": ("quarantined", "tooFast"),
            "aboveMaximum": ("quarantined", "aboveMaximum"),
            "belowMinimum": (refused, "belowMinimum"), "busy": ("accepted", None),
            "vehicleOverlap": ("quarantined", "vehicleOverlap"),
            "unknownScene": (refused, "unknownScene"),
            "sceneNotGranted": (refused, "sceneNotGranted"),
            "missingField": (refused, "missingField"), "malformed": (refused, "malformed"),
            "noRuleInForce": (refused, "noRuleInForce"), "last": ("accepted", None)})
        self.assertEqual(
            [answer[count] for count in house.COUNTS], [3, 1, 0, 3, 7])
        self.assertEqual(answer["grams"], 3 * grams(3000))
        for index, result in enumerate(answer["results"]):
            self.assertEqual(result["index"], index)
        # Again: what was written is known, what was not is told again.
        again = self.report(list(events.values()))
        self.assertEqual(
            [result["index"] for result in again["results"]], list(range(len(events))))
        self.assertEqual((again["accepted"], again["duplicates"]), (0, 9))

    def test_without_detail_only_what_needs_a_look_is_listed(self):
        events = [self.ride(), self.ride(data={"distanceMetres": 100}), self.ride()]
        answer = self.report(events)
        self.assertEqual([result["index"] for result in answer["results"]], [1])
        self.assertEqual(answer["results"][0]["id"], events[1]["id"])

    def test_waiting(self):
        ride = self.ride(subject="nobody yet")
        result = self.only(ride, key=self.waiting_key)
        self.assertEqual((result["outcome"], result["reason"]), ("waiting", "notLinked"))
        self.assertEqual(self.only(ride, key=self.waiting_key)["outcome"], "duplicate")

    def test_two_partners(self):
        """An id belongs to its partner and its source; users of two partners are two."""
        ride = self.ride()
        self.assertEqual(self.only(ride)["outcome"], "accepted")
        other = {**ride, "data": {**ride["data"], "vehicle": "another"}}
        self.assertEqual(self.only(other, key=self.other_key)["outcome"], "accepted")
        third = {**other, "source": "/elsewhere", "data": {**ride["data"], "vehicle": "third"}}
        self.assertEqual(self.only(third)["outcome"], "accepted")

    def test_the_same_bike_from_two_partners(self):
        ride = self.ride(data={"vehicle": "one-bike"})
        self.assertEqual(self.only(ride)["outcome"], "accepted")
        self.assertEqual(self.only(ride, key=self.other_key)["reason"], "vehicleOverlap")

    def test_caps(self):
        rides = [self.ride(subject="keen", data={"distanceMetres": 5000, "durationSeconds": 1800},
                           time=f"2024-03-03T{8 + n:02}:00:00+08:00") for n in range(4)]
        answer = self.report(rides, query="?detail=all")
        # 244 g each (243.5, half to even): 6 points each, of which 12 a day.
        self.assertEqual([result["grams"] for result in answer["results"]], [244] * 4)
        self.assertEqual([result["points"] for result in answer["results"]], [6, 6, 0, 0])
        self.assertEqual(
            [result.get("reason") for result in answer["results"]],
            [None, None, "capReached", "capReached"])
        self.assertEqual((answer["grams"], answer["points"]), (976, 12))

    def test_half_to_even(self):
        # 487 m/10000 leaves exactly a half at 5000, 15000 …: 243.5 and 730.5 g.
        for metres, expected in ((5000, 244), (15_000, 730), (10_000, 487), (4999, 243)):
            self.assertEqual(grams(metres), expected)
            result = self.only(self.ride(
                data={"distanceMetres": metres, "durationSeconds": 7000}))
            self.assertEqual(result["grams"], expected)

    def test_missing_members(self):
        for member in ("id", "type", "subject", "time"):
            event = self.ride()
            del event[member]
            self.refused(event, "missingField", member)
            self.refused({**event, member: None}, "missingField", member)
            self.refused({**event, member: ""}, "missingField", member)
            self.refused({**event, member: 7}, "malformed", member)
        for field in ("distanceMetres", "durationSeconds", "vehicle"):
            event = self.ride()
            del event["data"][field]
            self.assertIn(field, self.refused(event, "missingField", field)["message"])
        event = self.ride()
        del event["data"]
        self.refused(event, "missingField", "distanceMetres")
        self.refused({**event, "data": [1]}, "malformed", "data")
        del event["source"]
        self.assertEqual(self.only({**self.ride(), "source": None})["outcome"], "accepted")

    def test_names_nearly_right(self):
        """The wrong unit or spelling in a name: the message says which name was meant."""
        for wrong, right in {
            "distanceMeters": "distanceMetres", "distance": "distanceMetres",
            "distanceKm": "distanceMetres", "distance_metres": "distanceMetres",
            "DistanceMetres": "distanceMetres", "durationMinutes": "durationSeconds",
            "duration": "durationSeconds", "Vehicle": "vehicle",
        }.items():
            with self.subTest(wrong):
                event = self.ride()
                event["data"] = {
                    "orderNumber": 7,
                    **{wrong if name == right else name: value
                       for name, value in event["data"].items()}}
                message = self.refused(event, "missingField", right)["message"]
                self.assertIn(wrong, message)
                self.assertIn(right, message)
        event = self.ride()
        event["Subject"] = event.pop("subject")
        self.assertIn("Subject", self.refused(event, "missingField", "subject")["message"])

    def test_numbers(self):
        def with_number(text):
            event = self.ride(data={"distanceMetres": "@"})
            return json.dumps([event]).replace('"@"', text).encode()

        def result(text):
            answer = self.report(with_number(text), query="?detail=all")["results"][0]
            return answer["outcome"], answer.get("reason"), answer.get("field")

        for text in ("3000", "3000.0", "3e3", "30000e-1", "2999.9999999", "3.000E+3"):
            self.assertEqual(result(text)[0], "accepted", text)
        for text in ("-1", "-3000", "-0.000001"):
            self.assertEqual(result(text), ("refused", "badValue", "distanceMetres"), text)
        for text in ("1e300", "9300000000000", "1" * 60, "-1e300", "1e99999999999"):
            self.assertEqual(result(text), ("refused", "badValue", "distanceMetres"), text)
        for text in ('"3000"', "true", "[3000]", "{}"):
            self.assertEqual(result(text), ("refused", "malformed", "distanceMetres"), text)
        for text in ("0", "-0", "1e-300", "499.999999"):
            self.assertEqual(result(text), ("refused", "belowMinimum", "distanceMetres"), text)
        self.assertEqual(result("9200000000000")[:2], ("quarantined", "aboveMaximum"))

    def test_fractions_are_decimal(self):
        """150.5 g are 3,090.349 075 975… m: read to the sixth place, a binary fraction is not."""
        for metres, expected in (("3090.349075", 150), ("3090.349076", 151)):
            event = self.ride(data={"distanceMetres": "@"})
            body = json.dumps([event]).replace('"@"', metres).encode()
            result = self.report(body, query="?detail=all")["results"][0]
            self.assertEqual(result["grams"], expected)

    def test_duplicate_members(self):
        """Two readers of one body must not credit two amounts."""
        event = json.dumps(self.ride())
        twice = event.replace('"distanceMetres": 3000', '"distanceMetres": 3000, '
                              '"distanceMetres": 9000')
        self.assertNotEqual(event, twice)
        answer = self.report(f"[{twice}]".encode())["results"][0]
        self.assertEqual((answer["reason"], answer["field"]), ("malformed", "distanceMetres"))
        for member in ("id", "subject", "time", "type"):
            event = json.dumps(self.ride())
            twice = event[:-1] + f', "{member}": "other"}}'
            answer = self.report(f"[{twice}]".encode())["results"][0]
            self.assertEqual((answer["reason"], answer["field"]), ("malformed", member))

    def test_times(self):
        def said(text):
            result = self.only(self.ride(time=text))
            return result["outcome"], result.get("reason"), result.get("field")

        good = [
            "2024-03-01T08:15:00+08:00", "2024-03-01T00:15:00Z", "2024-03-01T00:15:00.123Z",
            "2024-03-01T08:15:00.123456789+08:00", "2024-02-29T00:15:00Z",
            "2024-03-01t00:15:00z", "2024-02-29T19:15:00-05:00",
            "2024-03-01 08:15:00+08:00"]
        for text in good:
            self.assertEqual(said(text)[0], "accepted", text)
        bad = [
            "2024-03-01T08:15:00", "2024-03-01 08:15:00", "2024-03-01", "1709252100",
            "2024-02-30T08:15:00Z", "2023-02-29T08:15:00Z", "2024-13-01T08:15:00Z",
            "2024-03-01T24:15:00Z", "2024-03-01T08:60:00Z", "2024-03-01T08:15:00+25:00",
            "yesterday", "2024-03-01T08:15Z", "1999-12-31T23:59:59Z", "9999-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z"]
        for text in bad:
            self.assertEqual(said(text), ("refused", "badTime", "time"), text)
        now = datetime.datetime.now(CHINA)
        later = (now + datetime.timedelta(minutes=10)).isoformat(timespec="seconds")
        self.assertEqual(said(later), ("refused", "fromTheFuture", "time"))
        # Clocks may be five minutes off.
        soon = (now + datetime.timedelta(minutes=3)).isoformat(timespec="seconds")
        self.assertEqual(said(soon)[0], "accepted")
        self.assertEqual(
            self.only(self.ride(time=1709252100)).get("reason"), "malformed")

    def test_what_leaves_no_trace_opens_no_account(self):
        known = self.ride()
        self.report([known])
        before = json.loads(self.server.get("/api/v1/chengdu/totals")[1])
        self.report([
            self.ride(type="hovercraft"), self.ride(time="soon"), self.ride(type="metro"),
            self.ride(data={"distanceMetres": -1}), {**known, "subject": "another"}, known])
        after = json.loads(self.server.get("/api/v1/chengdu/totals")[1])
        self.assertEqual(after["citizens"], before["citizens"])
        self.assertEqual(after["grams"], before["grams"])

    def test_texts(self):
        for event in (
            self.ride(id="订单-骑行-🚲"), self.ride(subject="用户"), self.ride(id="x" * 256),
            self.ride(subject='quotes " and \\ and \t are escaped'.replace("\t", " ")),
        ):
            self.assertEqual(self.only(event)["id"], event["id"])
            self.assertEqual(self.only(event)["outcome"], "duplicate")
        self.assertEqual(self.only(self.ride(id="x" * 257))["field"], "id")
        self.assertEqual(self.only(self.ride(source="x" * 1025))["field"], "source")
        self.assertEqual(self.only(self.ride(subject="x" * 257))["field"], "subject")
        self.assertEqual(self.only(self.ride(subject="a\u0000b"))["reason"], "malformed")
        self.assertEqual(self.only(self.ride(subject="\ud83d"))["reason"], "malformed")
        self.assertEqual(self.only(self.ride(specversion="0.3"))["reason"], "malformed")
        # Bytes that are not UTF-8 harm their own event only.
        good, bad = self.ride(), self.ride(subject="@@")
        body = json.dumps([bad, good]).encode().replace(b"@@", b"\xff\xfe")
        answer = self.report(body)
        self.assertEqual((answer["accepted"], answer["refused"]), (1, 1))
        # A code unit escaped is the same id as the character itself.
        event = self.ride(id="é-1")
        self.assertEqual(self.only(event)["outcome"], "accepted")
        plain = json.dumps([event], ensure_ascii=False).encode()
        self.assertEqual(self.report(plain)["duplicates"], 1)

    def test_the_same_content_in_other_words(self):
        """Order of members, spaces, the zone, 3000.0 for 3000: the same event."""
        event = self.ride(time="2024-03-04T08:15:00+08:00")
        self.report([event])
        same = dict(reversed(event.items()))
        same["time"] = "2024-03-04T00:15:00Z"
        same["data"] = {**event["data"], "distanceMetres": 3000.0}
        self.assertEqual(self.only(same)["outcome"], "duplicate")
        for change in ({"time": "2024-03-04T08:15:01+08:00"}, {"subject": "somebody else"}):
            self.refused({**event, **change}, "idReused", "id", written=True)

    def test_languages(self):
        event = self.ride(data={"distanceMetres": 100})
        self.assertRegex(self.only(event, Accept_Language="zh-CN,zh;q=0.9")["message"], "[一-龥]")
        self.assertRegex(self.only(event)["message"], "^[ -~]+$")


class Wire(Partner):
    """Keys, methods, and the wire itself."""

    def test_keys(self):
        body = json.dumps([self.ride()]).encode()

        def status(authorization, path=PATH):
            headers = {"Content-Type": house.BATCH}
            if authorization is not None:
                headers["Authorization"] = authorization
            answer = self.ask("POST", path, body, headers)
            self.problem(answer, answer.status)
            if answer.status == 401:
                self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Bearer"))
            return answer.status

        before = self.untouched()
        for wrong in (None, "", "Bearer", "Bearer ", "Bearer tph_wrong", f"Basic {self.key}",
                      self.key, f"Bearer {self.key}x", f"Bearer {self.key[:-1]}",
                      f"Bearer {self.key.upper()}", f"Bearer {self.revoked_key}"):
            self.assertEqual(status(wrong), 401, wrong)
        good = f"Bearer {self.key}"
        self.assertEqual(status(good, "/api/v1/zhangye/behaviours"), 403)
        self.assertEqual(status(good, "/api/v1/atlantis/behaviours"), 404)
        self.assertEqual(self.untouched(), before)
        lower = self.ask("POST", PATH, body, {
            "Content-Type": house.BATCH, "Authorization": f"bearer {self.key}"})
        self.assertEqual(lower.status, 200, "RFC 9110: the scheme's case does not matter")

    def test_methods(self):
        answer = self.ask("GET", PATH, contract=False)
        self.problem(answer, 405)
        self.assertEqual(answer.headers["Allow"], "POST")
        for method in ("PUT", "DELETE", "PATCH"):
            self.problem(self.ask(method, PATH, contract=False), 405)
        self.problem(self.ask("GET", "/api/v1/chengdu/nothing", contract=False), 404)
        for path in ("/healthz", "/openapi.json", "/api/v1/chengdu/totals"):
            whole = self.ask("GET", path)
            head = self.ask("HEAD", path)
            self.assertEqual((head.status, head.body), (200, b""))
            self.assertEqual(head.kind, whole.kind)

    def speak(self, text, patience=30):
        with socket.create_connection(("127.0.0.1", self.server.port), patience) as wire:
            wire.sendall(text)
            said = b""
            while True:
                some = wire.recv(65536)
                said += some
                if not some:
                    return said

    def test_http_1_0(self):
        body = json.dumps([self.ride()]).encode()
        said = self.speak(
            f"POST {PATH} HTTP/1.0\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: {house.BATCH}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        head, _, answer = said.partition(b"\r\n\r\n")
        self.assertIn(b" 200 ", head.split(b"\r\n")[0])
        self.assertNotIn(b"chunked", head.lower())
        self.assertEqual(json.loads(answer)["accepted"], 1)

    def test_chunks(self):
        body = json.dumps([self.ride(), self.ride()]).encode()
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (
            body[at:at + 17] for at in range(0, len(body), 17))) + b"0\r\n\r\n"
        said = self.speak(
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: {house.BATCH}\r\nTransfer-Encoding: chunked\r\n"
            "Connection: close\r\n\r\n".encode() + chunks)
        self.assertIn(b'"accepted":2', said)

    def test_a_slow_client(self):
        """A byte now and then holds nobody else up, and is served in the end."""
        body = json.dumps([self.ride()]).encode()
        with socket.create_connection(("127.0.0.1", self.server.port), 30) as wire:
            wire.sendall(
                f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\n"
                f"Content-Type: {house.BATCH}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            for at in range(0, len(body), len(body) // 10 + 1):
                wire.sendall(body[at:at + len(body) // 10 + 1])
                begun = time.monotonic()
                self.assertEqual(self.report([self.ride()])["accepted"], 1)
                self.assertLess(time.monotonic() - begun, 2)
                time.sleep(0.1)
            self.assertIn(b'"accepted":1', wire.recv(65536))

    def test_a_client_that_goes_away(self):
        """Before its body is whole: nothing was taken, and it may be sent again."""
        event = self.ride()
        body = json.dumps([event]).encode()
        with socket.create_connection(("127.0.0.1", self.server.port), 30) as wire:
            wire.sendall(
                f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\n"
                f"Content-Type: {house.BATCH}\r\nContent-Length: {len(body) + 5}\r\n\r\n".encode()
                + body)
        time.sleep(0.2)
        self.assertEqual(self.only(event)["outcome"], "accepted")

    def test_requests_one_after_the_other_on_one_connection(self):
        connection = self.server.connection()
        for wanted in (200, 400, 200, 415, 200):
            body = [self.ride()] if wanted != 400 else b"{"
            kind = "text/plain" if wanted == 415 else house.BATCH
            status, _ = house.send(connection, self.key, body, kind)
            self.assertEqual(status, wanted)
        connection.close()

    def test_nonsense_on_the_wire(self):
        """Whatever is said to it, the server answers in HTTP or hangs up, and goes on."""
        chance = random.Random(11)
        samples = [b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n",
                   b"POST " + PATH.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                   b"POST " + PATH.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                   b"Content-Length: 2\r\n\r\n12",
                   b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"]
        samples += [chance.randbytes(chance.randrange(1, 400)) + b"\r\n\r\n" for _ in range(40)]
        for sample in samples:
            with socket.create_connection(("127.0.0.1", self.server.port), 10) as wire:
                try:
                    wire.sendall(sample)
                    wire.shutdown(socket.SHUT_WR)
                    said = wire.recv(4096)
                except OSError:
                    continue  # It hung up, perhaps before we had finished.
                self.assertTrue(said == b"" or said.startswith(b"HTTP/1."), said[:80])
                self.assertFalse(re.match(rb"HTTP/1\.\d (2|500)", said), (sample[:60], said[:80]))
        self.assertEqual(self.report([self.ride()])["accepted"], 1)


class Described(Partner):
    """Every address of `/openapi.json`, asked well and badly: `ask` holds answers against it."""

    def test_the_document(self):
        document = self.contract.document
        self.assertTrue(document["openapi"].startswith("3.1"))
        names = [operation["operationId"] for operations in document["paths"].values()
                 for operation in operations.values()]
        self.assertEqual(len(names), len(set(names)))
        for reference in re.findall(r'"\$ref": "#/([^"]*)"', json.dumps(document)):
            target = document
            for part in reference.split("/"):
                target = target[part]

    def test_every_address(self):
        self.report([self.ride() for _ in range(5)])
        frames = json.loads(self.server.get("/api/v1/chengdu/head")[1])["frames"]
        values = {
            "mechanism": ("chengdu", "zhangye", "atlantis", "%00", "a/../b", "é"),
            "fact": ("1", "3", "0", "-1", "99999999", "x", str(1 << 64), "1.5", "%20"),
            "from": ("1", "0", str(frames), str(frames + 1), "-1", "x", ""),
            "to": (str(frames), "0", "1", str(1 << 70), "", "x"),
            "day": ("2024-03-01", "2024-02-30", "9999-12-31", "0001-01-01", "x", ""),
            "format": ("ndjson", "csv", "x", ""),
            "after": ("0", "1", str(1 << 64), "-1", "x"),
        }
        asked = 0
        for path, operations in self.contract.document["paths"].items():
            self.assertLessEqual(operations.keys(), {"get", "post"})
            operation = operations.get("get")
            if not operation:
                continue
            parameters = operation["parameters"]
            key = self.key if "security" in operation else None
            first = {p["name"]: values[p["name"]][0] for p in parameters}
            for parameter in parameters:
                for value in values[parameter["name"]]:
                    self.get(path, parameters, {**first, parameter["name"]: value},
                             key=key)
                    asked += 1
            self.get(path, parameters, first, 200, key)
        self.assertGreater(asked, 30)

    def get(self, path, parameters, chosen, status=None, key=None):
        query = {p["name"]: chosen[p["name"]] for p in parameters if p["in"] == "query"}
        for parameter in parameters:
            if parameter["in"] == "path":
                value = urllib.parse.quote(chosen[parameter["name"]], safe="%")
                path = path.replace("{%s}" % parameter["name"], value)
        answer = self.ask("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""),
                          headers={"Authorization": f"Bearer {key}"} if key else None)
        self.assertNotEqual(answer.status, 500, (path, query))
        if status:
            self.assertEqual(answer.status, status, (path, answer.body))

    def test_events_made_by_chance(self):
        """Values of every sort in every place: always an answer for each, never a 500."""
        chance = random.Random(2026)
        odd = [None, True, 0, -1, 1e300, 3000, "", "x" * 300, "shared-bike", "metro", [], {},
               [[]], {"a": 1}, "2024-03-01T08:15:00+08:00", "\u0000", "骑行", 0.5, "1.0"]
        for _ in range(60):
            events = []
            for _ in range(chance.randrange(1, 12)):
                event = self.ride()
                for _ in range(chance.randrange(0, 4)):
                    where = chance.choice((event, event["data"]) if isinstance(
                        event.get("data"), dict) else (event,))
                    name = chance.choice([*where, "extra", "site", "steps", "data"])
                    if chance.random() < 0.3:
                        where.pop(name, None)
                    else:
                        where[name] = chance.choice(odd)
                events.append(event if chance.random() < 0.95 else chance.choice(odd))
            answer = self.report(events, query="?detail=all")
            self.assertEqual(len(answer["results"]), len(events))
            for event, result in zip(events, answer["results"]):
                if result["outcome"] == "accepted":
                    metres = event["data"]["distanceMetres"]
                    self.assertEqual(result["grams"], grams(metres))

    def test_the_end_of_it_all(self):
        """After a run the books are right."""
        self.report([self.ride() for _ in range(100)])
        copy_of_answer = json.loads(self.server.get("/api/v1/chengdu/totals")[1])
        report = house.verify(self.data)
        self.assertTrue(report["good"], report)
        balances = house.balances(self.data)
        for asset in ("grams", "points"):
            self.assertEqual(copy_of_answer[asset], sum(
                balance for (account, kind), balance in balances.items()
                if kind == asset and account.startswith("citizen:")))


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


if __name__ == "__main__":
    house.main()
