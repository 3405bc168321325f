// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

extension FramePlace {
  /// The number the next fact will get.
  var nextFact: UInt64 { firstFact.raw + UInt64(factCount) }

  func holds(_ fact: FactNumber) -> Bool { fact >= firstFact && fact.raw < nextFact }

  /// Refuses a frame that does not come right after the last one: by its own number, or by the
  /// numbers of its facts.
  func follows(_ last: FramePlace?) throws(StoreFailure) {
    let expected = (last?.sequence ?? 0) + 1
    guard sequence == expected else {
      throw StoreFailure(
        .outOfOrder, "append frame \(sequence)", cause: "the journal waits for frame \(expected)",
        advice: "Start again, so that the state is read anew from this journal.")
    }
    let fact = last?.nextFact ?? 1
    guard firstFact.raw == fact else {
      throw StoreFailure(
        .outOfOrder, "append frame \(sequence)",
        cause: "its first fact is \(firstFact.raw), the journal waits for fact \(fact)",
        advice: "Start again, so that the state is read anew from this journal.")
    }
  }

  /// Finds the frame of a fact by halving: sequences have no gaps and fact numbers never fall, so
  /// about 24 looks are enough for ten million frames and no index has to be kept on the disk.
  static func search(
    _ fact: FactNumber, last: FramePlace?, at look: (UInt64) throws(StoreFailure) -> FramePlace
  ) throws(StoreFailure) -> FramePlace? {
    guard let last, fact.raw >= 1, fact.raw < last.nextFact else { return nil }
    // The first frame that ends beyond the fact; frames of no facts lie before it or after it.
    var low: UInt64 = 1
    var high = last.sequence
    while low < high {
      let middle = low + (high - low) / 2
      if try look(middle).nextFact > fact.raw { high = middle } else { low = middle + 1 }
    }
    let found = try look(low)
    return found.holds(fact) ? found : nil
  }
}
