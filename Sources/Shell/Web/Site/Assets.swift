// SPDX-License-Identifier: Apache-2.0
import Glibc
import HTTP
import Journal

/// Styles and the icon: read once, kept in memory, sent with a tag and a long life. An address with
/// the right version never changes; without one it is asked for again.
struct Assets: Sendable {
  private struct Asset: Sendable {
    var bytes: FixedBytes
    var type: String
    var tag: String
  }
  private let assets: [String: Asset]
  let versions: AssetVersions

  init(folder: String) {
    var assets: [String: Asset] = [:]
    func add(_ name: String, _ bytes: [UInt8], _ type: String) {
      let tag = String(Digester(.sha256).digest(bytes).description.prefix(16))
      assets[name] = Asset(bytes: FixedBytes(keeping: bytes), type: type, tag: tag)
    }
    let css = "text/css; charset=utf-8"
    add("tanpuhui.css", Array(Stylesheet.text.utf8), css)
    add("icon.svg", Array(Drawing.icon.utf8), "image/svg+xml")
    add("app.js", Array(ServiceWorker.registration.utf8), "text/javascript; charset=utf-8")
    for (name, type) in [
      ("icon-192.png", "image/png"), ("icon-512.png", "image/png"),
      ("icon-maskable.png", "image/png"), ("icon-180.png", "image/png"),
      ("bootstrap.min.css", css), ("bootstrap.bundle.min.js", "text/javascript; charset=utf-8"),
      ("chart.min.js", "text/javascript; charset=utf-8"),
    ] {
      if let bytes = Assets.read(folder + "/" + name) { add(name, bytes, type) }
    }
    self.assets = assets
    var versions = AssetVersions()
    versions.own = assets["tanpuhui.css"]?.tag ?? "0"
    versions.bootstrap = assets["bootstrap.min.css"]?.tag ?? "0"
    versions.app = assets["app.js"]?.tag ?? "0"
    versions.worker = String(
      Digester(.sha256).digest(Array(ServiceWorker.program.utf8)).description.prefix(8))
    self.versions = versions
  }

  /// Nil for any other address than an asset's.
  func response(to request: Request) -> Response? {
    guard request.path.hasPrefix("/assets/"), request.method == .get || request.method == .head,
      let asset = assets[String(request.path.dropFirst("/assets/".count))]
    else { return nil }
    var response = Response(headers: [("Content-Type", asset.type)], body: .fixed(asset.bytes))
    response["Cache-Control"] =
      request.query["v"] == asset.tag
      ? "public, max-age=31536000, immutable" : "public, max-age=300"
    response["X-Content-Type-Options"] = "nosniff"
    return response.unlessUnchanged(request, tag: asset.tag)
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { return bytes }
      bytes += buffer[0..<count]
    }
  }
}
