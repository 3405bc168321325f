// SPDX-License-Identifier: Apache-2.0
// ASSET. What is counted: three kinds of value that every mechanism has, and the stock of each
// offer of the mall, which is an asset of its own.
//
//   number      code
//        1      points
//        2      grams
//        3      fen
//   32768 + N   stock-N      pieces of offer N, N from 1 to 32767
//
// Numbers are never written; codes are, as the last part of an account's name, and stay for ever.

/// 资产: what is counted.
package struct Asset: Hashable, RawRepresentable, BitwiseCopyable, Sendable {
  package let rawValue: UInt16

  package static let points = Asset(known: 1)
  package static let grams = Asset(known: 2)
  package static let fen = Asset(known: 3)
  package static let stockMax: UInt16 = 32_767
  private static let firstStock: UInt16 = 32_768

  private init(known: UInt16) { rawValue = known }

  /// Nil for a number that is no asset's.
  package init?(rawValue: UInt16) {
    guard (1...3).contains(rawValue) || rawValue > Asset.firstStock else { return nil }
    self.rawValue = rawValue
  }

  /// 库存: pieces of an offer.
  package static func stock(_ offer: UInt16) -> Asset {
    precondition((1...stockMax).contains(offer), "offers are numbered from 1 to \(stockMax)")
    return Asset(known: firstStock + offer)
  }

  /// The offer whose stock this is; nil for points, grams and fen.
  package var offer: UInt16? { rawValue > Asset.firstStock ? rawValue - Asset.firstStock : nil }

  /// `points`, `stock-17`.
  package var code: String {
    switch self {
    case .points: "points"
    case .grams: "grams"
    case .fen: "fen"
    default: "stock-\(rawValue - Asset.firstStock)"
    }
  }

  /// Reads what `code` writes.
  package init?(code: some StringProtocol) {
    switch code {
    case "points": self = .points
    case "grams": self = .grams
    case "fen": self = .fen
    default:
      guard code.hasPrefix("stock-"), let offer = UInt16(code.dropFirst(6)),
        (1...Asset.stockMax).contains(offer), code == "stock-\(offer)"
      else { return nil }
      self = .stock(offer)
    }
  }
}
