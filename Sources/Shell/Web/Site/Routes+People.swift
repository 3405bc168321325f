// SPDX-License-Identifier: Apache-2.0
import HTTP
import Membership

extension Routes {
  /// Citizens: consents, data, children, organisations.
  static let citizenPeople: [Route] = [
    Route(
      .get, "/login/identity", .anyone, "统一身份登录", "Log in by an identity server",
      .page(IdentityDesk.begin)),
    Route(
      .get, "/login/identity/return", .anyone, "统一身份登录返回", "Back from the identity server",
      .page(IdentityDesk.finish)),
    Route(.get, "/{m}/me/links", .citizen, "场景授权", "Consents", .page(ConsentDesk.show)),
    Route(.post, "/{m}/me/links", .citizen, "绑定平台", "Link a partner", .page(ConsentDesk.link)),
    Route(
      .post, "/{m}/me/links/remove", .citizen, "撤回授权", "Unlink a partner",
      .page(ConsentDesk.unlink)),
    Route(
      .post, "/{m}/me/consents", .citizen, "同意或撤回（接收方）", "Agree or withdraw (receiver)",
      .page(ConsentDesk.receiver)),
    Route(
      .post, "/{m}/me/consents/renew", .citizen, "同意新文本", "Agree to a new text",
      .page(ConsentDesk.renew)),
    Route(.get, "/{m}/me/data", .citizen, "我的数据", "My data", .page(DataDesk.show)),
    Route(.get, "/{m}/me/data.json", .citizen, "导出数据", "Export my data", .page(DataDesk.export)),
    Route(.get, "/{m}/me/record", .citizen, "个人数据全录", "All my data", .page(DataDesk.readable)),
    Route(.post, "/{m}/me/close", .citizen, "注销账户", "Close the account", .page(DataDesk.close)),
    Route(.get, "/{m}/me/children", .citizen, "孩子的账户", "Children", .page(GuardianDesk.show)),
    Route(
      .post, "/{m}/me/children", .citizen, "监护人同意", "A guardian agrees",
      .page(GuardianDesk.agree)),
    Route(
      .get, "/{m}/me/children/{number}", .citizen, "孩子的账户（一个）", "A child's account",
      .page(GuardianDesk.child)),
    Route(
      .get, "/{m}/me/children/{number}/data.json", .citizen, "导出孩子的数据", "Export a child's data",
      .page(GuardianDesk.export)),
    Route(
      .post, "/{m}/me/children/{number}/close", .citizen, "注销孩子的账户", "Close a child's account",
      .page(GuardianDesk.close)),
    Route(
      .get, "/{m}/me/organisations", .citizen, "我的组织与家庭", "My organisations",
      .page(OrganisationDesk.mine)),
    Route(
      .post, "/{m}/me/organisations", .citizen, "申请成立组织", "Apply to found one",
      .page(OrganisationDesk.apply)),
    Route(
      .post, "/{m}/me/organisations/join", .citizen, "凭邀请码加入", "Join by a code",
      .page(OrganisationDesk.join)),
    Route(
      .post, "/{m}/me/organisations/request", .citizen, "申请加入", "Ask to be a member",
      .page(OrganisationDesk.request)),
    Route(
      .get, "/{m}/organisations/{id}", .citizen, "组织主页", "An organisation",
      .page(OrganisationDesk.show)
    ).within(.member),
    Route(
      .post, "/{m}/organisations/{id}/leave", .citizen, "退出组织", "Leave it",
      .page(OrganisationDesk.leave)
    ).within(.member),
    Route(
      .get, "/{m}/organisations/{id}/members", .citizen, "组织成员", "Members",
      .page(OrganisationDesk.members)
    ).within(.delegate(.view)),
    Route(
      .post, "/{m}/organisations/{id}/invitations", .citizen, "生成邀请码", "Make an invitation",
      .page(OrganisationDesk.invite)
    ).within(.delegate(.act)),
    Route(
      .post, "/{m}/organisations/{id}/requests", .citizen, "处理加入申请", "Answer a request",
      .page(OrganisationDesk.answer)
    ).within(.delegate(.act)),
    Route(
      .post, "/{m}/organisations/{id}/members", .citizen, "变更成员权限", "Change a member",
      .page(OrganisationDesk.changeMember)
    ).within(.delegate(.administer)),
  ]

  /// Staff.
  static let consoleOfPeople: [Route] = [
    Route(
      .get, "/console/password", .anyone, "修改密码页", "Change a password (page)",
      .page(StaffPasswordDesk.show)),
    Route(
      .post, "/console/password", .anyone, "修改密码", "Change a password",
      .page(StaffPasswordDesk.change)),
    Route(
      .get, "/console/{m}/organisations", .staff, "组织与申请", "Organisations",
      .page(OrganisationOffice.list)),
    Route(
      .get, "/console/{m}/organisations/{id}", .staff, "组织", "One organisation",
      .page(OrganisationOffice.show)),
    Route(
      .post, "/console/{m}/organisations/{id}", [.operators, .administrator], "变更组织",
      "Change an organisation", .page(OrganisationOffice.change)),
    Route(
      .get, "/console/{m}/applications/{number}", .staff, "组织申请", "One application",
      .page(OrganisationOffice.application)),
    Route(
      .post, "/console/{m}/applications/{number}", [.operators, .administrator], "审批组织申请",
      "Decide an application", .page(OrganisationOffice.decide)),
  ]
}
