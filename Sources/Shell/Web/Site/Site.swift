// SPDX-License-Identifier: Apache-2.0
// SITE. A request's way from the socket to a page or an answer.
//
//   request ──Routes──▶ route ──┬─ direct (ingest, health, assets): answered on the HTTP thread
//                               └─ page ──▶ Workers: who is it? may they? is the form ours?
//                                              └─▶ handler ──▶ Office, Vault ──▶ view ──▶ reply
//
// Invariants
// - Who may do what stands in the table of routes and is asked in `admit`, and nowhere else.
// - A form is taken only with the token that was given to the same browser.
// - Nothing waits on an HTTP thread: what reads a disk, asks the desk or hashes a password runs on
//   the workers, and answers later.
// - Every answer carries the security headers; a page with somebody's data is never stored.

import Desk
import HTTP
import Outgoing
import Storage
import Units

/// Sends a login code to a phone; the development form shows it on the page instead.
package protocol CodeSender: Sendable {
  func send(code: String, to phone: String) throws
  /// Whether the page may show the code: true for development only.
  var showsOnPage: Bool { get }
}

/// Sends nothing: the code is shown on the page, clearly marked.
package struct DevelopmentSender: CodeSender {
  package init() {}
  package func send(code: String, to phone: String) {}
  package var showsOnPage: Bool { true }
}

package struct SiteSettings: Sendable {
  /// Where Bootstrap's files lie.
  package var assetsFolder: String
  /// Marks and offers what only a development or demo server has.
  package var isDevelopment: Bool
  /// What the pages show was invented by us, and they say so.
  package var isDemo: Bool
  /// Behind TLS: cookies are Secure, and browsers are told to stay with https.
  package var isSecure: Bool
  /// Demo staff's second factor, so that the login page of a demo can show the code.
  package var demoSecondFactor: [UInt8]?
  /// What the login page of a demo says about who can log in.
  package var demoStaff: [String]
  /// Who takes the money of offers that cost points and cash.
  package var payment: any PaymentAdapter = TestPayment()
  /// Where citizens may log in besides by phone.
  package var identityProvider: IdentityProvider?
  /// `https://city.example`: what a browser is to call us, for the way back from there.
  package var publicAddress: String?
  /// Whether `X-Forwarded-For` is written by a proxy of ours.
  package var isBehindProxy = false

  package init(
    assetsFolder: String, isDevelopment: Bool = false, isDemo: Bool = false, isSecure: Bool = false,
    demoSecondFactor: [UInt8]? = nil, demoStaff: [String] = []
  ) {
    self.assetsFolder = assetsFolder
    self.isDevelopment = isDevelopment
    self.isDemo = isDemo
    self.isSecure = isSecure
    self.demoSecondFactor = demoSecondFactor
    self.demoStaff = demoStaff
  }
}

package final class Site: Sendable {
  let offices: [Office]
  let vault: Vault
  let settings: SiteSettings
  let sender: any CodeSender
  let clock: Clock
  let assets: Assets
  let metrics = Metrics()
  let throttle = Throttle()
  /// Codes sent for one network address: sixty an hour, so that nobody sends to all the city.
  let codesByAddress = Throttle(triesMax: 60, window: 3_600_000)
  let identityFlows = IdentityFlows()
  let seen = SignaturesSeen()
  let routes: [Route]
  private let workers: Workers
  private let consents: ConsentRounds
  /// By mechanism: who carries exchanges to other programmes.
  let couriers: [String: ConversionCourier]

  /// `ingest` takes a partner's body of reports and answers itself; it is called on the HTTP
  /// thread.
  package init(
    offices: [Office], vault: Vault, settings: SiteSettings,
    sender: any CodeSender = DevelopmentSender(), clock: @escaping Clock = systemClock,
    ingest: @escaping @Sendable (Office, Request, PartnerKey, Reply) -> Void
  ) {
    self.offices = offices
    self.vault = vault
    self.settings = settings
    self.sender = sender
    self.clock = clock
    assets = Assets(folder: settings.assetsFolder)
    routes = Routes.all(ingest: ingest)
    consents = ConsentRounds(offices, vault, clock)
    couriers = Dictionary(
      uniqueKeysWithValues: offices.map { ($0.code, ConversionCourier($0, vault, clock)) })
    workers = Workers(count: 4)
  }

  package func stop() {
    workers.stop()
    for office in offices {
      office.checkup.stop()
      office.rehearsal.stop()
    }
    consents.stop()
    for courier in couriers.values { courier.stop() }
  }

  package func office(_ code: String) -> Office? { offices.first { $0.code == code } }

  /// What the server may take as a body, by route.
  package func bodyMax(_ method: Method, _ path: String) -> Int {
    guard case .found(let route, _) = find(method, path) else { return 4096 }
    return route.bodyMax
  }

  /// The handler of the HTTP server.
  package func handle(_ request: Request, _ reply: Reply) {
    let began = clock()
    if let asset = assets.response(to: request) { return reply.send(asset) }
    switch find(request.method, request.path) {
    case .found(let route, let values):
      let call = Call(site: self, request: request, route: route, values: values, now: began)
      if case .direct(let handler) = route.handler {
        answerDirectly(call, handler, reply)
        metrics.count(route, 200, clock().milliseconds - began.milliseconds)
        return
      }
      let taken = workers.submit {
        let response = self.respond(call)
        self.metrics.count(route, response.status, self.clock().milliseconds - began.milliseconds)
        reply.send(response)
      }
      if !taken { reply.send(finish(call, call.page(.busy))) }
    case .wrongMethod(let allowed):
      let call = Call(site: self, request: request, route: Routes.none, values: [:], now: began)
      var response = call.page(.wrongMethod(allowed))
      response["Allow"] = allowed.joined(separator: ", ")
      reply.send(finish(call, response))
    case .none:
      let call = Call(site: self, request: request, route: Routes.none, values: [:], now: began)
      reply.send(finish(call, call.page(.notFound)))
    }
  }

  private func answerDirectly(
    _ call: Call, _ handler: @Sendable (Call, Reply) -> Void, _ reply: Reply
  ) {
    var call = call
    do {
      call.actor = try admit(call)
      handler(call, reply)
    } catch {
      reply.send(finish(call, call.response(to: error)))
    }
  }

  private func respond(_ call: Call) -> Response {
    var call = call
    do {
      call.actor = try admit(call)
      try checkForm(&call)
      guard case .page(let handler) = call.route.handler else { return call.page(.notFound) }
      return finish(call, try handler(call))
    } catch {
      return finish(call, call.response(to: error))
    }
  }

  enum Found {
    case found(Route, [String: String])
    case wrongMethod([String])
    case none
  }

  func find(_ method: Method, _ path: String) -> Found {
    let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
      .map(String.init)
    let asked = method == .head ? Method.get : method
    var allowed: [String] = []
    for route in routes {
      guard let values = route.match(segments) else { continue }
      if route.method == asked { return .found(route, values) }
      allowed.append(route.method.rawValue)
    }
    return allowed.isEmpty ? .none : .wrongMethod(allowed)
  }
}
