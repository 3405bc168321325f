#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the literals of GoldenTests.swift from Docs/journal.md, without the platform's code:

    python3 Tests/JournalTests/golden.py sm3
    python3 Tests/JournalTests/golden.py sha256

Prints three frames in hexadecimal, the hash of the last, and the root over the three."""
import hashlib, struct, sys

def fact(kind, version, detail, body):
    return struct.pack("<BBHI", kind, version, detail, 8 + len(body)) + body

def report(outcome, reason, scene, rule, partner, origin, present, alias, citizen, event, ended,
           vehicle, grams, points, before, previous, held, values):
    body = struct.pack("<HHHBB", scene, rule, partner, origin, len(values) | present << 4)
    body += struct.pack("<II", alias, citizen) + struct.pack("<QQ", *event)
    body += struct.pack("<qQqii", ended, vehicle, grams, points, before)
    body += struct.pack("<QQ", previous, held) + struct.pack(f"<{len(values)}q", *values)
    return fact(1, 1, outcome | reason << 8, body)

def root(digest, leaves):
    if not leaves: return digest(b"")
    if len(leaves) == 1: return leaves[0]
    split = 1
    while split * 2 < len(leaves): split *= 2
    return digest(b"\1" + root(digest, leaves[:split]) + root(digest, leaves[split:]))

def main(algorithm):
    digest = lambda data: hashlib.new(algorithm, data).digest()
    frames = [
        [fact(65, 1, 0, '{"number":1,"partner":{"code":"bikes","name":"单车"}}'.encode())],
        [fact(2, 1, 0, struct.pack("<II", 7, 1)),
         report(1, 80, 3, 1, 1, 0, 3, 7, 1, (0x0123456789abcdef, 0xfedcba9876543210),
                1772352900250, 0x1122334455667788, 244, 6, 9, 0, 0, [5_000_000_000, 1_200_000_000]),
         report(3, 48, 3, 1, 1, 0, 3, 7, 1, (1, 2), 1772356500000, 0, 0, 0, 0, 3, 0,
                [20_001_000_000, 7_200_000_000]),
         fact(5, 1, 0, struct.pack("<HHIIIIIIIqq", 1, 0, 4, 1, 1, 0, 1, 1, 2, 244, 6))],
        [fact(67, 1, 0, b'{"by":"ma","decision":"release","fact":4,"opinion":"seen"}'),
         report(1, 0, 3, 1, 1, 2, 3, 7, 1, (1, 2), 1772356500000, 0, 974, 12, 12, 4, 4,
                [20_001_000_000, 7_200_000_000])],
    ]
    previous, first, leaves = bytes(32), 1, []
    for sequence, facts in enumerate(frames, 1):
        body = b"".join(facts)
        header = b"TPHF" + struct.pack("<BBH", 1, {"sm3": 1, "sha256": 2}[algorithm], 0)
        header += struct.pack("<QqQII", sequence, 1772352900000 + sequence * 1000, first,
                              len(facts), len(body))
        header += previous + root(digest, [digest(b"\0" + f) for f in facts])
        previous, first = digest(b"\0" + header), first + len(facts)
        print((header + body + previous).hex())
        leaves.append(previous)
    print(previous.hex())
    print(root(digest, leaves).hex())

main(sys.argv[1])
