// SPDX-License-Identifier: Apache-2.0

/// 入账: what one credited behaviour moves, from its scene's issuing accounts to the citizen's.
/// Behaviour says what is due, Ledger moves it.
@frozen public struct Award: BitwiseCopyable, Sendable {
  public var citizen: CitizenID
  public var scene: SceneID
  public var points: Int32
  public var grams: Int64

  @inlinable public init(citizen: CitizenID, scene: SceneID, points: Int32, grams: Int64) {
    self.citizen = citizen
    self.scene = scene
    self.points = points
    self.grams = grams
  }
}

/// A frame's awards, in memory that is reused.
@frozen public struct AwardList: ~Copyable {
  @usableFromInline var base: UnsafeMutablePointer<Award>
  @usableFromInline var capacity: Int
  @usableFromInline var filled = 0

  public init(capacity: Int = 1024) {
    base = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  deinit { base.deallocate() }

  /// Valid until the list is changed.
  @inlinable public var awards: UnsafeBufferPointer<Award> {
    UnsafeBufferPointer(start: base, count: filled)
  }

  @inlinable public mutating func removeAll() { filled = 0 }

  @inlinable @inline(__always) public mutating func append(_ award: Award) {
    if filled == capacity { grow() }
    base[filled] = award
    filled += 1
  }

  @usableFromInline mutating func grow() {
    let larger = UnsafeMutablePointer<Award>.allocate(capacity: capacity * 2)
    larger.update(from: base, count: filled)
    base.deallocate()
    base = larger
    capacity *= 2
  }
}
