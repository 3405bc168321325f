// SPDX-License-Identifier: Apache-2.0
// POLICY. 政策包: a city's mechanism as text that a civil servant can read, turned into Rules.
//
//   files ──lines──▶ Entry tree ──Draft──▶ Pack: manifest, documents, factors, methods, scenes
//                         └────────────▶ [Problem]: everything that is wrong, each with its place
//
//   pack.txt      mechanism, documents, families        factors.txt   rows by kind, area and year
//   scenes*.txt   scenes with limits and dated rules    methods.txt   formulas and their examples
//   partners.txt  who the document names                examples.txt  the pack's own tests
//
// Invariants
// 1. A pack is taken whole or not at all. Whoever holds a `Pack` need not check anything again.
// 2. Every number has a source in brackets: a clause or document that the pack declares, or
//    `set by this project: reason`. What is only recalled or assumed is refused by name.
// 3. Scene numbers come from the registry that the caller holds, so that they never change between
//    versions of a pack; new scenes get the next numbers in the order of the files.
// 4. Reading never traps, whatever the bytes.
//
// Not here: opening files (Desk and the command line do that), running the examples (Mechanism),
// the digest of a pack (whoever adopts it hashes the bytes it handed in).
