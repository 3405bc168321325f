// SPDX-License-Identifier: Apache-2.0
// UNITS. The words everyone speaks: amounts with a unit, identifiers with a noun, time.
//
//   Grams  Points  Fen          integers in the smallest unit; adding grams to points won't compile
//   CitizenID  SceneID  …       one type per noun, so that a scene is never taken for a partner
//   Instant  Day                milliseconds since 1970 UTC; days in a mechanism's own time zone
//   Measured                    millionths of a field's unit, exact for decimals of six places
//
// Everything here is public, frozen and inlinable, because every hot loop uses it. There is no
// floating point: that lives in Methodology and leaves it rounded.

/// An integer amount of one unit. The unit is a phantom: it exists for the compiler only.
@frozen public struct Amount<Unit>: Hashable, Comparable, BitwiseCopyable, Sendable {
  public var count: Int64
  @inlinable public init(_ count: Int64) { self.count = count }
  @inlinable public static var zero: Amount { Amount(0) }
  @inlinable public static func < (a: Amount, b: Amount) -> Bool { a.count < b.count }
  @inlinable public static func + (a: Amount, b: Amount) -> Amount { Amount(a.count + b.count) }
  @inlinable public static func - (a: Amount, b: Amount) -> Amount { Amount(a.count - b.count) }
  @inlinable public static prefix func - (a: Amount) -> Amount { Amount(-a.count) }
  @inlinable public static func += (a: inout Amount, b: Amount) { a.count += b.count }
  @inlinable public static func -= (a: inout Amount, b: Amount) { a.count -= b.count }
}

@frozen public enum GramUnit {}
@frozen public enum PointUnit {}
@frozen public enum FenUnit {}

/// 减排量: grams of CO2 equivalent.
public typealias Grams = Amount<GramUnit>
/// 碳积分: whole points.
public typealias Points = Amount<PointUnit>
/// 分: hundredths of a yuan.
public typealias Fen = Amount<FenUnit>

/// A number that names one noun. Zero names nobody.
@frozen
public struct Identifier<Noun, Raw: FixedWidthInteger & BitwiseCopyable & Sendable>: Hashable,
  Comparable, BitwiseCopyable, Sendable
{
  public var raw: Raw
  @inlinable public init(_ raw: Raw) { self.raw = raw }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.raw < b.raw }
  @inlinable public static var none: Self { Self(0) }
  @inlinable public var isNone: Bool { raw == 0 }
}

@frozen public enum CitizenNoun {}
@frozen public enum AliasNoun {}
@frozen public enum SceneNoun {}
@frozen public enum PartnerNoun {}
@frozen public enum FactNoun {}

/// 居民: a citizen's pseudonymous account number within one mechanism, from 1 up without gaps.
public typealias CitizenID = Identifier<CitizenNoun, UInt32>
/// 接入用户: a partner's user, numbered by the Vault from 1 up, whoever it turns out to be.
public typealias AliasID = Identifier<AliasNoun, UInt32>
/// 低碳场景: a scene's number within a mechanism, given at its first adoption and never reused.
public typealias SceneID = Identifier<SceneNoun, UInt16>
/// 接入平台: a partner's number within a mechanism.
public typealias PartnerID = Identifier<PartnerNoun, UInt16>
/// The number of a fact in its mechanism's journal, from 1 up without gaps.
public typealias FactNumber = Identifier<FactNoun, UInt64>
