// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A file that is open and may have no name any more; closed when nobody holds it.
package final class OpenFile: Sendable {
  package let descriptor: Int32

  /// Takes the descriptor over.
  package init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Writes all of it at the end; false where that failed.
  package func append(_ bytes: [UInt8]) -> Bool {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        write(descriptor, $0.baseAddress! + written, bytes.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      written += count
    }
    return true
  }
}
