// SPDX-License-Identifier: Apache-2.0
@main struct Tanpuhui {
  static func main() {
    let arguments = CommandLine.arguments
    CoreBench(citizens: Int(arguments[1])!, events: Int(arguments[2])!).run()
  }
}
