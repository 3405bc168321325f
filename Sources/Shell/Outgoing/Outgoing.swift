// SPDX-License-Identifier: Apache-2.0
// OUTGOING. Requests that we send: login codes, identity servers, whoever else asks for it.
//
//   OutgoingCall ──▶ libcurl ──▶ OutgoingAnswer     any status is an answer
//                        └───▶ OutgoingFailure    nothing came: why, without secrets
//
// Invariants
//   - Only http and https, no redirects, certificates are checked, an answer has at most a
//     megabyte, and nothing takes longer than its timeout.
//   - No proxy of the environment is used, and no cookie or credential is kept between calls.
//   - A call waits on the caller's thread: it belongs on the workers, never on an HTTP thread.
//   - Neither a failure's sentence nor anything else here repeats a header or a body.

import CCurl
import Glibc

/// One request to somebody else's server.
package struct OutgoingCall: Sendable {
  package var method: String
  package var address: String
  package var headers: [(String, String)]
  package var body: [UInt8]?
  package var timeoutMilliseconds: Int
  package var reach = Reach.anywhere

  /// Whose addresses may be called: an operator's own settings lead anywhere, an address that
  /// somebody else has registered does not.
  package enum Reach: Sendable { case anywhere, publicOnly, publicOrThisMachine }

  package init(
    _ method: String, _ address: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
    timeoutMilliseconds: Int = 5_000
  ) {
    self.method = method
    self.address = address
    self.headers = headers
    self.body = body
    self.timeoutMilliseconds = timeoutMilliseconds
  }
}

package struct OutgoingAnswer: Sendable {
  package var status: Int
  package var body: [UInt8]
  package var isGood: Bool { (200..<300).contains(status) }
}

/// Why no answer came.
package struct OutgoingFailure: Error, Sendable, CustomStringConvertible {
  package var description: String
  package init(_ description: String) { self.description = description }
}

extension OutgoingCall {
  package static let answerMax = 1 << 20
  /// Once in a process, before any other thread of ours speaks to libcurl.
  private static let isReady: Bool = tph_curl_start() == CURLE_OK

  /// Sends it and waits for the answer.
  package func send() throws(OutgoingFailure) -> OutgoingAnswer {
    guard OutgoingCall.isReady, let curl = curl_easy_init() else {
      throw OutgoingFailure("libcurl does not start; there is too little memory")
    }
    defer { curl_easy_cleanup(curl) }
    guard headers.allSatisfy({ OutgoingCall.isPlain($0.0) && OutgoingCall.isPlain($0.1) }) else {
      throw OutgoingFailure("a header to \(place) has control characters; it was not sent")
    }
    var list: UnsafeMutablePointer<curl_slist>?
    for (name, value) in headers { list = curl_slist_append(list, "\(name): \(value)") }
    // libcurl would ask for `100-continue` before a longer body, which few servers answer.
    list = curl_slist_append(list, "Expect:")
    defer { curl_slist_free_all(list) }
    let taken = Taken()
    var code = tph_curl_text(curl, CURLOPT_URL, address)
    let settings: [(CURLoption, Int)] = [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_TIMEOUT_MS, timeoutMilliseconds),
      (CURLOPT_CONNECTTIMEOUT_MS, timeoutMilliseconds), (CURLOPT_FOLLOWLOCATION, 0),
    ]
    for (option, value) in settings where code == CURLE_OK {
      code = tph_curl_number(curl, option, value)
    }
    let texts: [(CURLoption, String)] = [
      (CURLOPT_PROTOCOLS_STR, "http,https"), (CURLOPT_PROXY, ""), (CURLOPT_USERAGENT, "tanpuhui"),
      (CURLOPT_CUSTOMREQUEST, method),
    ]
    for (option, value) in texts where code == CURLE_OK {
      code = tph_curl_text(curl, option, value)
    }
    if reach != .anywhere, code == CURLE_OK {
      code = tph_curl_guard(curl, reach == .publicOrThisMachine ? 1 : 0)
    }
    if let body, code == CURLE_OK {
      code = body.withUnsafeBytes { tph_curl_body(curl, $0.baseAddress, $0.count) }
    }
    if code == CURLE_OK { code = tph_curl_headers(curl, list) }
    if code == CURLE_OK {
      code = tph_curl_take(
        curl, { bytes, size, count, place in Taken.take(bytes, size * count, place) },
        Unmanaged.passUnretained(taken).toOpaque())
    }
    if code == CURLE_OK { code = curl_easy_perform(curl) }
    guard code == CURLE_OK else { throw failure(code) }
    return OutgoingAnswer(status: tph_curl_status(curl), body: taken.bytes)
  }

  /// Tries again where nothing came or the other side was in trouble: after a tenth of a second,
  /// then after three. `tries` is how often in all.
  package func send(tries: Int) throws(OutgoingFailure) -> OutgoingAnswer {
    var wait: UInt32 = 100_000
    for left in stride(from: tries - 1, through: 0, by: -1) {
      do {
        let answer = try send()
        if answer.status < 500 && answer.status != 429 || left == 0 { return answer }
      } catch {
        if left == 0 { throw error }
      }
      usleep(wait)
      wait *= 3
    }
    throw OutgoingFailure("\(place) was not asked")
  }

  /// Scheme and host: what may be told of an address, whose path may be a secret.
  package var place: String {
    let parts = address.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 3 else { return "the address" }
    let host = parts[2].split(separator: "@").last ?? parts[2]
    return "\(parts[0])//\(host)"
  }

  private static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
  }

  private func failure(_ code: CURLcode) -> OutgoingFailure {
    switch code {
    case CURLE_OPERATION_TIMEDOUT:
      OutgoingFailure(
        "\(place) did not answer within \(timeoutMilliseconds) ms; see whether it runs")
    case CURLE_COULDNT_RESOLVE_HOST:
      OutgoingFailure("\(place) has no address; check the name and this machine's resolver")
    case CURLE_COULDNT_CONNECT:
      OutgoingFailure(
        reach == .anywhere
          ? "\(place) takes no connections; see whether it runs and may be reached"
          : "\(place) takes no connections, or lies in a private network, which is not called")
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE:
      OutgoingFailure("\(place) shows a certificate that this machine does not trust")
    case CURLE_WRITE_ERROR:
      OutgoingFailure("\(place) answered with more than \(OutgoingCall.answerMax) bytes")
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT:
      OutgoingFailure("the address is none of http or https; check it")
    default:
      OutgoingFailure("\(place) did not answer: \(String(cString: curl_easy_strerror(code)))")
    }
  }
}

/// What has come in so far. Used by the thread that waits for `curl_easy_perform`, and no other.
private final class Taken {
  var bytes: [UInt8] = []

  /// Answering less than what was offered ends the transfer.
  static func take(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ place: UnsafeMutableRawPointer?
  ) -> Int {
    guard let bytes, let place else { return 0 }
    let taken = Unmanaged<Taken>.fromOpaque(place).takeUnretainedValue()
    guard taken.bytes.count + count <= OutgoingCall.answerMax else { return 0 }
    taken.bytes += UnsafeRawBufferPointer(start: bytes, count: count)
    return count
  }
}
