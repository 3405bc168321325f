// SPDX-License-Identifier: Apache-2.0
@main struct Tanpuhui {
  static func main() {}
}
