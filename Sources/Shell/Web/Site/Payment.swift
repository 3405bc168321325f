// SPDX-License-Identifier: Apache-2.0
// PAYMENT. Where the money of "points plus cash" comes from: a replaceable adapter, and one for
// tests.
//
//   order, set aside ──pay──▶ adapter ──▶ paid(reference) ──▶ Command.pay(order, reference)
//                                    └──▶ declined        ──▶ the order stays until its deadline
//
// Invariants
//   - The order's number is the adapter's idempotency key: asked twice, it takes the money once.
//   - Money that came too late for its order is paid back at once.
//   - The test adapter takes no money, says so on its page, and works on development servers only.

import Units

/// What is to be paid.
package struct PaymentRequest: Sendable {
  /// 32 hexadecimal digits: the same order is never charged twice.
  package var order: String
  package var amount: Fen
  package var title: String
  /// What the payer pressed on the adapter's part of the page.
  package var choice: String
}

package enum PaymentResult: Sendable {
  /// Paid, with the provider's reference: at most 64 characters.
  case paid(reference: String)
  case declined
}

/// 支付: a provider of payments. Calls may wait.
package protocol PaymentAdapter: Sendable {
  /// Whether no money changes hands.
  var isTest: Bool { get }
  /// Takes the money, or says that it was not given.
  func pay(_ request: PaymentRequest) throws -> PaymentResult
  /// Pays back; doing so twice pays back once.
  func refund(_ reference: String, _ amount: Fen) throws
}

/// 测试支付: takes no money and says yes, or no where that is what the tester pressed.
package struct TestPayment: PaymentAdapter {
  package init() {}
  package var isTest: Bool { true }
  package func pay(_ request: PaymentRequest) -> PaymentResult {
    request.choice == "decline" ? .declined : .paid(reference: "test-" + request.order)
  }
  package func refund(_ reference: String, _ amount: Fen) {}
}
