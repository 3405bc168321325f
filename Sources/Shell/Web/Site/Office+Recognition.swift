// SPDX-License-Identifier: Apache-2.0
import Desk
import Ledger
import Mechanism
import Policy
import Recognition
import Units

/// A programme with what was exchanged with it.
package struct ProgrammeModel: Sendable {
  package var programme: Programme
  /// What the settlement account stands at: points given for theirs, less points issued.
  package var balance: Int64
  package var unsettled: Int
}

// What pages and the courier ask of a mechanism about other programmes.
extension Office {
  func programmes() -> [ProgrammeModel] {
    clerk.read { state in
      (state.pack?.recognition.programmes ?? []).map { programme in
        ProgrammeModel(
          programme: programme,
          balance: state.ledger.balance(
            of: AccountID(.programme, programme.account, .points)),
          unsettled: state.recognition.unsettled.filter {
            state.recognition.conversion($0)?.programme == programme.code
          }.count)
      }
    }
  }

  func programme(_ code: String) -> ProgrammeModel? {
    programmes().first { $0.programme.code == code }
  }

  /// What is not settled, oldest first.
  func unsettled() -> [(number: UInt32, conversion: Conversion)] {
    clerk.read { state in
      state.recognition.unsettled.sorted().compactMap { number in
        state.recognition.conversion(number).map { (number, $0) }
      }
    }
  }

  func conversion(_ number: UInt32) -> Conversion? {
    clerk.read { $0.recognition.conversion(number) }
  }

  func conversion(_ id: ConversionID, with programme: String) -> Conversion? {
    clerk.read { state in
      state.recognition.number(of: id, with: programme)
        .flatMap { state.recognition.conversion($0) }
    }
  }

  /// A citizen's exchanges with a programme, newest first.
  func conversions(
    of citizen: CitizenID, with programme: String
  ) -> [(number: UInt32, conversion: Conversion)] {
    clerk.read { state in
      state.recognition.conversions(of: citizen).reversed().compactMap { number in
        state.recognition.conversion(number).flatMap {
          $0.programme == programme ? (number, $0) : nil
        }
      }
    }
  }

  /// What a citizen may still exchange, by direction; nil where there is no limit.
  func left(_ programme: Programme, citizen: CitizenID, on day: Day) -> [Direction: Int64] {
    clerk.read { state in
      var left: [Direction: Int64] = [:]
      for direction in Direction.allCases {
        left[direction] = state.recognition.left(programme, direction, citizen: citizen, on: day)
      }
      return left
    }
  }

  func spendable(_ citizen: CitizenID) -> Int64 {
    clerk.read { $0.ledger.available(to: citizen) }
  }

  /// Days with a programme on which anything was exchanged or compared, newest first.
  func recognitionDays(with programme: String, limit: Int) -> [RecognitionDay] {
    clerk.read { state in
      var days = Set(state.recognition.days(with: programme))
      for key in state.recognition.reports.keys where key.programme == programme {
        days.insert(key.day)
      }
      return days.sorted(by: >).prefix(limit).map {
        Office.recognitionDay(programme, $0, state)
      }
    }
  }

  func recognitionDay(with programme: String, _ day: Day) -> RecognitionDay {
    clerk.read { Office.recognitionDay(programme, day.number, $0) }
  }

  private static func recognitionDay(
    _ programme: String, _ day: Int32, _ state: borrowing Mechanism.State
  ) -> RecognitionDay {
    let all = state.recognition.conversions(with: programme, on: day)
      .compactMap { state.recognition.conversion($0) }
    return RecognitionDay(
      day: Day(day), sums: state.recognition.sums(with: programme, on: day),
      open: all.filter { $0.status == .open }.count,
      cancelled: all.filter { $0.status == .cancelled }.count,
      report: state.recognition.reports[Recognition.State.ReportKey(programme, day)])
  }

  /// A day's exchanges that are not cancelled, oldest first.
  func dayConversions(with programme: String, _ day: Day) -> [Conversion] {
    clerk.read { state in
      state.recognition.conversions(with: programme, on: day.number)
        .compactMap { state.recognition.conversion($0) }.filter { $0.status != .cancelled }
    }
  }
}

/// One day with one programme.
package struct RecognitionDay: Sendable {
  package var day: Day
  package var sums: DaySums
  package var open: Int
  package var cancelled: Int
  package var report: DayReport?
}
