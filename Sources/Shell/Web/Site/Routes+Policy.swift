// SPDX-License-Identifier: Apache-2.0
import HTTP

/// Points policy: rules and ratios by two persons, budgets, expiry.
extension Routes {
  static let policy: [Route] = [
    Route(
      .get, "/console/{m}/policy", .staff, "积分政策：规则提案", "Points policy: proposals",
      .page(PolicyDesk.list)),
    Route(
      .post, "/console/{m}/policy/drafts", .proposers, "上传政策包草案", "Upload a draft",
      bodyMax: PackUpload.bodyMax, .page(PolicyDesk.upload)),
    Route(
      .get, "/console/{m}/policy/drafts/{number}", .staff, "政策包草案", "One draft",
      .page(PolicyDesk.draft)),
    Route(
      .post, "/console/{m}/policy/drafts/{number}/try", Roles.proposers.union(.deciders), "模拟测算",
      "Try a draft", .page(PolicyDesk.tryOut)),
    Route(
      .get, "/console/{m}/policy/drafts/{number}/result", .staff, "测算结果", "What a draft comes to",
      .page(PolicyDesk.result)),
    Route(
      .get, "/console/{m}/policy/drafts/{number}/result.csv", .staff, "下载测算结果",
      "What a draft comes to, as a table", .page(PolicyDesk.resultTable)),
    Route(
      .post, "/console/{m}/policy/drafts/{number}/propose", .proposers, "提交政策包提案",
      "Propose a draft", .page(PolicyDesk.propose)),
    Route(
      .get, "/console/{m}/policy/proposals/{number}", .staff, "提案", "One proposal",
      .page(PolicyDesk.show)),
    Route(
      .post, "/console/{m}/policy/proposals/{number}", .deciders, "审批提案", "Decide a proposal",
      .page(PolicyDesk.decide)),
    Route(
      .post, "/console/{m}/policy/proposals/{number}/withdraw", .proposers, "撤回提案",
      "Withdraw a proposal", .page(PolicyDesk.withdraw)),
    Route(
      .get, "/console/{m}/policy/ratios", .staff, "兑换比例", "Exchange ratios",
      .page(PolicyDesk.ratios)),
    Route(
      .post, "/console/{m}/policy/ratios", .proposers, "提出兑换比例", "Propose a ratio",
      .page(PolicyDesk.proposeRatio)),
    Route(
      .get, "/console/{m}/policy/budget", .staff, "积分总量", "Budget", .page(PolicyDesk.budget)),
    Route(
      .get, "/console/{m}/policy/expiry", .staff, "积分有效期", "Expiry", .page(PolicyDesk.expiry)),
    Route(
      .post, "/console/{m}/policy/expiry", .proposers, "执行过期处理", "Run expiry",
      .page(PolicyDesk.runExpiry)),
    Route(
      .get, "/{m}/me/points", .citizen, "我的积分批次", "My points by age", .page(CitizenDesk.points)),
  ]
}
