// SPDX-License-Identifier: Apache-2.0
// MERKLE. Proofs that a fact is in the journal, and that a longer journal continues a shorter one.
//
// Two trees of RFC 9162, one in the other:
//
//        signed head: root over the headers of all frames          leaf = H(0x00 || header)
//              ┌──────┴──────┐                                      node = H(0x01 || left || right)
//           header 1 … header n      a frame's header names:
//              │                       the root over its facts     leaf = H(0x00 || fact)
//        ┌─────┴─────┐                 the hash of the frame before
//      fact 1  …  fact k
//
// The log's leaf hash of a header is also the frame's own hash, so the chain and the tree are one
// computation. A proof of a fact is its path in its frame, the header, and the header's path.

/// The Merkle tree hash over leaves, in place: `leaves` is overwritten.
public func merkleRoot(_ leaves: UnsafeMutableBufferPointer<Digest>, _ digester: Digester) -> Digest
{
  guard !leaves.isEmpty else { return digester.digest([]) }
  var count = leaves.count
  while count > 1 {
    for pair in 0..<count / 2 {
      leaves[pair] = digester.node(leaves[2 * pair], leaves[2 * pair + 1])
    }
    if count % 2 == 1 { leaves[count / 2] = leaves[count - 1] }
    count = (count + 1) / 2
  }
  return leaves[0]
}

/// The path of leaf `index`, from the leaf's sibling upwards.
public func merklePath(_ leaves: [Digest], index: Int, _ digester: Digester) -> [Digest] {
  var level = leaves
  var at = index
  var path: [Digest] = []
  while level.count > 1 {
    let sibling = at ^ 1
    if sibling < level.count { path.append(level[sibling]) }
    level = stride(from: 0, to: level.count, by: 2).map {
      $0 + 1 < level.count ? digester.node(level[$0], level[$0 + 1]) : level[$0]
    }
    at /= 2
  }
  return path
}

/// Whether `path` leads from a leaf's hash to `root` in a tree of `count` leaves (RFC 9162,
/// 2.1.3.2).
public func merkleVerify(
  leaf: Digest, index: Int, count: Int, path: [Digest], root: Digest, _ digester: Digester
) -> Bool {
  guard index >= 0, index < count else { return false }
  var hash = leaf
  var at = index
  var last = count - 1
  for sibling in path {
    guard last > 0 else { return false }
    if at % 2 == 1 || at == last {
      hash = digester.node(sibling, hash)
      while at % 2 == 0, at != 0 {
        at /= 2
        last /= 2
      }
    } else {
      hash = digester.node(hash, sibling)
    }
    at /= 2
    last /= 2
  }
  return last == 0 && hash == root
}

/// The tree over all frames' headers, growing at its right edge.
public struct MerkleLog {
  /// `levels[k]` holds the hashes of complete subtrees of 2^k leaves, from the left.
  private var levels: [[Digest]] = [[]]

  public init() {}

  public var count: Int { levels[0].count }
  public func leaf(_ index: Int) -> Digest { levels[0][index] }

  public mutating func append(_ leaf: Digest, _ digester: Digester) {
    levels[0].append(leaf)
    var level = 0
    while levels[level].count % 2 == 0 {
      if levels.count == level + 1 { levels.append([]) }
      let row = levels[level]
      levels[level + 1].append(digester.node(row[row.count - 2], row[row.count - 1]))
      level += 1
    }
  }

  /// The root over the first `size` leaves.
  public func root(size: Int, _ digester: Digester) -> Digest {
    precondition(size <= count, "the log has \(count) frames, not \(size)")
    return size == 0 ? digester.digest([]) : hash(0, size, digester)
  }

  /// RFC 9162, 2.1.3.1: from the leaf's sibling upwards.
  public func inclusion(of index: Int, size: Int, _ digester: Digester) -> [Digest] {
    precondition(index < size && size <= count, "no such leaf in a log of \(size)")
    var path: [Digest] = []
    var low = 0
    var high = size
    while high - low > 1 {
      let middle = low + split(high - low)
      if index < middle {
        path.append(hash(middle, high, digester))
        high = middle
      } else {
        path.append(hash(low, middle, digester))
        low = middle
      }
    }
    return path.reversed()
  }

  /// RFC 9162, 2.1.4.1: that the first `old` leaves of a log of `size` are the log of `old`.
  public func consistency(from old: Int, to size: Int, _ digester: Digester) -> [Digest] {
    precondition(old > 0 && old <= size && size <= count, "no such sizes")
    var path: [Digest] = []
    var low = 0
    var high = size
    var whole = true
    while high != old {
      let middle = low + split(high - low)
      if old <= middle {
        path.append(hash(middle, high, digester))
        high = middle
      } else {
        path.append(hash(low, middle, digester))
        low = middle
        whole = false
      }
    }
    if !whole { path.append(hash(low, high, digester)) }
    return path.reversed()
  }

  private func hash(_ low: Int, _ high: Int, _ digester: Digester) -> Digest {
    let size = high - low
    if size & (size - 1) == 0, low % size == 0 {
      return levels[size.trailingZeroBitCount][low / size]
    }
    let middle = low + split(size)
    return digester.node(hash(low, middle, digester), hash(middle, high, digester))
  }

  /// The largest power of two smaller than `size`.
  private func split(_ size: Int) -> Int {
    1 << (Int.bitWidth - 1 - (size - 1).leadingZeroBitCount)
  }
}

/// Whether a log with `newRoot` over `new` leaves continues one with `oldRoot` over `old` leaves
/// (RFC 9162, 2.1.4.2).
public func merkleVerifyConsistency(
  old: Int, new: Int, oldRoot: Digest, newRoot: Digest, path: [Digest], _ digester: Digester
) -> Bool {
  guard old > 0, old <= new else { return false }
  if old == new { return path.isEmpty && oldRoot == newRoot }
  var rest = path[...]
  if old & (old - 1) == 0 { rest = ([oldRoot] + path)[...] }
  guard let first = rest.popFirst() else { return false }
  var at = old - 1
  var last = new - 1
  while at % 2 == 1 {
    at /= 2
    last /= 2
  }
  var oldHash = first
  var newHash = first
  for sibling in rest {
    guard last > 0 else { return false }
    if at % 2 == 1 || at == last {
      oldHash = digester.node(sibling, oldHash)
      newHash = digester.node(sibling, newHash)
      while at % 2 == 0, at != 0 {
        at /= 2
        last /= 2
      }
    } else {
      newHash = digester.node(newHash, sibling)
    }
    at /= 2
    last /= 2
  }
  return last == 0 && oldHash == oldRoot && newHash == newRoot
}
