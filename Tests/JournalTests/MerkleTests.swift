// SPDX-License-Identifier: Apache-2.0
import Journal
import Testing
import Units

/// RFC 9162, 2.1, as its sentences say it: recursive, slow, on whole lists.
struct SlowTree {
  let digester: Digester

  func k(_ n: Int) -> Int {
    var k = 1
    while k * 2 < n { k *= 2 }
    return k
  }

  /// 2.1.1
  func hash(_ leaves: ArraySlice<Digest>) -> Digest {
    if leaves.isEmpty { return digester.digest([]) }
    if leaves.count == 1 { return leaves.first! }
    let middle = leaves.startIndex + k(leaves.count)
    return digester.digest([1] + hash(leaves[..<middle]).bytes + hash(leaves[middle...]).bytes)
  }

  /// 2.1.3.1
  func path(_ m: Int, _ leaves: ArraySlice<Digest>) -> [Digest] {
    if leaves.count == 1 { return [] }
    let k = k(leaves.count)
    let middle = leaves.startIndex + k
    return m < k
      ? path(m, leaves[..<middle]) + [hash(leaves[middle...])]
      : path(m - k, leaves[middle...]) + [hash(leaves[..<middle])]
  }

  /// 2.1.4.1
  func proof(_ m: Int, _ leaves: ArraySlice<Digest>) -> [Digest] { subproof(m, leaves, true) }

  private func subproof(_ m: Int, _ leaves: ArraySlice<Digest>, _ whole: Bool) -> [Digest] {
    if m == leaves.count { return whole ? [] : [hash(leaves)] }
    let k = k(leaves.count)
    let middle = leaves.startIndex + k
    return m <= k
      ? subproof(m, leaves[..<middle], whole) + [hash(leaves[middle...])]
      : subproof(m - k, leaves[middle...], false) + [hash(leaves[..<middle])]
  }
}

@Suite("Merkle trees") struct MerkleTests {
  static let sizesMax = 40
  let digester = Digester(.sha256)
  let leaves: [Digest]
  let log: MerkleLog

  init() {
    let digester = Digester(.sha256)
    var log = MerkleLog()
    leaves = (0..<MerkleTests.sizesMax).map { index in
      [UInt8(index)].withUnsafeBytes { digester.leaf($0) }
    }
    for leaf in leaves { log.append(leaf, digester) }
    self.log = log
  }

  @Test("roots are RFC 9162's for every size")
  func roots() {
    let slow = SlowTree(digester: digester)
    // The root over nothing is the hash of nothing.
    #expect(log.root(size: 0, digester) == digester.digest([]))
    for size in 1...MerkleTests.sizesMax {
      var copy = Array(leaves[..<size])
      let root = copy.withUnsafeMutableBufferPointer { merkleRoot($0, digester) }
      #expect(root == slow.hash(leaves[..<size]))
      #expect(log.root(size: size, digester) == root)
    }
  }

  @Test("every leaf of every size has RFC 9162's path, and nothing else is believed")
  func inclusion() {
    let slow = SlowTree(digester: digester)
    for size in 1...MerkleTests.sizesMax {
      let root = slow.hash(leaves[..<size])
      for index in 0..<size {
        let path = merklePath(Array(leaves[..<size]), index: index, digester)
        #expect(path == slow.path(index, leaves[..<size]))
        #expect(log.inclusion(of: index, size: size, digester) == path)
        func holds(
          leaf: Digest? = nil, index at: Int? = nil, count: Int? = nil, path other: [Digest]? = nil
        ) -> Bool {
          merkleVerify(
            leaf: leaf ?? leaves[index], index: at ?? index, count: count ?? size,
            path: other ?? path, root: root, digester)
        }
        #expect(holds())
        #expect(!holds(leaf: leaves[(index + 1) % MerkleTests.sizesMax]))
        #expect(!holds(index: -1) && !holds(index: size))
        #expect(!holds(path: path + [root]))
        if size > 1 {
          #expect(!holds(index: (index + 1) % size))
          #expect(!holds(path: Array(path.dropLast())) && !holds(path: Array(path.dropFirst())))
        }
      }
    }
  }

  @Test("every bit of a path counts")
  func everyBit() {
    for (size, index) in [(7, 6), (8, 3), (40, 39), (33, 32)] {
      let root = log.root(size: size, digester)
      let path = log.inclusion(of: index, size: size, digester)
      for step in path.indices {
        for bit in 0..<256 {
          var changed = path
          changed[step] = flipped(path[step], bit)
          #expect(
            !merkleVerify(
              leaf: leaves[index], index: index, count: size, path: changed, root: root, digester))
        }
      }
    }
  }

  @Test("every size continues every smaller one, as RFC 9162 proves it, and no other")
  func consistency() {
    let slow = SlowTree(digester: digester)
    for new in 1...MerkleTests.sizesMax {
      let newRoot = slow.hash(leaves[..<new])
      for old in 1...new {
        let oldRoot = slow.hash(leaves[..<old])
        let path = log.consistency(from: old, to: new, digester)
        #expect(path == slow.proof(old, leaves[..<new]))
        func holds(_ a: Int, _ b: Int, _ x: Digest, _ y: Digest, _ p: [Digest]) -> Bool {
          merkleVerifyConsistency(old: a, new: b, oldRoot: x, newRoot: y, path: p, digester)
        }
        #expect(holds(old, new, oldRoot, newRoot, path))
        #expect(!holds(old, new, flipped(oldRoot, old), newRoot, path))
        #expect(!holds(old, new, oldRoot, flipped(newRoot, new), path))
        #expect(
          !holds(0, new, oldRoot, newRoot, path) && !holds(new + 1, new, oldRoot, newRoot, path))
        #expect(!holds(old, new, oldRoot, newRoot, path + [oldRoot]))
        for step in path.indices {
          var changed = path
          changed[step] = flipped(path[step], step * 7 % 256)
          #expect(!holds(old, new, oldRoot, newRoot, changed))
        }
      }
    }
  }
}

func flipped(_ digest: Digest, _ bit: Int) -> Digest {
  var bytes = digest.bytes
  bytes[bit / 8] ^= 1 << UInt8(bit % 8)
  return bytes.withUnsafeBytes { Digest($0) }
}
