// SPDX-License-Identifier: Apache-2.0
// METHODOLOGY. 方法学: what a behaviour saved, by a formula a person can read.
//
//   formula text ──parse──▶ Node ──check──▶ dimension (mass, or refused with the place)
//   Definition + fields + library ──bind──▶ Method ──grams──▶ Int64, rounded once
//                                              └──explain──▶ Explanation
//
//   text     `distance * (baseline - 0 g/km)`, as a city's pack wrote it
//   names    a scene's measured fields, the method's parameters, factors of the library by kind
//   factors  rows by kind, area and year; the year of the behaviour chooses, `Factor+Library.swift`
//
// Invariants
// 1. A method that could be bound has the dimension of mass. Nothing else earns grams.
// 2. `grams` never traps, never allocates, is never negative, and gives the same for the same
//    values and year, from any thread.
// 3. Floating point begins and ends in this room; what leaves it has been rounded once, by the rule
//    that the method names.
// 4. A factor of the nation never stands in for one that is published by province.
//
// Not here: points, caps, limits (Behaviour), reading files (Policy), projects' crediting periods.
