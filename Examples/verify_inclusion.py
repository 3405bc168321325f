#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that a fact stands in a Tanpuhui journal: verify_inclusion.py PROOF.json [ed25519.pem] [sm2.pem]

PROOF.json is what GET /api/v1/{mechanism}/proofs/{fact} answers. No code is shared with the platform;
Docs/journal.md has every byte. With the operator's public keys, from /{mechanism}/keys/, the head's
signatures are checked too, by the program openssl."""
import datetime, hashlib, json, os, struct, subprocess, sys, tempfile

def sm3(data):  # GB/T 32905-2016, for Pythons whose OpenSSL has none
    rol = lambda x, n: ((x << n % 32) | (x >> (32 - n % 32))) & 0xffffffff if n % 32 else x
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
            a, b, c, d, e, f, g, h = t1, a, rol(b, 9), c, t2 ^ rol(t2, 9) ^ rol(t2, 17), e, rol(f, 19), g
        v = [x ^ y for x, y in zip(v, (a, b, c, d, e, f, g, h))]
    return struct.pack(">8I", *v)

def digest(algorithm, data):
    if algorithm == "sha256": return hashlib.sha256(data).digest()
    return hashlib.new("sm3", data).digest() if "sm3" in hashlib.algorithms_available else sm3(data)

def check(condition, complaint):
    if not condition: sys.exit("FAILS: " + complaint)

def climb(hashed, leaf, index, count, path):  # RFC 9162, 2.1.3.2
    check(0 <= index < count, "the place is outside its tree")
    last, result = count - 1, leaf
    for sibling in map(bytes.fromhex, path):
        check(last > 0, "a path is too long")
        if index % 2 or index == last:
            result = hashed(b"\1" + sibling + result)
            while index % 2 == 0 and index: index, last = index // 2, last // 2
        else: result = hashed(b"\1" + result + sibling)
        index, last = index // 2, last // 2
    check(last == 0, "a path is too short")
    return result

def describe(fact):
    kind, version, detail, length = struct.unpack_from("<BBHI", fact)
    check(length == len(fact), "the fact's length is not what it says")
    if kind != 1: return f"kind {kind}: " + (fact[8:].decode() if kind >= 64 else fact[8:].hex())
    scene, rule, partner, _, slots, alias, citizen = struct.unpack_from("<HHHBBII", fact, 8)
    ended, _, grams, points, before, previous = struct.unpack_from("<qQqiiQ", fact, 40)
    outcome = ("", "accepted", "waiting", "quarantined", "refused", "rejected")[detail & 255]
    values = [v / 1e6 for v in struct.unpack_from(f"<{slots & 15}q", fact, 88)]
    day = datetime.datetime.fromtimestamp(ended / 1000, datetime.timezone.utc).isoformat()
    return (f"a report of scene {scene} (rule {rule}) by partner {partner} for citizen {citizen}, ended {day},\n"
            f"measured {values}: {outcome} (reason {detail >> 8}), {grams} g, {points} points ({before} "
            f"before caps); the citizen's fact before it: {previous}")

def signed(head, key):
    """Whether the head's statement is signed by this key; the file's name says which signature."""
    name = "SM2" if "sm2" in os.path.basename(key) else "ED25519"
    signature = next(row["signature"] for row in head["signatures"] if row["algorithm"] == name)
    with tempfile.NamedTemporaryFile() as text, tempfile.NamedTemporaryFile() as file:
        for out, data in (text, head["statement"].encode()), (file, bytes.fromhex(signature)):
            out.write(data), out.flush()
        sm2 = ["-digest", "sm3", "-pkeyopt", "distid:1234567812345678"] if name == "SM2" else []
        words = ["-verify", "-pubin", "-inkey", key, "-rawin", "-in", text.name, "-sigfile", file.name, *sm2]
        return subprocess.run(["openssl", "pkeyutl", *words], capture_output=True).returncode == 0

def main(path, *keys):
    proof = json.load(open(path, encoding="utf-8"))
    head, frame, log, fact = proof["head"], proof["frame"], proof["log"], bytes.fromhex(proof["bytes"])
    header, hashed = bytes.fromhex(frame["header"]), lambda data: digest(head["algorithm"], data)
    check(len(header) == 104 and header[:5] == b"TPHF\1", "the header is no frame header of version 1")
    check(head["algorithm"] == {1: "sm3", 2: "sha256"}.get(header[5]), "the algorithms differ")
    sequence, _, first, count = struct.unpack_from("<QqQI", header, 8)
    check(count == frame["count"] and sequence == log["index"] + 1, "the header says another place")
    check(log["count"] == head["frames"], "the log has another size than the head says")
    check(first + frame["index"] == proof["fact"], "the fact has another number")
    root = climb(hashed, hashed(b"\0" + fact), frame["index"], count, frame["path"])
    check(root == header[72:104], "the fact is not in the frame")
    root = climb(hashed, hashed(b"\0" + header), log["index"], log["count"], log["path"])
    check(root.hex() == head["root"], "the frame is not in the log under this head")
    words = "mechanism algorithm frames facts root time".split()
    statement = "\n".join(["tanpuhui head v1", *(f"{word} {head[word]}" for word in words), ""])
    check(statement == head["statement"], "the signed statement is about another head")
    for key in keys: check(signed(head, key), f"the head is not signed by {key}")
    print(f"HOLDS: fact {proof['fact']} is in the journal under this head, {len(keys)} signatures checked:\n"
          f"{statement}\n{describe(fact)}")

if __name__ == "__main__":
    try: main(*sys.argv[1:])
    except (ValueError, LookupError, TypeError, StopIteration, struct.error) as error:
        check(False, f"no proof to be read: {error!r}")
