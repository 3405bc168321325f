// SPDX-License-Identifier: Apache-2.0
// 沙箱: a second mechanism of the same pack, with a journal, books and keys of its own, for partners
// to try in. `init --sandbox` makes it; its code ends in `-sandbox`. No total, list or page of the
// city shows what is in it, and each of its own pages says what it is.

import Mechanism

extension Office {
  package var isSandbox: Bool { State.isSandbox(code) }
}

extension Site {
  /// The city's own mechanisms: what totals and the first page are about.
  var cities: [Office] { offices.filter { !$0.isSandbox } }

  /// The sandbox that goes with a mechanism, where there is one.
  func sandbox(of code: String) -> Office? { office(code + State.sandboxEnding) }
}

extension Layout {
  /// Nobody shall take a trial for the city's books.
  static func sandbox(_ visit: Visit) -> HTML {
    guard let code = visit.mechanism?.code, State.isSandbox(code) else { return "" }
    return """
      <p class="demo">\(visit.t(
        "沙箱：供接入平台试用，账目独立，不计入任何统计，积分不能使用。",
        "Sandbox: for partners to try in. Its books are its own and count in no total."))</p>
      """
  }
}
