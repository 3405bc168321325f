// SPDX-License-Identifier: Apache-2.0
import Desk
import HTTP
import Storage

/// The table of all addresses. Who may what stands here and nowhere else; the description of the
/// API and the test of every route by every role are made from it. Fixed addresses come before
/// braces.
package enum Routes {
  package typealias Ingest = @Sendable (Office, Request, PartnerKey, Reply) -> Void

  static func all(ingest: @escaping Ingest) -> [Route] {
    program(ingest) + partners + console + consoleOfPeople + consoleOfMechanism + citizen
      + citizenPeople + mall + policy + recognition + care + app + people
  }

  /// Stands in where no route was found.
  static let none = Route(
    .get, "/", .anyone, "没有这个地址", "no such address", .page { $0.page(.notFound) })

  /// For programs.
  private static func program(_ ingest: @escaping Ingest) -> [Route] {
    [
      Route(
        .post, "/api/v1/{m}/behaviours", .partner, "上报低碳行为", "Report behaviours",
        bodyMax: 64 << 20,
        .direct { call, reply in
          guard case .partner(let key) = call.actor, let office = try? call.office() else {
            return reply.send(call.site.finish(call, call.page(.noMechanism)))
          }
          ingest(office, call.request, key, reply)
        }),
      Route(
        .get, "/api/v1/{m}/head", .anyone, "签名树头", "Signed head", .page(Program.head)),
      Route(
        .get, "/api/v1/{m}/proofs/{fact}", .anyone, "存在性证明", "Proof of inclusion",
        .page(Program.proof)),
      Route(
        .get, "/api/v1/{m}/consistency", .anyone, "一致性证明", "Proof of consistency",
        .page(Program.consistency)),
      Route(
        .get, "/api/v1/{m}/scenes", .anyone, "低碳场景与规则", "Scenes and rules",
        .page(Program.scenes)),
      Route(
        .get, "/api/v1/{m}/totals", .anyone, "累计数据", "Totals", .page(Program.totals)),
      Route(
        .get, "/openapi.json", .anyone, "接口描述", "Description of this API",
        .page { call in
          var response = Response.json(OpenAPI.document(call.site.routes).bytes)
          response["Cache-Control"] = "no-cache"
          return response
        }),
      Route(
        .get, "/healthz", .anyone, "健康检查", "Health",
        .direct { call, reply in reply.send(call.site.finish(call, .text("ok\n"))) }),
      Route(
        .get, "/metrics", .anyone, "运行指标", "Metrics",
        .page { call in
          Response.bytes(
            Array(call.site.metrics.text(call.site.offices).utf8),
            type: "text/plain; version=0.0.4; charset=utf-8")
        }),
    ]
  }

  /// Staff, apart from any mechanism.
  private static let console: [Route] = [
    Route(
      .get, "/console/login", .anyone, "工作人员登录页", "Staff login page", .page(StaffDesk.loginPage)),
    Route(.post, "/console/login", .anyone, "工作人员登录", "Staff login", .page(StaffDesk.login)),
    Route(
      .post, "/console/logout", [.staff, .newcomer, .merchant], "退出工作台", "Staff logout",
      .page(StaffDesk.logout)),
    Route(
      .get, "/console/second-factor", .newcomer, "绑定身份验证器页", "Enrolment page",
      .page(StaffDesk.enrolmentPage)),
    Route(
      .post, "/console/second-factor", .newcomer, "绑定身份验证器", "Enrol a second factor",
      .page(StaffDesk.enrol)),
    Route(
      .get, "/console", [.staff, .merchant], "工作台首页", "Console", .page(StaffDesk.home)),
    Route(.get, "/console/staff", .administrator, "人员与角色", "Staff", .page(StaffDesk.people)),
    Route(.post, "/console/staff", .administrator, "新建人员", "Add staff", .page(StaffDesk.addPerson)),
    Route(
      .get, "/console/staff/{id}", .administrator, "人员", "One of the staff",
      .page(StaffDesk.person)),
    Route(
      .post, "/console/staff/{id}", .administrator, "变更角色", "Change roles",
      .page(StaffDesk.changePerson)),
    Route(
      .post, "/console/staff/{id}/password", .administrator, "重设密码", "Set a password",
      .page(StaffDesk.setPassword)),
    Route(
      .post, "/console/staff/{id}/second-factor", .administrator, "移除第二因素",
      "Remove a second factor", .page(StaffDesk.removeSecondFactor)),
    Route(
      .get, "/console/log", [.administrator, .auditor, .regulator], "操作日志", "Operations log",
      .page(StaffDesk.log)),
  ]

  /// Staff, within a mechanism.
  private static let consoleOfMechanism: [Route] = [
    Route(.get, "/console/{m}", .staff, "机制工作台", "Dashboard", .page(MechanismDesk.dashboard)),
    Route(.get, "/console/{m}/batches", .staff, "上报批次", "Batches", .page(BatchDesk.list)),
    Route(
      .get, "/console/{m}/unread", .staff, "无法读取的数据", "What could not be read",
      .page(BatchDesk.unread)),
    Route(
      .get, "/console/{m}/batches/{number}", .staff, "批次逐条结果", "One batch",
      .page(BatchDesk.show)),
    Route(
      .get, "/console/{m}/quarantine", .staff, "待审核数据", "Quarantine",
      .page(MechanismDesk.quarantine)),
    Route(
      .get, "/console/{m}/decisions", .staff, "审核记录", "What was decided",
      .page(BatchDesk.decisions)),
    Route(
      .get, "/console/{m}/quarantine/{fact}", .staff, "待审核的一条", "One held report",
      .page(MechanismDesk.held)),
    Route(
      .post, "/console/{m}/quarantine/{fact}", .reviewer, "放行或驳回", "Release or reject",
      .page(MechanismDesk.judge)),
    Route(.get, "/console/{m}/waiting", .staff, "待入账", "Waiting", .page(MechanismDesk.waiting)),
    Route(.get, "/console/{m}/packs", .staff, "政策包与规则", "Packs", .page(MechanismDesk.packs)),
    Route(
      .get, "/console/{m}/packs/{number}", .staff, "政策包版本", "One pack version",
      .page(MechanismDesk.packVersion)),
    Route(.get, "/console/{m}/journal", .staff, "账本与核验", "Journal", .page(JournalDesk.show)),
    Route(
      .post, "/console/{m}/journal/verify", [.auditor, .regulator, .operators, .administrator],
      "核验账本", "Verify the journal", .page(JournalDesk.verify)),
    Route(
      .get, "/console/{m}/partners", .staff, "接入平台与密钥", "Partners",
      .page(PartnerDesk.list)),
    Route(
      .post, "/console/{m}/partners", .administrator, "新建接入平台", "Add a partner",
      .page(PartnerDesk.add)),
    Route(
      .get, "/console/{m}/partners/{code}", .staff, "接入平台", "One partner",
      .page(PartnerDesk.show)),
    Route(
      .post, "/console/{m}/partners/{code}", .administrator, "变更授权", "Change a partner",
      .page(PartnerDesk.change)),
    Route(
      .post, "/console/{m}/partners/{code}/keys", .administrator, "生成密钥", "Make a key",
      .page(PartnerDesk.makeKey)),
    Route(
      .post, "/console/{m}/partners/{code}/keys/revoke", .administrator, "吊销密钥", "Revoke a key",
      .page(PartnerDesk.revokeKey)),
  ]

  /// Citizens.
  private static let citizen: [Route] = [
    Route(.get, "/login", .anyone, "登录页", "Login page", .page(CitizenDesk.loginPage)),
    Route(.post, "/login", .anyone, "获取验证码", "Ask for a code", .page(CitizenDesk.sendCode)),
    Route(.post, "/login/code", .anyone, "用验证码登录", "Log in", .page(CitizenDesk.login)),
    Route(.post, "/logout", .citizen, "退出登录", "Log out", .page(CitizenDesk.logout)),
    Route(.get, "/me", .citizen, "我的碳账户（选择机制）", "My accounts", .page(CitizenDesk.home)),
    Route(.get, "/{m}/me", .citizen, "我的碳账户", "My account", .page(CitizenDesk.account)),
    Route(.post, "/{m}/me/open", .citizen, "开通碳账户", "Open an account", .page(CitizenDesk.open)),
    Route(
      .post, "/{m}/me/claim", .citizen, "认领匿名账户", "Take over an account", .page(CitizenDesk.claim)),
    Route(
      .get, "/{m}/me/entries/{fact}", .citizen, "查看计算", "How an entry was computed",
      .page(CitizenDesk.entry)),
  ]

  /// Everybody.
  private static let people: [Route] = [
    Route(.get, "/", .anyone, "首页", "First page", .page(PublicDesk.home)),
    Route(.get, "/language", .anyone, "切换语言", "Choose a language", .page(PublicDesk.language)),
    Route(.get, "/api", .anyone, "开放接口说明", "The API, for reading", .page(PublicDesk.api)),
    Route(.get, "/{m}", .anyone, "机制首页（跳转）", "Mechanism (redirect)", .page(PublicDesk.slash)),
    Route(.get, "/{m}/", .anyone, "机制首页", "Mechanism", .page(PublicDesk.overview)),
    Route(.get, "/{m}/scenes", .anyone, "低碳场景", "Scenes", .page(PublicDesk.scenes)),
    Route(.get, "/{m}/scenes/{code}", .anyone, "场景规则", "One scene", .page(PublicDesk.scene)),
    Route(
      .get, "/{m}/transparency", .anyone, "公开透明", "Open books", .page(PublicDesk.transparency)),
    Route(.get, "/{m}/proof", .anyone, "查询证明", "Find a proof", .page(PublicDesk.findProof)),
    Route(
      .get, "/{m}/proof/{fact}", .anyone, "存在性证明页", "Proof, for reading", .page(PublicDesk.proof)),
    Route(.get, "/{m}/keys/{file}", .anyone, "公钥", "Public key", .page(PublicDesk.publicKey)),
  ]
}
