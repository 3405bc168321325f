// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import HTTP
import Journal
import Policy

/// A pack as it comes with a form: one archive, or several files; and as drafts are kept.
package enum PackUpload {
  /// One file of a kept draft.
  private struct Kept: Codable {
    var path: String
    var text: String
  }

  /// The most that a form with a pack may have.
  static let bodyMax = 8 << 20

  /// The `.txt` files that came in the field `files`, in order of their paths.
  static func files(_ request: Request) throws(Trouble) -> [Pack.File] {
    var found: [(path: String, bytes: [UInt8])] = []
    for part in request.parts() ?? [] where part.name == "files" && !part.bytes.isEmpty {
      do {
        if let folder = try PackedFolder(part.bytes) {
          found += folder.files
          continue
        }
      } catch {
        throw error == .tooLarge ? tooLarge : damaged
      }
      found.append((part.fileName ?? "pack.txt", part.bytes))
    }
    // A browser that sends a folder puts its name before every path.
    if let first = found.first?.path.split(separator: "/").first.map({ $0 + "/" }),
      found.allSatisfy({ $0.path.hasPrefix(first) })
    {
      for index in found.indices { found[index].path.removeFirst(first.count) }
    }
    let texts = found.filter { $0.path.hasSuffix(".txt") && !$0.path.hasPrefix(".") }
    guard !texts.isEmpty else { throw empty }
    guard Set(texts.map(\.path)).count == texts.count else { throw twice }
    for file in texts where String(validating: file.bytes, as: UTF8.self) == nil {
      throw Trouble(
        422, "draft-not-text", "文件 \(file.path) 不是 UTF-8 文本，请另存为 UTF-8 后重新上传。",
        "\(file.path) is no UTF-8 text. Save it as UTF-8 and send it again.", next: .back)
    }
    return texts.sorted { $0.path < $1.path }.map { Pack.File(path: $0.path, bytes: $0.bytes) }
  }

  private static let empty = Trouble(
    422, "draft-empty", "没有收到 .txt 文件。请选择政策包的文件，或包含它们的 zip、tar.gz。",
    "No .txt file came. Choose the pack's files, or a zip or tar.gz of them.", next: .back)
  private static let twice = Trouble(
    422, "draft-twice", "有两个文件的路径相同，请只保留一个。", "Two files have the same path; send one of them.",
    next: .back)
  private static let damaged = Trouble(
    422, "draft-damaged", "压缩包已损坏或格式不支持，请使用 zip、tar 或 tar.gz。",
    "The archive is damaged or of a kind not known here. Send a zip, tar or tar.gz.", next: .back)
  private static let tooLarge = Trouble(
    422, "draft-too-large", "压缩包内文件过多或过大，请只放政策包的文件。",
    "The archive holds too much. Put only the pack's files into it.", next: .back)

  /// Names a draft by what it says.
  package static func digest(_ files: [Pack.File]) -> String {
    var bytes: [UInt8] = []
    for file in files.sorted(by: { $0.path < $1.path }) {
      bytes += Array("\(file.path.utf8.count) \(file.path) \(file.bytes.count)\n".utf8) + file.bytes
    }
    return bytes.withUnsafeBytes { Digester(.sha256).digest($0).description }
  }

  package static func text(_ files: [Pack.File]) -> [UInt8] {
    let kept = files.map {
      Kept(path: $0.path, text: String(decoding: $0.bytes, as: UTF8.self))
    }
    return (try? JSONEncoder().encode(kept)).map { Array($0) } ?? []
  }

  static func files(of text: [UInt8]) -> [Pack.File]? {
    try? JSONDecoder().decode([Kept].self, from: Data(text)).map {
      Pack.File(path: $0.path, bytes: Array($0.text.utf8))
    }
  }
}
