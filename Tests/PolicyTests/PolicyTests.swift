// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Glibc
import Policy
import Testing
import Units

/// The packs that ship, read from the repository's folder.
enum Shipped: String, CaseIterable {
  case chengdu, zhangye, shenzhen

  var files: [Pack.File] {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let folder = "/\(root)/Packs/\(rawValue)"
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var files: [Pack.File] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasSuffix(".txt") else { continue }
      files.append(Pack.File(path: name, bytes: bytes("\(folder)/\(name)")))
    }
    return files
  }

  func pack() throws -> Pack { try Pack.parse(files: files).get() }

  private func bytes(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "rb") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
      bytes += buffer[..<count]
    }
    return bytes
  }
}

@Test("every pack that ships is whole", arguments: Shipped.allCases)
func whole(_ shipped: Shipped) throws {
  switch Pack.parse(files: shipped.files) {
  case .success(let pack):
    #expect(pack.code == shipped.rawValue)
    #expect(!pack.behaviour.scenes.isEmpty)
  case .failure(let faults):
    Issue.record("\(faults)")
  }
}
