// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Membership
import Policy
import Testing
import Units

@testable import Mechanism

/// What escaped once, told as it happened: see Docs/regressions.md.
@Suite("regressions") struct RegressionTests {
  private static let survey = """
    scene survey
      name      问卷 | Survey
      family    travel
      clause    [T]
      evidence  记录 | record
      measures  distance, duration, energy, count
      rule from 2020-01-01  [T]
        grams   7 g  [T]
        points  1    [T]

    """

  @Test("the same id with another value in any place is another event")
  func fourValues() {
    var trial = Trial(pack: [Trial.pack(extra: RegressionTests.survey)])
    trial.must(
      .membership(
        .changePartner(
          PartnerID(1), Partner(code: "bikes", name: "bikes", scenes: ["survey"], enrols: false))))
    let values = [Measured(1), Measured(2), Measured(3), Measured(4)]
    func told(_ values: [Measured], _ trial: inout Trial) -> Reason {
      trial.report(.lin, "survey", values, at: "2026-03-02 08:00", id: 1).reason
    }
    #expect(told(values, &trial) == .none)
    #expect(told(values, &trial) == .duplicate)
    for place in 0..<4 {
      var other = values
      other[place].millionths += 1
      #expect(told(other, &trial) == .idReused, "value \(place + 1)")
      // The bug was a sum: one value more, another less.
      other[(place + 1) % 4].millionths -= 1
      #expect(told(other, &trial) == .idReused, "values \(place + 1) and the next")
    }
    var swapped = values
    swapped.swapAt(2, 3)
    #expect(told(swapped, &trial) == .idReused)
    #expect(trial.holds(Trial.lin) == [7, 1])
    trial.check("four values")
  }

  @Test("a malformed or repeated report of an unknown user opens no account")
  func nobody() {
    var trial = Trial()
    let ride = [Measured(3200), Measured(900)]
    func report(_ person: Trial.Person, _ values: [Measured], id: UInt64, vehicle: UInt64 = 7)
      -> Report
    {
      trial.made(
        person, "shared-bike", values, at: "2026-03-02 08:00", by: .greeters, vehicle: vehicle,
        id: id)
    }
    let negative = [Measured(3200), Measured(millionths: -1)]
    let missing = report(.stranger, [Measured(3200)], id: 1)
    let carless = report(.stranger, ride, id: 2, vehicle: 0)
    let broken = report(.stranger, negative, id: 3)
    #expect(
      trial.admit([missing, carless, broken]).map(\.reason) == [
        .missingField, .missingField, .badValue,
      ])
    #expect(trial.state.membership.citizenCount == 2)
    // Lin's ride, then the same id in the name of a stranger: known, so no news of anybody.
    #expect(trial.admit([report(.lin, ride, id: 4)])[0].outcome == .accepted)
    #expect(trial.admit([report(.stranger, ride, id: 4)])[0].reason == .idReused)
    #expect(trial.state.membership.citizenCount == 2)
    #expect(trial.state.membership.citizen(of: Trial.alias(.stranger, .greeters)).isNone)
    // What is well-formed and new opens one.
    #expect(trial.admit([report(.stranger, ride, id: 5, vehicle: 8)])[0].outcome == .accepted)
    #expect(trial.state.membership.citizenCount == 3)
    trial.check("nobody")
  }

  @Test("a pack that measures a scene's fields in another order is refused; what waits stays right")
  func order() {
    var trial = Trial()
    #expect(trial.bus(.stranger, at: "2026-03-02 08:00").outcome == .waiting)
    let text = String(decoding: Trial.pack(version: "2").bytes, as: UTF8.self)
    let turned = text.replacing(
      "measures  distance, duration", with: "measures  duration, distance")
    #expect(turned != text)
    let draft = Pack.File(path: "pack.txt", bytes: Array(turned.utf8))
    guard case .failure(let refusal) = trial.perform(.adopt([draft])) else {
      Issue.record("the pack was adopted")
      return
    }
    #expect(refusal.name == "measuresChanged" && refusal.message.contains("bus"))
    trial.must(.adopt([Trial.pack(version: "2")]))
    trial.must(.membership(.link(Trial.alias(.stranger, .buses), Trial.ma)))
    #expect(trial.holds(Trial.ma) == [183, 3])
    trial.check("order")
  }
}
