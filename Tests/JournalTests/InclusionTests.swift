// SPDX-License-Identifier: Apache-2.0
import Glibc
import Journal
import Testing
import Units

/// What a stranger does with a proof: our own check, and the program in Python.
@Suite("proofs of inclusion") struct InclusionTests {
  private func proof(_ sample: Sample, frame: Int, fact: UInt64) throws -> InclusionProof {
    try sample.frames[frame].withUnsafeBytes { bytes in
      InclusionProof(
        of: FactNumber(fact), in: try FrameView(bytes), log: sample.log, head: sample.head,
        sample.digester)
    }
  }

  @Test(
    "every fact of a journal can be proved, by both algorithms", arguments: HashAlgorithm.allCases)
  func all(algorithm: HashAlgorithm) throws {
    let sample = Sample(algorithm, factsPerFrame: [1, 4, 3, 7, 2])
    var number: UInt64 = 1
    for (frame, count) in [1, 4, 3, 7, 2].enumerated() {
      for _ in 0..<count {
        #expect(try proof(sample, frame: frame, fact: number).fault() == nil)
        number += 1
      }
    }
  }

  /// Proofs with one thing changed each, and what was changed.
  private func damaged(_ good: InclusionProof) -> [(String, InclusionProof)] {
    var all: [(String, InclusionProof)] = []
    func add(_ what: String, _ change: (inout InclusionProof) -> Void) {
      var proof = good
      change(&proof)
      all.append((what, proof))
    }
    for at in good.fact.indices { add("fact byte \(at)") { $0.fact[at] ^= 1 } }
    for at in good.header.indices { add("header byte \(at)") { $0.header[at] ^= 0x80 } }
    for at in good.pathInFrame.indices {
      add("path in frame \(at)") { $0.pathInFrame[at] = flipped($0.pathInFrame[at], at) }
    }
    for at in good.pathInLog.indices {
      add("path in log \(at)") { $0.pathInLog[at] = flipped($0.pathInLog[at], at) }
    }
    add("number") { $0.number = FactNumber($0.number.raw ^ 1) }
    for bit in 0..<8 {
      add("index in frame, bit \(bit)") { $0.indexInFrame ^= 1 << bit }
      add("facts in frame, bit \(bit)") { $0.factsInFrame ^= 1 << bit }
      add("frame index, bit \(bit)") { $0.frameIndex ^= 1 << bit }
    }
    add("frames") { $0.head.frames = 100 }
    add("root") { $0.head.root = flipped($0.head.root, 200) }
    add("algorithm") { $0.head.algorithm = .sha256 }
    add("cut fact") { $0.fact.removeLast() }
    add("cut header") { $0.header.removeLast() }
    add("no path") { $0.pathInFrame = [] }
    add("longer path") { $0.pathInLog.append(.zero) }
    return all
  }

  @Test("one changed bit anywhere is refused")
  func refused() throws {
    let sample = Sample(factsPerFrame: [1, 5, 3])
    let good = try proof(sample, frame: 1, fact: 4)
    for (what, proof) in damaged(good) {
      #expect(proof.fault() != nil, "\(what) was changed, and nobody noticed")
    }
  }

  @Test("the program in Python says the same, with nothing of ours")
  func python() throws {
    let golden = Golden.all[0]
    let digester = Digester(golden.algorithm)
    var log = MerkleLog()
    var chain = ChainVerifier()
    for frame in golden.frames {
      _ = try bytes(hex: frame).withUnsafeBytes { try chain.next($0, deep: true) }
      log.append(chain.hash, digester)
    }
    let head = LogHead(
      mechanism: "trial", algorithm: .sm3, frames: 3, facts: 7,
      root: log.root(size: 3, digester), time: Instant("2026-03-01T08:15:03Z")!)
    let good = try bytes(hex: golden.frames[1]).withUnsafeBytes {
      InclusionProof(
        of: FactNumber(3), in: try FrameView($0), log: log, head: head, digester)
    }
    let folder = Folder()
    let (status, said) = folder.verify(answer(good))
    #expect(status == 0, "\(said)")
    // What golden.py wrote into this fact.
    #expect(said.contains("HOLDS: fact 3 is in the journal under this head, 0 signatures checked"))
    #expect(said.contains("scene 3 (rule 1) by partner 1 for citizen 1"))
    #expect(said.contains("accepted (reason 80), 244 g, 6 points (9 before caps)"))
    #expect(said.contains("measured [5000.0, 1200.0]") && said.contains("2026-03-01T08:15:00.25"))
    // One of each kind: starting Python takes a while.
    let kinds = [
      "fact byte 30", "header byte 5", "header byte 90", "path in frame 0", "path in log 1",
      "number",
      "facts in frame, bit 0", "frames", "root", "longer path",
    ]
    for (what, proof) in damaged(good) where kinds.contains(what) {
      let (status, said) = folder.verify(answer(proof))
      #expect(status == 1 && said.contains("FAILS"), "\(what) was changed: \(said)")
    }
    let text = String(decoding: answer(good), as: UTF8.self)
    let other = text.replacing("facts 7", with: "facts 8")
    #expect(other != text && folder.verify(Array(other.utf8)).0 == 1)
    #expect(folder.verify(Array("{}".utf8)).0 == 1)
  }
}

/// What GET /api/v1/{mechanism}/proofs/{fact} answers, without signatures.
private func answer(_ proof: InclusionProof) -> [UInt8] {
  func list(_ digests: [Digest]) -> String {
    "[" + digests.map { "\"\($0)\"" }.joined(separator: ",") + "]"
  }
  let head = proof.head
  return Array(
    """
    {"fact": \(proof.number.raw), "bytes": "\(hexadecimal(proof.fact))",
     "frame": {"index": \(proof.indexInFrame), "count": \(proof.factsInFrame),
       "path": \(list(proof.pathInFrame)), "header": "\(hexadecimal(proof.header))"},
     "log": {"index": \(proof.frameIndex), "count": \(head.frames),
       "path": \(list(proof.pathInLog))},
     "head": {"mechanism": "\(head.mechanism)", "algorithm": "\(head.algorithm.name)",
       "frames": \(head.frames), "facts": \(head.facts), "root": "\(head.root)",
       "time": "\(head.time)", "signatures": [],
       "statement": "\(head.statement.replacing("\n", with: "\\n"))"}}
    """.utf8)
}

/// A folder of our own that goes away, and the Python program run on a file in it.
private final class Folder {
  private let path: String
  init() {
    var template = Array("/tmp/proof-XXXXXX".utf8CString)
    path = String(cString: mkdtemp(&template))
  }
  deinit {
    for name in ["proof.json", "said"] { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  func verify(_ json: [UInt8]) -> (status: Int32, said: String) {
    let file = fopen("\(path)/proof.json", "w")!
    fwrite(json, 1, json.count, file)
    fclose(file)
    let script = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    let status = system(
      "python3 '\(script)/Examples/verify_inclusion.py' \(path)/proof.json > \(path)/said 2>&1")
    let said = fopen("\(path)/said", "r")!
    defer { fclose(said) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&buffer, 1, buffer.count, said)
    return (status >> 8, String(decoding: buffer[..<count], as: UTF8.self))
  }
}
