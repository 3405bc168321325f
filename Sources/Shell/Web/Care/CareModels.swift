// SPDX-License-Identifier: Apache-2.0
import Governance
import HTTP
import Units

/// `/console/{mechanism}/cases`
struct CasesModel: Sendable {
  var code: String
  var rules: Governance.Rules?
  var cases: [Numbered<Case>]
  /// `open`, `waiting`, `appeals`, `closed`.
  var chosen: String
  var runs: [RiskRun]
  var counts: CareCounts
  var names: [String: String]
  var notice: HTML?

  var shown: [Numbered<Case>] {
    cases.filter { row in
      switch chosen {
      case "waiting": row.item.measures.contains { $0.status == .proposed }
      case "appeals": row.item.measures.contains { $0.appeal?.isOpen == true }
      case "closed": !row.item.isOpen
      default: row.item.isOpen
      }
    }
  }
}

/// `/console/{mechanism}/cases/{number}`
struct CaseModel: Sendable {
  var code: String
  var number: UInt64
  var found: Case
  var rules: Governance.Rules?
  var entries: [Entry]
  var balance: Balance
  var debt: Int64
  /// By measure: the appeal's text, where it was not erased.
  var appeals: [Int: String]
  var names: [String: String]
  var others: [UInt32]
  var me: String
}

/// `/{mechanism}/me/cases/{number}`
struct MyCaseModel: Sendable {
  var code: String
  var number: UInt64
  var found: Case
  var rules: Governance.Rules?
  var entries: [Entry]
  var appeals: [Int: String]
  var points: Int64
}

/// `/{mechanism}/me/letters`
struct MyLettersModel: Sendable {
  var code: String
  var letters: [Numbered<Petition>]
  var rules: Governance.Rules?
  var partners: [(String, String)]
  var scenes: [(code: String, name: String)]
  /// What was written, where it has to be mended.
  var form: Pairs
  var problem: HTML?
}

/// A letter with its texts.
struct LetterModel: Sendable {
  var code: String
  var number: UInt64
  var petition: Petition
  var order: String
  var texts: [String?]
  var partner: String
  var scene: String
}
