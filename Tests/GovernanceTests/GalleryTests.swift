// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Glibc
import Governance
import Testing
import Units

@testable import Mechanism

/// One scene for each way of being told no. A new refusal has to have one here, and
/// Docs/refusals.md has to name it.
@Suite("gallery of refusals about cases and letters") struct GalleryTests {
  @Test("every refusal once", arguments: Governance.Refusal.allCases)
  func every(_ refusal: Governance.Refusal) {
    var care = refusal == .careNotSet ? Care(promises: "") : Care()
    let frames: Int
    let name: String
    (name, frames) = Self.provoke(refusal, &care)
    #expect(name == "\(refusal)")
    #expect(care.frames.count == frames, "what is refused leaves nothing behind")
    care.check("\(refusal)")
  }

  private static func provoke(
    _ refusal: Governance.Refusal, _ care: inout Care
  ) -> (String, Int) {
    let fact = care.ride(Care.lin).fact
    let command = Self.command(refusal, &care, fact)
    let frames = care.frames.count
    return (care.refusal(command), frames)
  }

  private static let until = Day("2026-03-20")!

  private static func freeze(_ until: Day? = GalleryTests.until) -> Measure {
    Measure(.freeze, by: "staff/1", reason: "核查", until: until)
  }

  private static func warned(_ care: inout Care, _ fact: FactNumber) {
    care.take(care.open(Care.lin, fact), Measure(.warning, by: "staff/1", reason: "提醒"))
  }

  private static func command(
    _ refusal: Governance.Refusal, _ care: inout Care, _ fact: FactNumber
  ) -> Governance.Command {
    switch refusal {
    case .careNotSet, .citizenUnknown, .ruleUnknown, .evidenceInvalid, .reasonMissing, .onlyPeople:
      return opening(refusal, fact)
    case .caseUnknown: return .close(9, by: "staff/1", reason: "完")
    case .petitionUnknown: return .writeAgain(9, Care.lin, digest: Care.digest)
    case .claimInvalid, .petitionsFull, .petitionClosed, .answerInvalid, .creditInvalid:
      return letter(refusal, &care)
    case .dayNotOver: return .screen(Day("2026-03-02")!, [], by: "staff/1")
    case .notYours, .notInForce, .appealedBefore, .appealLate, .noAppeal, .handInCase,
      .textMissing:
      return appeal(refusal, &care, fact)
    default: return measure(refusal, &care, fact)
    }
  }

  private static func opening(
    _ refusal: Governance.Refusal, _ fact: FactNumber
  ) -> Governance.Command {
    .open(
      refusal == .citizenUnknown ? CitizenID(9) : Care.lin,
      rule: refusal == .ruleUnknown ? "" : "two-places",
      reason: refusal == .reasonMissing ? " " : "看看",
      evidence: refusal == .evidenceInvalid ? [FactNumber(9999)] : [fact],
      by: refusal == .onlyPeople ? "risk" : "staff/1")
  }

  private static func measure(
    _ refusal: Governance.Refusal, _ care: inout Care, _ fact: FactNumber
  ) -> Governance.Command {
    let number = care.open(Care.lin, fact)
    let clawBack = CareTests.clawBack([(fact, 3)])
    switch refusal {
    case .measureUnknown: return .rule(number, measure: 1, .confirm, by: "staff/2", opinion: "好")
    case .caseClosed:
      care.must(.close(number, by: "staff/1", reason: "完"))
      return .propose(number, freeze())
    case .measureOpen:
      care.must(.propose(number, freeze()))
      return .propose(number, freeze())
    case .untilInvalid: return .propose(number, freeze(Day("2026-03-02")!))
    case .awardsInvalid: return .propose(number, CareTests.clawBack([]))
    case .awardTaken:
      care.take(number, clawBack)
      return .propose(number, clawBack)
    case .targetInvalid:
      return .propose(number, Measure(.lifting, by: "staff/1", reason: "解除", target: 1))
    case .measureDecided:
      care.take(number, freeze())
      return .rule(number, measure: 1, .reject, by: "staff/2", opinion: "不")
    case .ownMeasure, .notMeasureProposer:
      care.must(.propose(number, freeze()))
      return refusal == .ownMeasure
        ? .rule(number, measure: 1, .confirm, by: "staff/1", opinion: "好")
        : .rule(number, measure: 1, .withdraw, by: "staff/2", opinion: "不")
    case .repaymentInvalid, .notEnoughPoints:
      CareTests.spend(&care, Care.lin, 3, id: 7)
      care.take(number, clawBack)
      return .repay(number, measure: 1, Care.lin, points: refusal == .repaymentInvalid ? 4 : 1)
    default:
      Issue.record("\(refusal) has no scene")
      return .endDue
    }
  }

  private static func appeal(
    _ refusal: Governance.Refusal, _ care: inout Care, _ fact: FactNumber
  ) -> Governance.Command {
    warned(&care, fact)
    let again = Governance.Command.appeal(1, measure: 1, Care.lin, digest: Care.digest)
    switch refusal {
    case .notYours: return .appeal(1, measure: 1, Care.ma, digest: Care.digest)
    case .textMissing: return .appeal(1, measure: 1, Care.lin, digest: "")
    case .appealLate: care.pass(days: 31)
    case .noAppeal:
      return .judge(1, measure: 1, upheld: true, by: "staff/3", reason: "好")
    case .handInCase:
      care.must(again)
      return .judge(1, measure: 1, upheld: false, by: "staff/2", reason: "维持")
    case .notInForce:
      care.must(again)
      care.must(.judge(1, measure: 1, upheld: true, by: "staff/3", reason: "好"))
    default: care.must(again)
    }
    return again
  }

  private static func letter(
    _ refusal: Governance.Refusal, _ care: inout Care
  ) -> Governance.Command {
    let letter = Petition(.complaint, citizen: Care.lin)
    let claim = Petition(
      .claim, citizen: Care.lin, partner: PartnerID(1), scene: "bus", happened: care.now)
    switch refusal {
    case .claimInvalid:
      var late = claim
      late.happened = care.now.milliseconds + 60_000
      return .file(late, digest: Care.digest)
    case .petitionsFull:
      for _ in 0..<20 { care.must(.file(letter, digest: Care.digest)) }
      return .file(letter, digest: Care.digest)
    case .petitionClosed:
      care.must(.file(letter, digest: Care.digest))
      care.must(.answer(1, .answered, by: "staff/1", digest: Care.digest, fact: nil))
      return .answer(1, .answered, by: "staff/1", digest: Care.digest, fact: nil)
    case .answerInvalid:
      care.must(.file(claim, digest: Care.digest))
      return .answer(1, .answered, by: "staff/1", digest: Care.digest, fact: nil)
    default:
      care.must(.file(claim, digest: Care.digest))
      return .answer(1, .credited, by: "staff/1", digest: Care.digest, fact: nil)
    }
  }

  @Test("the page of refusals names every one")
  func thePageNamesThem() throws {
    let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let file = try #require(fopen("/\(folder)/Docs/refusals.md", "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let page = String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
    for refusal in Governance.Refusal.allCases {
      #expect(page.contains("`\(refusal)`"), "Docs/refusals.md does not name \(refusal)")
    }
  }
}
