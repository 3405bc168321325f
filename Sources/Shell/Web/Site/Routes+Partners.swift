// SPDX-License-Identifier: Apache-2.0
import HTTP
import Storage

// What a partner does besides reporting, and staff's pages about it.
extension Routes {
  static let partners: [Route] = [
    Route(
      .post, "/api/v1/{m}/behaviours/withdrawals", .partner, "撤回已上报的行为",
      "Withdraw reported behaviours", bodyMax: RecallDesk.bodyMax, .page(RecallDesk.withdraw)),
    Route(
      .post, "/api/v1/{m}/behaviours/corrections", .partner, "更正已上报的行为",
      "Correct reported behaviours", bodyMax: RecallDesk.bodyMax, .page(RecallDesk.correct)),
    Route(
      .get, "/console/{m}/partners/{code}/receipts", .staff, "平台每日合计",
      "A partner's day in sums", .page(PartnerDayDesk.show)),
    Route(
      .get, "/console/{m}/partners/{code}/hooks", .staff, "回调与投递记录",
      "Webhooks and deliveries", .page(HookDesk.show)),
    Route(
      .post, "/console/{m}/partners/{code}/hooks", .administrator, "登记回调地址",
      "Register a webhook", .page(HookDesk.add)),
    Route(
      .post, "/console/{m}/partners/{code}/hooks/end", .administrator, "停用回调地址",
      "End a webhook", .page(HookDesk.end)),
    Route(
      .post, "/console/{m}/partners/{code}/hooks/redeliver", [.administrator, .operators],
      "重新投递", "Deliver again", .page(HookDesk.redeliver)),
    Route(.get, "/{m}/join", .anyone, "申请接入页", "Application form", .page(ApplicationDesk.form)),
    Route(
      .post, "/{m}/join", .anyone, "提交接入申请", "File an application",
      .page(ApplicationDesk.file)),
    Route(
      .get, "/console/{m}/partner-applications", .staff, "接入申请", "Applications",
      .page(ApplicationDesk.list)),
    Route(
      .post, "/console/{m}/partner-applications", [.administrator, .operators], "代为登记接入申请",
      "File an application for somebody", .page(ApplicationDesk.fileByStaff)),
    Route(
      .get, "/console/{m}/partner-applications/{number}", .staff, "一份接入申请", "One application",
      .page(ApplicationDesk.show)),
    Route(
      .post, "/console/{m}/partner-applications/{number}", [.administrator, .operators], "审核接入申请",
      "Decide an application", .page(ApplicationDesk.decide)),
    Route(
      .get, "/api/v1/{m}/dictionary", .anyone, "数据字典", "Field dictionary",
      .page(DictionaryDesk.program)),
    Route(
      .get, "/{m}/dictionary", .anyone, "数据字典页", "Field dictionary, for reading",
      .page(DictionaryDesk.page)),
    Route(
      .get, "/api/v1/{m}/receipts", .partner, "逐条回执", "Receipts of a day",
      .page(ReceiptDesk.list)),
    Route(
      .get, "/api/v1/{m}/receipts/daily", .partner, "每日合计", "A day in sums",
      .page(ReceiptDesk.daily)),
    Route(
      .post, "/api/v1/{m}/reconciliations", .partner, "对账", "Reconcile a day",
      bodyMax: 64 << 20, .page(ReceiptDesk.reconcile)),
    Route(
      .post, "/console/{m}/partners/{code}/signing", .administrator, "登记签名密钥",
      "Add a signing key", .page(PartnerTermsDesk.addVerifier)),
    Route(
      .post, "/console/{m}/partners/{code}/signing/revoke", .administrator, "吊销签名密钥",
      "Revoke a signing key", .page(PartnerTermsDesk.revokeVerifier)),
    Route(
      .post, "/console/{m}/partners/{code}/terms", .administrator, "限流与签名约定",
      "Set a partner's terms", .page(PartnerTermsDesk.setTerms)),
  ]
}
