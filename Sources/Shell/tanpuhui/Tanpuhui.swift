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
import Journal

@main struct Tanpuhui {
  static func main() {
    signal(SIGPIPE, SIG_IGN)
    // A limit on the size of files is told as an error of the write, as a full disk is.
    signal(SIGXFSZ, SIG_IGN)
    switch Arguments.parse(Array(CommandLine.arguments.dropFirst())) {
    case .help(let text):
      print(text)
    case .refuse(let sentence):
      complain("tanpuhui: \(sentence)\n")
      exit(2)
    case .run(let arguments):
      do {
        exit(try run(arguments) ? 0 : 1)
      } catch {
        complain("tanpuhui: \(error)\n")
        exit(1)
      }
    }
  }

  /// Whether all is well.
  private static func run(_ arguments: Arguments) throws -> Bool {
    switch arguments.command {
    case .initialise: try initialise(arguments)
    case .serve: try serve(arguments)
    case .partnerAdd: try addPartner(arguments)
    case .partnerSet: try setPartner(arguments)
    case .staffAdd: try addStaff(arguments)
    case .import: try importTable(arguments)
    case .verify: try verify(arguments)
    case .export: try export(arguments)
    case .replay: try replay(arguments)
    case .packCheck: try checkPack(arguments)
    case .packPropose: try proposePack(arguments)
    case .expire: try expire(arguments)
    case .programmeConnect: try connectProgramme(arguments)
    case .programmeReconcile: try reconcileDay(arguments)
    case .demo: try demo(arguments)
    case .bench: try bench(arguments)
    case .version: version(arguments)
    }
  }
}

/// Progress and complaints go to standard error, so that standard output stays the answer.
func complain(_ text: String) {
  var text = text
  text.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
}
