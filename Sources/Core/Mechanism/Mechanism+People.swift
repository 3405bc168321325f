// SPDX-License-Identifier: Apache-2.0
import Journal
import Ledger
import Membership
import Policy
import Units

/// Organisations and closed accounts: Membership decides, Ledger says what a citizen has.
extension State {
  mutating func perform(
    _ command: GroupCommand, writer: FrameWriter
  ) -> Result<CommandResult, CommandRefusal> {
    let rules = pack?.people ?? PeopleRules()
    let limits = GroupLimits(
      familyMembersMax: rules.familyMembersMax, organisationsMax: rules.organisationsMax)
    let citizen: CitizenID? =
      switch command {
      case .found(_, let founder): founder
      case .join(_, let citizen), .leave(_, let citizen), .grant(_, let citizen, _): citizen
      case .change: nil
      }
    let grams = citizen.map { ledger.grams(of: $0).count } ?? 0
    switch membership.decide(command, limits: limits, grams: { _ in grams }) {
    case .failure(let refusal):
      return .failure(CommandRefusal("\(refusal)", refusal.sentence))
    case .success(let fact):
      var result = CommandResult()
      result.fact = write(fact, writer)
      result.citizen = citizen ?? .none
      switch fact {
      case .founded(let id, _, _, _), .changed(let id, _), .joined(let id, _, _),
        .left(let id, _, _), .granted(let id, _, _):
        result.organisation = id
      case .closed: break
      }
      return .success(result)
    }
  }

  /// The upper half of the identifiers of transfers that empty closed accounts: "closing".
  static let closingTransfers: UInt64 = 0x63_6c6f_7369_6e67

  /// 注销: free points go to the programme, grams stay counted, memberships end. What is set aside
  /// for a pending transfer stays until that is posted or voided.
  mutating func closeAccount(
    _ citizen: CitizenID, now: Instant, writer: FrameWriter
  ) -> Result<CommandResult, CommandRefusal> {
    guard membership.exists(citizen), !membership.isClosed(citizen) else {
      return .failure(
        CommandRefusal("accountUnknown", GroupRefusal.accountUnknown.sentence))
    }
    var result = CommandResult()
    result.fact = nextFact
    result.citizen = citizen
    let account = AccountID.citizen(citizen, .points)
    let position = ledger.position(of: account)
    let free = position.balance - position.pendingOut
    if free > 0 {
      let programme = (pack?.people ?? PeopleRules()).closingProgramme
      // Named by the account, which is closed once: sent twice it is the same transfer.
      let transfer = Transfer(
        id: TransferID(State.closingTransfers, UInt64(citizen.raw)), source: account,
        target: AccountID(.programme, programme, .points), amount: free,
        purpose: "account-closed")
      let (answers, fact) = ledger.decide([transfer], now: now)
      result.answers = answers
      if let fact {
        writer.readable(kind: Ledger.Fact.kind, json: encode(Ledger.FactRow(fact)))
        ledger.apply(fact)
        nextFact = FactNumber(nextFact.raw + 1)
      }
    }
    _ = write(.closed(citizen, grams: ledger.grams(of: citizen).count), writer)
    return .success(result)
  }

  private mutating func write(_ fact: GroupFact, _ writer: FrameWriter) -> FactNumber {
    writer.readable(kind: fact.kind, json: encode(GroupRow(fact)))
    membership.apply(fact)
    defer { nextFact = FactNumber(nextFact.raw + 1) }
    return nextFact
  }

  /// A fact of kind 78 or 79 from the journal.
  mutating func apply(group fact: UnsafeRawBufferPointer) throws(FrameFault) {
    let row: GroupRow = try State.decode(fact)
    guard let read = row.fact(known: membership.groups.count),
      read.kind == FactHeader(fact.baseAddress!).kind
    else { throw FrameFault("holds a fact about an organisation of no meaning") }
    guard membership.canApply(read) else {
      throw FrameFault("changes an organisation as it cannot be changed")
    }
    membership.apply(read)
  }

  /// What the members of an organisation saved while they were members, former ones included.
  package func jointGrams(of id: OrganisationID) -> Grams {
    guard let group = membership.group(id) else { return Grams(0) }
    return group.members.reduce(Grams(group.carried)) { sum, pair in
      sum + ledger.grams(of: CitizenID(pair.key)) - Grams(pair.value.grams)
    }
  }
}
