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
  ]
}
