#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden frames, made from Docs/journal.md without the platform's code:

    python3 Tests/JournalTests/golden.py sm3        three frames, the last hash, the root
    python3 Tests/JournalTests/golden.py sha256     the same by the other algorithm
    python3 Tests/JournalTests/golden.py story      a small city's journal with every kind of fact

What it prints stands as literals in Golden.swift and in MechanismTests/GoldenStory.swift; tests run
it again and compare. Every number here was worked out by hand from the rules in the pack below. SM3
is the example's own, in plain Python, so that not even OpenSSL is shared."""
import hashlib, json, pathlib, struct, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Examples"))
from verify_inclusion import sm3

ACCEPTED, WAITING, QUARANTINED, REFUSED, REJECTED = 1, 2, 3, 4, 5
CLOSED, BELOW, ABOVE, TOO_FAST, NOT_LINKED, CAP, BY_STAFF = 32, 34, 48, 49, 64, 80, 96


def fact(kind, detail, body):
    return struct.pack("<BBHI", kind, 1, detail, 8 + len(body)) + body


def readable(kind, value):
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return fact(kind, 0, text.encode())


def report(outcome, reason, scene, rule, partner, origin, present, alias, citizen, event, ended,
           vehicle, grams, points, before, previous, held, values):
    body = struct.pack("<HHHBB", scene, rule, partner, origin, len(values) | present << 4)
    body += struct.pack("<II", alias, citizen) + struct.pack("<QQ", *event)
    body += struct.pack("<qQqii", ended, vehicle, grams, points, before)
    body += struct.pack("<QQ", previous, held) + struct.pack(f"<{len(values)}q", *values)
    return fact(1, outcome | reason << 8, body)


def batch(partner, received, accepted, duplicates, waiting, held, refused, written, grams, points):
    return fact(5, 0, struct.pack(
        "<HHIIIIIIIqq", partner, 0, received, accepted, duplicates, waiting, held, refused,
        written, grams, points))


def member(kind, alias, citizen):
    return fact(kind, 0, struct.pack("<II", alias, citizen))


def root(digest, leaves):
    """RFC 9162, 2.1.1."""
    if not leaves: return digest(b"")
    if len(leaves) == 1: return leaves[0]
    split = 1
    while split * 2 < len(leaves): split *= 2
    return digest(b"\1" + root(digest, leaves[:split]) + root(digest, leaves[split:]))


def seal(algorithm, frames, start):
    """The frames' bytes, the last one's hash, and the root over their hashes."""
    digest = sm3 if algorithm == "sm3" else lambda data: hashlib.sha256(data).digest()
    previous, first, leaves, sealed = bytes(32), 1, [], []
    for sequence, facts in enumerate(frames, 1):
        body = b"".join(facts)
        header = b"TPHF" + struct.pack("<BBH", 1, {"sm3": 1, "sha256": 2}[algorithm], 0)
        header += struct.pack("<QqQII", sequence, start + sequence * 1000, first,
                              len(facts), len(body))
        header += previous + root(digest, [digest(b"\0" + f) for f in facts])
        previous, first = digest(b"\0" + header), first + len(facts)
        sealed.append(header + body + previous)
        leaves.append(previous)
    return sealed, previous, root(digest, leaves)


def three():
    return [
        [readable(65, {"number": 1, "partner": {"code": "bikes", "name": "单车"}})],
        [member(2, 7, 1),
         report(1, 80, 3, 1, 1, 0, 3, 7, 1, (0x0123456789abcdef, 0xfedcba9876543210),
                1772352900250, 0x1122334455667788, 244, 6, 9, 0, 0, [5_000_000_000, 1_200_000_000]),
         report(3, 48, 3, 1, 1, 0, 3, 7, 1, (1, 2), 1772356500000, 0, 0, 0, 0, 3, 0,
                [20_001_000_000, 7_200_000_000]),
         batch(1, 4, 1, 1, 0, 1, 1, 2, 244, 6)],
        [readable(67, {"by": "ma", "decision": "release", "fact": 4, "opinion": "seen"}),
         report(1, 0, 3, 1, 1, 2, 3, 7, 1, (1, 2), 1772356500000, 0, 974, 12, 12, 4, 4,
                [20_001_000_000, 7_200_000_000])],
    ]


