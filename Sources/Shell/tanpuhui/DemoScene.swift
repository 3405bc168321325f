// SPDX-License-Identifier: Apache-2.0
import Units

/// 演示数据: the scenes that the invented month touches. This table is the only place that knows how
/// Chengdu's pack names them, and which partner reports what.
enum DemoScene: String, CaseIterable, Sendable {
  case bus
  case metro
  case sharedBike = "shared-bike"
  case sharedEbike = "shared-ebike"
  case noDrivingDay = "no-driving-day"
  case charging = "ev-charging"
  case cleanPlate = "clean-plate"
  case wasteSorting = "waste-sorting"
  case library
  case museum
  case volunteering
  case housingFund = "housing-fund"
  case socialSecurity = "social-security"

  /// The code in the pack's `scenes.txt`.
  var code: String { rawValue }

  /// Who reports it.
  var partner: DemoPartner {
    switch self {
    case .bus, .metro: .tianfutong
    case .sharedBike, .sharedEbike: .haluo
    case .noDrivingDay: .rongExing
    case .charging: .charging
    case .cleanPlate, .wasteSorting, .library, .museum: .community
    case .volunteering: .volunteers
    case .housingFund, .socialSecurity: .citizenCloud
    }
  }
}

/// 演示数据: the partners of the invented month. The names are there to be recognised; none of these
/// bodies sent any of this.
enum DemoPartner: String, CaseIterable, Sendable {
  case tianfutong
  case rail = "chengdu-rail"
  case haluo
  case rongExing = "rong-e-xing"
  case charging = "nev-monitoring"
  case community = "chengdu-industry"
  case volunteers = "wenming-xingrong"
  case citizenCloud = "citizen-cloud"

  var code: String { rawValue }

  var name: (chinese: String, english: String) {
    switch self {
    case .tianfutong: ("天府通（演示）", "Tianfutong (demo)")
    case .rail: ("成都轨道集团（演示）", "Chengdu Rail Transit (demo)")
    case .haluo: ("哈啰（演示）", "Hello Bike (demo)")
    case .rongExing: ("蓉e行（演示）", "Rong E Xing (demo)")
    case .charging: ("新能源汽车监测平台（演示）", "New-energy vehicle monitoring (demo)")
    case .community: ("成都产业集团（演示）", "Chengdu Industry Group (demo)")
    case .volunteers: ("文明兴蓉（演示）", "Wenming Xingrong (demo)")
    case .citizenCloud: ("天府市民云（演示）", "Tianfu Citizen Cloud (demo)")
    }
  }

  /// The rail company reports metro rides as well: that is how one ride arrives twice.
  var scenes: [DemoScene] {
    self == .rail ? [.metro] : DemoScene.allCases.filter { $0.partner == self }
  }

  /// Users of the others wait until they are linked to a citizen.
  var enrols: Bool { self != .citizenCloud }

  /// The name this partner knows a citizen by: another one at each, as in life.
  func subject(of citizen: Int) -> String {
    "demo-\(code)-\(padded(citizen, 5))"
  }
}

/// One invented event, as a partner would report it.
struct DemoEvent: Hashable, Sendable {
  var scene: DemoScene
  var partner: DemoPartner
  /// The event's own identifier at this partner.
  var id: String
  var subject: String
  /// When it ended.
  var time: Instant
  var vehicle: String?
  var values: [Reading]
}

/// SplitMix64, after Steele, Lea and Flood: small, and the same on every machine.
struct DemoDice: Sendable {
  private var state: UInt64

  /// Different streams of one seed have nothing to do with each other.
  init(seed: UInt64, _ stream: Int...) {
    state = seed
    for part in stream {
      state = next() ^ UInt64(bitPattern: Int64(part)) &* 0xD6E8_FEB8_6659_FD93
    }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A whole number of the range, evenly enough for a demonstration.
  mutating func pick(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }

  /// True so many times in ten thousand.
  mutating func chance(_ perTenThousand: Int) -> Bool { pick(1...10_000) <= perTenThousand }

  /// Around a middle, rarely far from it: the mean of four throws.
  mutating func around(_ middle: Int, within: Int) -> Int {
    middle + (0..<4).reduce(0) { sum, _ in sum + pick(-within...within) } / 4
  }

  /// A value of a distribution given by its quantiles, evenly spaced; straight lines between.
  mutating func quantile(_ steps: [Int]) -> Int {
    let place = pick(0...(steps.count - 1) * 1000 - 1)
    let low = steps[place / 1000]
    return low + (steps[place / 1000 + 1] - low) * (place % 1000) / 1000
  }
}
