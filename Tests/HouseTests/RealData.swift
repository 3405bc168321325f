// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The shared test data: real files that are not ours to republish, so they lie beside the
/// repository, in `shared/data` next to it or above it, or where TANPUHUI_DATA says.
enum RealData {
  /// A file's path; nil where it is not there, which is then said loudly.
  static func path(_ name: String, for test: String) -> String? {
    var places: [String] = []
    if let told = getenv("TANPUHUI_DATA") { places.append(String(cString: told)) }
    var folder = #filePath.split(separator: "/").dropLast(3)
    while !folder.isEmpty {
      folder = folder.dropLast()
      places.append("/" + (folder + ["shared", "data"]).joined(separator: "/"))
    }
    if let found = places.map({ $0 + "/" + name }).first(where: { access($0, R_OK) == 0 }) {
      return found
    }
    let line =
      "\n*** NOT RUN: \(test)\n*** It reads \(name), which is not here. Put the shared data folder "
      + "beside the repository, or name it: TANPUHUI_DATA=/path/to/data ./run check\n\n"
    line.withCString { _ = write(2, $0, strlen($0)) }
    return nil
  }

  /// The repository's own folder.
  static var repository: String {
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  }
}