PACK = """document T  a "golden" paper
mechanism golden
  name       金样 | Golden
  city       小城 | Small City
  version    1
  effective  2020-01-01  [T]
  zone       +08:00
  area       sichuan
  language   zh-CN 简体中文
  clock      5 min       [T]
family travel
  name    出行 | Travel
  clause  [T]
method bike
  name      单车 | Bike
  version   1
  document  [T]
  applies   单车
  formula   distance * reduction
  where     reduction 48.7 g/km  减碳 | reduction  [T]
  rounds    half-even to gram
  example   distance 10 km -> 487 g  [T]
scene ride
  name      骑行 | Ride
  family    travel
  clause    [T]
  evidence  订单 | order
  measures  distance, duration
  vehicle   required, one use at a time
  exclusive travel
  accept    distance 500 m to 20 km  [T]
  rule 2020-01-01 to 2024-12-31  [T]
    grams   1 g           [T]
    points  1             [T]
  rule from 2025-01-01  [T]
    grams   by bike
    points  1 per 50 g  [T]
    cap     5 a day     [T]
scene charging
  name      充电 | Charging
  family    travel
  clause    [T]
  evidence  订单 | order
  measures  energy
  rule from 2020-01-01  [T]
    grams   144 g                  [T]
    points  1 per 2 kWh of energy  [T]
scene survey
  name      问卷 | Survey
  family    travel
  clause    [T]
  evidence  记录 | record
  measures  distance, duration, energy, count
  rule from 2020-01-01  [T]
    grams   7 g         [T]
    points  1 per 50 g  [T]
scene card
  name      旧卡 | Old card
  family    travel
  clause    [T]
  evidence  记录 | record
  closed    yes
"""

NOON = 1772424000000  # 2026-03-02T12:00:00+08:00
RIDE, CHARGING, SURVEY, CARD = 1, 2, 3, 4
MILLION = 1_000_000


def partner(number, code, enrols, scenes):
    return readable(65, {"number": number, "partner": {
        "code": code, "name": "合作/" + code, "scenes": scenes, "enrols": enrols,
        "isClosed": False}})


def transfer(number, source, target, amount, status, step="direct", linked=False):
    return {"id": f"{number:032x}", "source": source, "target": target, "amount": amount,
            "step": step, "linked": linked, "purpose": "redemption", "status": status}


