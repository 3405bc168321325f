// SPDX-License-Identifier: Apache-2.0
// Kinds of facts, all rooms:
//
//    1  behaviour: a report decided              binary   Behaviour+Fact.swift
//    2  membership: enrolled                     binary   Membership+Fact.swift
//    3  membership: linked                       binary
//    4  membership: unlinked                     binary
//    5  behaviour: a batch's counts              binary   BatchRecord.swift
//   64  policy: a pack version adopted           JSON     here
//   65  membership: partner, freeze              JSON     Membership+Fact.swift
//   66  ledger: transfers, limits                JSON     Ledger+Fact.swift
//   67  staff's opinion on the fact that follows JSON     here
//   70  rewards: merchants, offers, stock        JSON     Rewards+Fact.swift
//   71  rewards: orders                          JSON
//   75  behaviour: an event withdrawn            JSON     Mechanism+Withdrawal.swift
//   76  behaviour: an event sent in its place    JSON
//   78  membership: organisations, members       JSON     Organisation+Fact.swift
//   79  membership: an account closed            JSON
//   81  policy: a draft proposed                 JSON     Mechanism+Proposals.swift
//   82  policy: a proposal decided               JSON     Mechanism+Proposals.swift
//   83  points that expired                      JSON     Mechanism+Expiry.swift
//   85  recognition: a conversion began          JSON     Recognition+Fact.swift
//   86  recognition: it ended, was told          JSON
//   87  recognition: a day compared              JSON
//   88  governance: cases and measures           JSON     Governance+Fact.swift
//   89  governance: appeals                      JSON
//   90  governance: letters                      JSON
//   91  governance: runs of the risk rules       JSON
//   72–74, 77, 80, 84 and 92–99 are kept for what comes.

import Journal
import Policy
import Units

/// One file of a pack, as text.
extension Pack.File {
  var row: AdoptionRow.File {
    AdoptionRow.File(path: path, text: String(decoding: bytes, as: UTF8.self))
  }
}

/// A pack version adopted: the whole text, so that the journal alone says which rule held when.
package struct AdoptionRow: Codable, Sendable {
  package static let kind: UInt8 = 64

  struct File: Codable, Sendable {
    var path: String
    var text: String
  }
  package var version: String
  var files: [File]
  var scenes: [String: UInt16]
  /// The proposal that was approved; nil where the pack was adopted from the command line.
  var proposal: Int?

  init(version: String, files: [Pack.File], scenes: [String: UInt16]) {
    self.version = version
    self.files = files.map(\.row)
    self.scenes = scenes
  }

  package var packFiles: [Pack.File] {
    files.map { Pack.File(path: $0.path, bytes: Array($0.text.utf8)) }
  }
}

/// 审核意见: who decided about a held report, and why.
package struct NoteRow: Codable, Sendable {
  package static let kind: UInt8 = 67
  package var decision: String
  package var fact: UInt64
  package var by: String
  package var opinion: String
}
