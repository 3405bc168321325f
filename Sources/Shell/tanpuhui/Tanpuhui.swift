// SPDX-License-Identifier: Apache-2.0
// TANPUHUI. The program: words of the command line in, one command run, an exit status out.
//
//   words ─▶ Arguments ─▶ Command ─▶ its body ─▶ status
//
//   status: 0 all is well, 1 it failed, 2 not understood
//
// Everything is wired here by hand; no room below knows of flags or of the environment. Standard
// output is the answer, standard error is progress and complaints.

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
      complain("tanpuhui: \(arguments.command.rawValue) is not part of this build yet.\n")
      exit(1)
    }
  }
}

/// Progress and complaints go to standard error, so that standard output stays the answer.
func complain(_ text: String) {
  var text = text
  text.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
}
