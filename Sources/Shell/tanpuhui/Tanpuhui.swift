// SPDX-License-Identifier: Apache-2.0
import Glibc

@main struct Tanpuhui {
  static func main() {
    switch Arguments.parse(Array(CommandLine.arguments.dropFirst())) {
    case .help(let text):
      print(text)
    case .refuse(let sentence):
      complain("tanpuhui: \(sentence)\n")
      exit(2)
    case .run(let arguments):
      complain("tanpuhui: \(arguments.command.rawValue) is not wired yet\n")
      exit(1)
    }
  }
}

/// Progress and complaints go to standard error, so that standard output stays the answer.
func complain(_ text: String) {
  var text = text
  text.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
}
