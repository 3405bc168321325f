// SPDX-License-Identifier: Apache-2.0
import HTTP

/// The app on a phone: what a browser installs, what it shows without a network, large letters.
/// Stands before the routes that begin with a mechanism, which would swallow these addresses.
extension Routes {
  /// What a phone may keep for a time without a network: pages for everybody that say nothing of
  /// who reads them. A page that is new is not kept until it stands here.
  static let kept: Set<String> = [
    "/", "/api", "/{m}/", "/{m}/scenes", "/{m}/scenes/{code}", "/{m}/mall", "/{m}/mall/{number}",
    "/{m}/transparency", "/{m}/dictionary",
  ]

  static let app: [Route] = [
    Route(
      .get, "/manifest.webmanifest", .anyone, "应用清单", "The app's manifest",
      .page(AppDesk.manifest)),
    Route(.get, "/sw.js", .anyone, "离线程序", "Service worker", .page(AppDesk.serviceWorker)),
    Route(.get, "/offline", .anyone, "离线页", "Without a network", .page(AppDesk.offline)),
    Route(.get, "/text", .anyone, "切换字号", "Choose the size of letters", .page(AppDesk.text)),
  ]
}
