// SPDX-License-Identifier: Apache-2.0
import HTTP

/// Points of other programmes: their servers, citizens, staff.
extension Routes {
  static let recognition: [Route] = [
    Route(
      .post, "/api/v1/{m}/programmes/{programme}/exchanges/{exchange}/prepare", .programme,
      "互认：预备", "Promise an exchange", .page(Program.prepare)),
    Route(
      .post, "/api/v1/{m}/programmes/{programme}/exchanges/{exchange}/confirm", .programme,
      "互认：确认", "Confirm an exchange", .page(Program.confirm)),
    Route(
      .post, "/api/v1/{m}/programmes/{programme}/exchanges/{exchange}/cancel", .programme,
      "互认：取消", "Cancel an exchange", .page(Program.cancel)),
    Route(
      .get, "/api/v1/{m}/programmes/{programme}/exchanges/{exchange}", .programme,
      "互认：查询", "What became of an exchange", .page(Program.query)),
    Route(
      .get, "/api/v1/{m}/programmes/{programme}/days/{day}", .programme, "互认：日对账文件",
      "A day's exchanges", .page(Program.dayFile)),
    Route(
      .get, "/{m}/me/recognition", .citizen, "积分互认", "Other programmes",
      .page(RecognitionDesk.list)),
    Route(
      .get, "/{m}/me/recognition/{programme}", .citizen, "与一个项目互认", "One programme",
      .page(RecognitionDesk.show)),
    Route(
      .post, "/{m}/me/recognition/{programme}", .citizen, "积分兑换", "Exchange points",
      .page(RecognitionDesk.exchange)),
    Route(
      .post, "/{m}/me/recognition/{programme}/link", .citizen, "绑定互认会员", "Link a member",
      .page(RecognitionDesk.link)),
    Route(
      .post, "/{m}/me/recognition/{programme}/unlink", .citizen, "解除互认绑定", "Unlink a member",
      .page(RecognitionDesk.unlink)),
    Route(
      .get, "/{m}/me/recognition/{programme}/{number}", .citizen, "一笔互认", "One exchange",
      .page(RecognitionDesk.one)),
    Route(
      .get, "/console/{m}/recognition", .staff, "积分互认项目", "Programmes",
      .page(RecognitionOffice.list)),
    Route(
      .get, "/console/{m}/recognition/{programme}", .staff, "互认项目", "One programme, for staff",
      .page(RecognitionOffice.show)),
    Route(
      .post, "/console/{m}/recognition/{programme}/connect", .administrator, "设置互认接口",
      "Connect a programme", .page(RecognitionOffice.connect)),
    Route(
      .get, "/console/{m}/recognition/{programme}/days/{day}", .staff, "互认日对账", "One day",
      .page(RecognitionOffice.day)),
    Route(
      .post, "/console/{m}/recognition/{programme}/days/{day}", .operators, "上传对方日文件",
      "Compare a day's file", bodyMax: DayFile.bytesMax, .page(RecognitionOffice.reconcile)),
    Route(
      .get, "/console/{m}/recognition/{programme}/days/{day}/file.csv", .staff, "下载本方日文件",
      "Our file of a day", .page(RecognitionOffice.file)),
  ]
}
