// SPDX-License-Identifier: Apache-2.0
import Units

/// Numbers of fourteen bits for pairs of scene and partner, in the order in which they were first
/// seen.
///
/// A city where more than 15,000 pairs have reported anything shares one number between a scene's
/// newcomers: overlaps among those are then held for staff though one partner reported both.
struct Pairs: ~Copyable {
  static let countMax = 1 << 14
  /// From here on newcomers share their scene's number; what is left is for scenes.
  static let ownMax = 15_000

  /// Scene in the upper half, partner in the lower; by number, from 1.
  private var list: MappedArray<UInt32>
  /// By scene and the partner's lower twelve bits: the number, 0 for none.
  private var numbers: MappedArray<UInt16>

  init() {
    list = MappedArray(limit: Pairs.countMax, small: true)
    list.reach(0)
    numbers = MappedArray(limit: 1 << 28, small: true)
  }

  @inline(__always) func scene(_ number: Int) -> UInt16 { UInt16(list[number] >> 16) }
  @inline(__always) func partner(_ number: Int) -> UInt16 {
    UInt16(truncatingIfNeeded: list[number])
  }

  @inline(__always)
  mutating func number(_ scene: SceneID, _ partner: PartnerID) -> UInt32 {
    let known = numbers[place(scene.raw, partner.raw)]
    return UInt32(known != 0 ? known : add(scene.raw, partner.raw))
  }

  /// The number that a pair has been given, 0 for none.
  func known(_ scene: SceneID, _ partner: PartnerID) -> UInt32 {
    let own = numbers[place(scene.raw, partner.raw)]
    return UInt32(own != 0 ? own : numbers[place(scene.raw, 0)])
  }

  @inline(__always) private func place(_ scene: UInt16, _ partner: UInt16) -> Int {
    Int(scene) << 12 | Int(partner & 0xfff)
  }

  private mutating func add(_ scene: UInt16, _ partner: UInt16) -> UInt16 {
    let own = partner & 0xfff
    if list.count > Pairs.ownMax, own != 0 {
      return UInt16(number(SceneID(scene), PartnerID(0)))
    }
    let fresh = list.count
    list.reach(fresh)
    list[fresh] = UInt32(scene) << 16 | UInt32(own)
    numbers[place(scene, own)] = UInt16(fresh)
    return UInt16(fresh)
  }

  var bytes: UnsafeRawBufferPointer { list.bytes }

  mutating func load(_ bytes: UnsafeRawBufferPointer) {
    list.load(bytes)
    for number in stride(from: 1, to: list.count, by: 1) {
      numbers[place(scene(number), partner(number))] = UInt16(number)
    }
  }
}
