// SPDX-License-Identifier: Apache-2.0
extension Tanpuhui {
  static func serve(_ arguments: Arguments) throws -> Bool { false }
  static func demo(_ arguments: Arguments) throws -> Bool { false }
  static func bench(_ arguments: Arguments) throws -> Bool { false }
}
