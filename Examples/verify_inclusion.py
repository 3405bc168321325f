#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that a fact stands in a Tanpuhui journal: verify_inclusion.py PROOF.json

Needs nothing but Python. It shares no code with the platform. Docs/journal.md has every byte. Compare the
head it prints with the one the operator published; its signature is over "statement", as text."""
import datetime, hashlib, json, struct, sys

def sm3(data):  # GB/T 32905-2016, for Pythons whose OpenSSL has none
    rol = lambda x, n: ((x << n % 32) | (x >> (32 - n % 32))) & 0xffffffff if n % 32 else x
    p0 = lambda x: x ^ rol(x, 9) ^ rol(x, 17)
    v = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e]
    data += b"\x80" + bytes((55 - len(data)) % 64) + struct.pack(">Q", 8 * len(data))
    for at in range(0, len(data), 64):
        w = list(struct.unpack(">16I", data[at:at + 64]))
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ rol(w[j - 3], 15)
            w.append(x ^ rol(x, 15) ^ rol(x, 23) ^ rol(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = v
        for j in range(64):
            early = j < 16
            ss1 = rol((rol(a, 12) + e + rol(0x79cc4519 if early else 0x7a879d8a, j)) & 0xffffffff, 7)
            ff = a ^ b ^ c if early else a & b | a & c | b & c
            gg = e ^ f ^ g if early else e & f | ~e & g
            t1 = (ff + d + (ss1 ^ rol(a, 12)) + (w[j] ^ w[j + 4])) & 0xffffffff
            t2 = (gg + h + ss1 + w[j]) & 0xffffffff
            a, b, c, d, e, f, g, h = t1, a, rol(b, 9), c, p0(t2), e, rol(f, 19), g
        v = [x ^ y for x, y in zip(v, (a, b, c, d, e, f, g, h))]
    return struct.pack(">8I", *v)

def digest(algorithm, data):
    if algorithm == "sha256": return hashlib.sha256(data).digest()
    return hashlib.new("sm3", data).digest() if "sm3" in hashlib.algorithms_available else sm3(data)

def check(condition, complaint):
    if not condition: sys.exit("FAILS: " + complaint)

def climb(node, leaf, index, count, path):  # RFC 9162, 2.1.3.2
    check(0 <= index < count, "the place is outside its tree")
    last, result = count - 1, leaf
    for sibling in path:
        check(last > 0, "a path is too long")
        if index % 2 or index == last:
            result = node(sibling + result)
            while index % 2 == 0 and index: index, last = index // 2, last // 2
        else: result = node(result + sibling)
        index, last = index // 2, last // 2
    check(last == 0, "a path is too short")
    return result

OUTCOMES = {1: "accepted", 2: "waiting", 3: "quarantined", 4: "refused", 5: "rejected"}

def describe(fact):
    kind, version, detail, length = struct.unpack_from("<BBHI", fact)
    check(length == len(fact), "the fact's length is not what it says")
    if kind >= 64: return f"kind {kind}: " + fact[8:].decode()
    if kind != 1: return f"kind {kind}: alias %d, citizen %d" % struct.unpack_from("<II", fact, 8)
    scene, rule, partner, _, slots, alias, citizen = struct.unpack_from("<HHHBBII", fact, 8)
    ended, = struct.unpack_from("<q", fact, 40)
    grams, points, before, previous = struct.unpack_from("<qiiQ", fact, 56)
    values = [v / 1e6 for v in struct.unpack_from(f"<{slots & 15}q", fact, 88)]
    day = datetime.datetime.fromtimestamp(ended / 1000, datetime.timezone.utc).isoformat()
    return (f"a report of scene {scene} (rule {rule}) by partner {partner} for citizen {citizen}, ended {day},\n"
            f"measured {values}: {OUTCOMES.get(detail & 255, '?')} (reason {detail >> 8}), {grams} g, "
            f"{points} points ({before} before caps); the citizen's fact before it: {previous}")

def main(path):
    proof = json.load(open(path, encoding="utf-8"))
    head, fact, header = proof["head"], bytes.fromhex(proof["fact"]), bytes.fromhex(proof["header"])
    leaf = lambda data: digest(head["algorithm"], b"\0" + data)
    node = lambda data: digest(head["algorithm"], b"\1" + data)
    check(len(header) == 104 and header[:5] == b"TPHF\1", "the header is no frame header of version 1")
    check(head["algorithm"] == {1: "sm3", 2: "sha256"}.get(header[5]), "the algorithms differ")
    sequence, _, first, count = struct.unpack_from("<QqQI", header, 8)
    check(count == proof["factsInFrame"] and sequence == proof["frameIndex"] + 1, "the header says another place")
    check(first + proof["indexInFrame"] == proof["number"], "the fact has another number")
    path = [bytes.fromhex(x) for x in proof["pathInFrame"]]
    root = climb(node, leaf(fact), proof["indexInFrame"], count, path)
    check(root == header[72:104], "the fact is not in the frame")
    path = [bytes.fromhex(x) for x in proof["pathInLog"]]
    root = climb(node, leaf(header), proof["frameIndex"], head["frames"], path)
    check(root.hex() == head["root"], "the frame is not in the log under this head")
    keys = ("mechanism", "algorithm", "frames", "facts", "root", "time")
    statement = "tanpuhui head v1\n" + "".join(f"{key} {head[key]}\n" for key in keys)
    check(statement == head["statement"], "the signed statement is about another head")
    print(f"HOLDS: fact {proof['number']} is in the journal under this head:\n{statement}\n{describe(fact)}")

if __name__ == "__main__":
    try: main(sys.argv[1])
    except (ValueError, KeyError, TypeError, struct.error) as error: check(False, f"no proof to be read: {error!r}")
