// SPDX-License-Identifier: Apache-2.0
import HTTP

extension Roles {
  /// Who may open cases, propose and confirm measures, and answer letters.
  static let caretakers: Roles = [.operators, .reviewer]
  /// Who may decide an appeal; that it is somebody new to the case is the Core's to see.
  static let appealJudges: Roles = [.operators, .reviewer, .regulator]
}

/// 处理措施与申诉、缺失申诉、建言献策: sanctions and care.
extension Routes {
  static let care: [Route] = [
    Route(
      .get, "/console/{m}/cases", .staff, "个案与处理措施", "Cases and measures",
      .page(CaseDesk.list)),
    Route(.post, "/console/{m}/cases", .caretakers, "立案", "Open a case", .page(CaseDesk.open)),
    Route(
      .post, "/console/{m}/cases/run", .caretakers, "执行风险筛查", "Run the risk rules",
      .page(CaseDesk.run)),
    Route(.get, "/console/{m}/cases/{number}", .staff, "个案", "One case", .page(CaseDesk.show)),
    Route(
      .post, "/console/{m}/cases/{number}/measures", .caretakers, "提出处理措施",
      "Propose a measure", .page(CaseDesk.propose)),
    Route(
      .post, "/console/{m}/cases/{number}/measures/{id}", .caretakers, "确认、否决或撤回措施",
      "Confirm, reject or withdraw a measure", .page(CaseDesk.rule)),
    Route(
      .post, "/console/{m}/cases/{number}/appeals/{id}", .appealJudges, "裁决申诉",
      "Decide an appeal", .page(CaseDesk.judge)),
    Route(
      .post, "/console/{m}/cases/{number}/close", .caretakers, "结案", "Close a case",
      .page(CaseDesk.close)),
    Route(
      .get, "/console/{m}/letters", .staff, "缺失申诉与来信", "Claims and letters",
      .page(LetterDesk.list)),
    Route(
      .get, "/console/{m}/letters/{number}", .staff, "来信", "One letter",
      .page(LetterDesk.show)),
    Route(
      .post, "/console/{m}/letters/{number}", .caretakers, "答复来信", "Answer a letter",
      .page(LetterDesk.answer)),
    Route(
      .get, "/{m}/me/cases", .citizen, "我的处理措施与申诉", "Measures about me",
      .page(CareDesk.cases)),
    Route(
      .get, "/{m}/me/cases/{number}", .citizen, "处理措施与申诉", "One case about me",
      .page(CareDesk.showCase)),
    Route(
      .post, "/{m}/me/cases/{number}/appeal/{id}", .citizen, "提出申诉", "Appeal",
      .page(CareDesk.appeal)),
    Route(
      .post, "/{m}/me/cases/{number}/repay/{id}", .citizen, "偿还积分", "Repay points",
      .page(CareDesk.repay)),
    Route(
      .get, "/{m}/me/letters", .citizen, "缺失申诉与建言献策", "Claims and suggestions",
      .page(CareDesk.letters)),
    Route(
      .post, "/{m}/me/letters", .citizen, "提交申诉或建议", "Send a claim or suggestion",
      .page(CareDesk.file)),
    Route(
      .get, "/{m}/me/letters/{number}", .citizen, "我的来信", "One of my letters",
      .page(CareDesk.letter)),
    Route(
      .post, "/{m}/me/letters/{number}", .citizen, "补充说明", "Write again",
      .page(CareDesk.writeAgain)),
    Route(
      .get, "/api/v1/{m}/claims", .partner, "本平台的缺失申诉", "Claims about this partner",
      .page(Program.claims)),
  ]
}