def story():
    """Facts are numbered in the margin; a citizen's facts name the one before."""
    ride = lambda metres, seconds: [metres * MILLION, seconds * MILLION]
    event = lambda n: (0x1000 + n, 0x2000 + n)
    hour = 3_600_000
    lin, shop = "citizen:1:points", "organisation:1:points"
    held = dict(event=event(5), ended=NOON - hour, vehicle=9, values=ride(20_001, 7200))
    odd = dict(event=event(6), ended=NOON - hour + 60_000, vehicle=8, values=ride(30_000, 7200))
    late = dict(event=event(4), ended=NOON - 4 * hour, vehicle=6, values=ride(1000, 300))

    def of(told, outcome, reason, rule, origin, alias, citizen, grams, points, before, previous,
           earlier):
        return report(outcome, reason, RIDE, rule, 1, origin, 3, alias, citizen, told["event"],
                      told["ended"], told["vehicle"], grams, points, before, previous, earlier,
                      told["values"])
    return [
        # 1: the pack
        [readable(64, {"version": "1", "files": [{"path": "pack.txt", "text": PACK}], "scenes": {
            "ride": RIDE, "charging": CHARGING, "survey": SURVEY, "card": CARD}})],
        # 2, 3: two partners
        [partner(1, "bikes", False, ["ride", "charging", "survey", "card"])],
        [partner(2, "greeters", True, ["ride"])],
        # 4, 5: Lin's account, opened without a partner, and her user with the bikes
        [member(2, 0, 1)],
        [member(3, 11, 1)],
        # 6 to 9: the greeters' first report of user 21 opens account 2. 3.2 km are 155.84 g, so
        # 156 g and 3 points; of the second ride's 3 points 2 are left under the cap of 5 a day.
        [member(2, 21, 2),
         report(ACCEPTED, 0, RIDE, 1, 2, 0, 3, 21, 2, event(1), NOON - 2 * hour, 7, 156, 3, 3, 0,
                0, ride(3200, 900)),
         report(ACCEPTED, CAP, RIDE, 1, 2, 0, 3, 21, 2, event(2), NOON - hour, 7, 156, 2, 3, 7, 1,
                ride(3200, 900)),
         batch(2, 2, 2, 0, 0, 0, 0, 2, 312, 5)],
        # 10 to 17: the bikes report seven events and one of them twice; 10 kWh are 5 points
        [report(ACCEPTED, 0, CHARGING, 0, 1, 0, 1, 11, 1, event(3), NOON - 3 * hour, 0, 144, 5, 5,
                0, 0, [10_000 * MILLION]),
         of(late, WAITING, NOT_LINKED, 1, 0, 12, 0, 0, 0, 0, 0, 1),
         of(held, QUARANTINED, ABOVE, 1, 0, 11, 1, 0, 0, 0, 10, 2),
         of(odd, QUARANTINED, ABOVE, 1, 0, 11, 1, 0, 0, 0, 12, 3),
         report(REFUSED, BELOW, RIDE, 1, 1, 0, 3, 11, 1, event(7), NOON + 60_000, 5, 0, 0, 0, 13,
                4, [499_999_999, 300 * MILLION]),
         report(REFUSED, CLOSED, CARD, 0, 1, 0, 0, 11, 1, event(8), NOON, 0, 0, 0, 0, 14, 6, []),
         report(ACCEPTED, 0, SURVEY, 0, 1, 0, 15, 11, 1, event(9), NOON, 0, 7, 0, 0, 15, 7,
                [1, 2, 3, 4 * MILLION]),
         batch(1, 8, 2, 1, 1, 2, 2, 7, 151, 5)],
        # 18, 19: user 12 is Lin too: what waited is hers, 1 km = 48.7 g, so 49 g and no point
        [member(3, 12, 1),
         of(late, ACCEPTED, 0, 1, 1, 12, 1, 49, 0, 0, 16, 11)],
        # 20, 21: released: 20.001 km = 974.0487 g, 19 points, 5 of them under the cap
        [readable(67, {"decision": "release", "fact": 12, "by": "ma", "opinion": "看过 \"单\"/1\n"}),
         of(held, ACCEPTED, CAP, 1, 2, 11, 1, 974, 5, 19, 19, 12)],
        # 22, 23: rejected
        [readable(67, {"decision": "reject", "fact": 13, "by": "ma", "opinion": ""}),
         of(odd, REJECTED, BY_STAFF, 0, 2, 11, 1, 0, 0, 0, 21, 13)],
        # 24 to 26: frozen, thawed, unlinked
        [readable(65, {"citizen": 2, "frozen": True, "reason": "申诉"})],
        [readable(65, {"citizen": 2, "frozen": False, "reason": ""})],
        [member(4, 12, 1)],
        # 27: Lin's ten points: a chain of two; one that is refused; two set aside
        [readable(66, {"transfers": [
            transfer(1, lin, shop, 2, "moved", linked=True),
            transfer(2, lin, shop, 1, "moved"),
            transfer(3, lin, shop, 100, "refused@17"),
            transfer(4, lin, shop, 3, "pending", step=f"pending@{NOON + hour}"),
            transfer(5, lin, shop, 2, "pending", step=f"pending@{NOON + hour}")]})],
        # 28: one of them posted in part, the other voided; a chain that fails
        [readable(66, {"transfers": [
            transfer(6, lin, shop, 1, "moved", step=f"post@{4:032x}"),
            transfer(7, lin, shop, 2, "voided", step=f"void@{5:032x}"),
            transfer(8, lin, shop, 1, "refused@3", linked=True),
            transfer(9, lin, "unknown:ff00000000000001", 1, "refused@7")]})],
        # 29, 30: limits
        [readable(66, {"limits": {"account": shop, "floor": 0, "ceiling": 1000, "frozen": True}})],
        [readable(66, {"limits": {"account": "programme:1:points", "frozen": False}})],
    ]


def main(what):
    algorithm, frames, start = {
        "story": ("sm3", story, NOON)}.get(what, (what, three, 1772352900000))
    sealed, last, over_all = seal(algorithm, frames(), start)
    for frame in sealed: print(frame.hex())
    print(last.hex())
    print(over_all.hex())


main(sys.argv[1])
