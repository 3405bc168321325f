// SPDX-License-Identifier: Apache-2.0
import HTTP

extension Layout {
  /// `/api`: the description of the API, for reading.
  package static func api(_ visit: Visit, _ routes: [Route]) -> HTML {
    let t = visit.t
    return city(
      visit, title: t("开放接口", "Open API"), place: .api, width: .slim,
      """
      <h1>\(t("开放接口", "Open API"))</h1>
      <p class="soft">\(t("机器可读的描述：", "For machines:")) \
      <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1)</p>
      <section class="card1"><h2>\(t("一小时接入", "Connected in an hour"))</h2>
      <p>\(t("向运营方索取密钥，然后上报一次骑行：", "Ask the operator for a key, then report one ride:"))</p>
      <pre class="code" \
      tabindex="0">curl https://\(t("你的服务器", "your.server"))/api/v1/chengdu/behaviours \\
        -H 'Authorization: Bearer tph_…' \\
        -H 'Content-Type: application/cloudevents-batch+json' \\
        -d '[{"specversion":"1.0","id":"order-1","source":"/bikes","type":"shared-bike",
              "subject":"user-17","time":"2026-03-01T08:15:00+08:00",
              "data":{"distanceMetres":3214,"durationSeconds":840,"vehicle":"bike-07"}}]'</pre>
      <p>\(t("""
        回执在数据落盘之后才发出；同一条事件重复上报不会重复计分，网络中断后放心重发。
        """, """
        The answer comes after the data are on disk; sending the same event again changes \
        nothing, so resend whenever in doubt.
        """))</p>
      <pre class="code" tabindex="0">{"received":1,"accepted":1,"duplicates":0,"waiting":0,
       "quarantined":0,"refused":0,"grams":157,"points":3,"sequence":42,"results":[]}</pre>\
      </section>
      <section class="card1"><h2>\(t("全部接口", "All operations"))</h2>\(
        each: routes, { operation($0, t) })</section>
      <section class="card1"><h2>\(t("出错时", "When something is wrong"))</h2>
      <p>\(t("""
        错误以 application/problem+json（RFC 9457）返回，detail 写明该怎么做。\
        一批中某条有误不影响其他条，逐条结果在 results 中。
        """, """
        Errors come as application/problem+json (RFC 9457); `detail` says what to do. A broken \
        event never harms its neighbours: see `results`.
        """))</p></section>
      """)
  }

  private static func operation(_ route: Route, _ t: Tongue) -> HTML {
    """
    <div class="api-op"><h3><span class="verb\(when: route.method == .post, " post")">\
    \(route.method.rawValue)</span><code>\(OpenAPI.readable(route.pattern))</code></h3>\
    <p class="soft">\(t.plain(route.chinese, route.english)) · \
    \(route.who == .partner ? t("需要平台密钥", "partner's key") : t("公开", "public"))</p></div>
    """
  }
}
