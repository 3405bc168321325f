// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing

@testable import HTTP

/// Forms with files, and archives in them.
@Suite struct MultipartTests {
  private func request(_ body: String, boundary: String = "x") -> Request {
    Request(
      .post, "/up", headers: [("Content-Type", "multipart/form-data; boundary=\(boundary)")],
      body: Array(body.replacing("\n", with: "\r\n").utf8))!
  }

  @Test func fieldsAndFilesAreReadAsTheyCame() throws {
    let parts = try #require(
      request(
        """
        --x
        Content-Disposition: form-data; name="csrf"

        abc
        --x
        Content-Disposition: form-data; name="files"; filename="city/a \\"b\\".txt"
        Content-Type: text/plain

        one
        -x- is no mark

        --x--

        """
      ).parts())
    #expect(parts.map(\.name) == ["csrf", "files"])
    #expect(parts.map(\.fileName) == [nil, "city/a \"b\".txt"])
    #expect(String(decoding: parts[1].bytes, as: UTF8.self) == "one\r\n-x- is no mark\r\n")
  }

  @Test func aFormsPlainFieldsAreItsFields() {
    let form = request(
      "--x\nContent-Disposition: form-data; name=\"a\"\n\n1\n--x\n"
        + "Content-Disposition: form-data; name=\"f\"; filename=\"f\"\n\n2\n--x--\n"
    ).form()
    #expect(form?["a"] == "1" && form?["f"] == nil)
  }

  @Test(arguments: [
    "", "--x\n", "--x", "--x\nContent-Disposition: form-data\n\n1\n--x--",
    "--x\nContent-Disposition: form-data; name=\"a\"\n\n1\n",
    "--x\nContent-Disposition: form-data; name=\"a\"\n--x--",
  ])
  func whatIsCutShortIsNoForm(_ body: String) {
    #expect(request(body).parts() == nil)
  }

  /// A text of 240 bytes, packed, and a short one; made by Python's zipfile and tarfile.
  private static let zip = """
    UEsDBBQAAAAIAAAAIVyT5pipEQAAAPAAAAANAAAAY2l0eS9wYWNrLnR4dMtNTc5IzMsszlVI5ModAWwAUEsD\
    BBQAAAAAAAAAIVyPj/TGCgAAAAoAAAARAAAAY2l0eS9zY2VuZXMvYS50eHRzY2VuZSDnlLIKUEsBAhQDFAAA\
    AAgAAAAhXJPmmKkRAAAA8AAAAA0AAAAAAAAAAAAAAIABAAAAAGNpdHkvcGFjay50eHRQSwECFAMUAAAAAAAA\
    ACFcj4/0xgoAAAAKAAAAEQAAAAAAAAAAAAAAgAE8AAAAY2l0eS9zY2VuZXMvYS50eHRQSwUGAAAAAAIAAgB6\
    AAAAdQAAAAAA
    """
  private static let tar = """
    H4sIAAAAAAACA+3UwQnCMBSA4ZydIhPYFxPaeUIIWKRFTATdw0lcyjVMcxF78dSC9P8u75FLDuFP6PO9Oftw\
    2udbVsuQonWuzmI+xbafvZ4bsZ1VWtQKrin7S7lebdMQw9GPfRq0321hV/gSpv5TiGNMjV/oD/jVv5jDrH9j\
    XEf/a6hPr1+PJ2UAAAAAAAAAAAAAAAD8pTcfgwbWACgAAA==
    """

  @Test(arguments: [zip, tar])
  func archivesOfAFolderAreRead(_ text: String) throws {
    let bytes = Array(try #require(Data(base64Encoded: text)))
    let folder = try #require(try PackedFolder(bytes))
    #expect(folder.files.map(\.path) == ["pack.txt", "scenes/a.txt"])
    #expect(folder.files[0].bytes.count == 240)
    #expect(String(decoding: folder.files[1].bytes, as: UTF8.self) == "scene 甲\n")
    // Cut anywhere, it is refused or no archive, and nothing traps.
    for end in stride(from: 0, to: bytes.count - 1, by: 7) {
      let cut = Array(bytes[..<end])
      #expect((try? PackedFolder(cut))?.map(\.files.count) != 2 || end > bytes.count - 9)
    }
    // A byte changed anywhere does not trap either.
    for at in bytes.indices {
      var other = bytes
      other[at] ^= 0x55
      _ = try? PackedFolder(other)
    }
  }

  @Test func aTextIsNoArchive() throws {
    #expect(try PackedFolder(Array("mechanism a".utf8)) == nil)
    #expect(try PackedFolder([]) == nil)
  }
}
