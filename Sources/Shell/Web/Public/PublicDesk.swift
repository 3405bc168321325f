// SPDX-License-Identifier: Apache-2.0
import HTTP
import Policy
import Storage
import Units

/// Pages for everybody.
enum PublicDesk {
  static func home(_ call: Call) throws -> Response {
    let cards = call.site.cities.map { office in
      MechanismCard(
        badge: office.badge(call.t), document: (try? office.pack())?.document.title ?? "",
        totals: office.totals())
    }
    return call.html(Layout.home(call.visit(), cards))
  }

  static func slash(_ call: Call) throws -> Response {
    let office = try call.office()
    return call.go("/\(Link("\(office.code)"))/")
  }

  static func overview(_ call: Call) throws -> Response {
    let office = try call.office()
    let days = try office.days(30)
    let model = Overview(
      pack: try office.pack(), totals: office.totals(), days: days, today: days.last)
    return call.html(Layout.overview(call.visit(office), model))
  }

  static func scenes(_ call: Call) throws -> Response {
    let office = try call.office()
    return call.html(Layout.scenes(call.visit(office), try office.pack(), office.totals()))
  }

  static func scene(_ call: Call) throws -> Response {
    let office = try call.office()
    let pack = try office.pack()
    guard let scene = pack.scene(call.values["code"] ?? "") else { throw Trouble.noScene }
    return call.html(Layout.scene(call.visit(office), scene, pack))
  }

  static func transparency(_ call: Call) throws -> Response {
    let office = try call.office()
    return call.html(
      Layout.transparency(
        call.visit(office), code: office.code, head: office.signed(office.head()),
        adoptions: office.adoptionRows()))
  }

  static func findProof(_ call: Call) throws -> Response {
    let office = try call.office()
    guard let fact = call.request.query["fact"].flatMap({ UInt64($0) }) else {
      throw Trouble.noFact
    }
    return call.go("/\(Link("\(office.code)"))/proof/\(Link("\(fact)"))")
  }

  static func proof(_ call: Call) throws -> Response {
    let office = try call.office()
    guard let (proof, time, kind) = try office.proof(of: FactNumber(try call.number("fact"))) else {
      throw Trouble.noFact
    }
    return call.html(
      Layout.proof(call.visit(office), code: office.code, proof: proof, time: time, kind: kind))
  }

  static func publicKey(_ call: Call) throws -> Response {
    let office = try call.office()
    let algorithm: SignatureAlgorithm
    switch call.values["file"] {
    case "ed25519.pem": algorithm = .ed25519
    case "sm2.pem": algorithm = .sm2
    default: throw Trouble.notFound
    }
    return .bytes(Array(office.keys.publicKey(algorithm).utf8), type: "application/x-pem-file")
  }

  static func language(_ call: Call) throws -> Response {
    let chosen = call.request.query["to"].flatMap(Tongue.init(rawValue:)) ?? .chinese
    var response = call.go(call.request.query["back"].flatMap { Link(local: $0) } ?? "/")
    response.headers.append(
      (
        "Set-Cookie",
        call.site.cookie(Site.languageCookie, chosen.rawValue, seconds: 31_536_000)
      ))
    return response
  }

  static func api(_ call: Call) throws -> Response {
    call.html(Layout.api(call.visit(), call.site.routes.filter(\.isAPI)))
  }
}
