// SPDX-License-Identifier: Apache-2.0
// SCALARS. Numbers, times and texts as JSON writes them. Each is read from its bytes alone.
#pragma once
#include <cstdint>
#include <cstring>

namespace events {

enum class Reading { good, syntax, range };

struct Decimal {
  const uint8_t *whole, *wholeEnd, *fraction, *fractionEnd;
  int exponent;
  bool negative, exponentTooLong;
};

inline bool isDigit(uint8_t byte) { return uint8_t(byte - '0') < 10; }
inline bool isSpace(uint8_t byte) {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/// Splits a token by JSON's grammar for numbers; false when it is none.
inline bool split(const uint8_t *at, const uint8_t *end, Decimal &number) {
  number = Decimal{};
  if (at < end && *at == '-') number.negative = true, at++;
  number.whole = at;
  if (at == end || !isDigit(*at)) return false;
  if (*at == '0') at++;
  else
    while (at < end && isDigit(*at)) at++;
  number.wholeEnd = number.fraction = number.fractionEnd = at;
  if (at < end && *at == '.') {
    number.fraction = ++at;
    while (at < end && isDigit(*at)) at++;
    if (at == number.fraction) return false;
    number.fractionEnd = at;
  }
  if (at < end && (*at | 0x20) == 'e') {
    at++;
    bool down = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) at++;
    const uint8_t *first = at;
    while (at < end && isDigit(*at)) {
      if (at - first < 3) number.exponent = number.exponent * 10 + (*at - '0');
      at++;
    }
    if (at == first) return false;
    number.exponentTooLong = at - first > 3;
    if (down) number.exponent = -number.exponent;
  }
  return at == end;
}

/// Millionths, rounded half-even, of any decimal: the same results as `Measured.parse`.
inline Reading millionthsSlowly(const Decimal &number, int64_t &out) {
  const int64_t wholes = number.wholeEnd - number.whole;
  const int64_t count = wholes + (number.fractionEnd - number.fraction);
  if (count > 40 || number.exponentTooLong) return Reading::range;
  auto digit = [&](int64_t index) -> int {
    return index < wholes ? number.whole[index] - '0' : number.fraction[index - wholes] - '0';
  };
  const int64_t kept = wholes + number.exponent + 6;
  uint64_t value = 0;
  for (int64_t index = 0; index < kept; index++) {
    if (index >= 60) return Reading::range;
    const unsigned next = index < count ? unsigned(digit(index)) : 0;
    if (value > (uint64_t(INT64_MAX) - next) / 10) return Reading::range;
    value = value * 10 + next;
  }
  if (kept >= 0 && kept < count) {
    bool more = false;
    for (int64_t index = kept + 1; index < count; index++) more |= digit(index) != 0;
    const int first = digit(kept);
    if (first > 5 || (first == 5 && (more || value % 2 == 1))) value++;
    if (value > uint64_t(INT64_MAX)) return Reading::range;
  }
  out = number.negative ? -int64_t(value) : int64_t(value);
  return Reading::good;
}

/// Nearly every measured value is a few digits with up to six decimals: one pass, one product.
inline Reading millionths(const uint8_t *at, const uint8_t *end, int64_t &out) {
  static const int64_t scale[7] = {1000000, 100000, 10000, 1000, 100, 10, 1};
  Decimal number;
  if (!split(at, end, number)) return Reading::syntax;
  const auto wholes = number.wholeEnd - number.whole;
  const auto decimals = number.fractionEnd - number.fraction;
  if (wholes > 12 || decimals > 6 || number.exponent != 0) return millionthsSlowly(number, out);
  int64_t value = 0;
  for (const uint8_t *p = number.whole; p < number.wholeEnd; p++) value = value * 10 + (*p - '0');
  for (const uint8_t *p = number.fraction; p < number.fractionEnd; p++)
    value = value * 10 + (*p - '0');
  value *= scale[decimals];
  out = number.negative ? -value : value;
  return Reading::good;
}

inline bool pair(const uint8_t *at, int &value) {
  if (!isDigit(at[0]) || !isDigit(at[1])) return false;
  value = (at[0] - '0') * 10 + (at[1] - '0');
  return true;
}

inline bool zone(const uint8_t *at, size_t length, int &seconds) {
  if (length == 1 && (at[0] | 0x20) == 'z') return seconds = 0, true;
  int hours, minutes;
  if (length != 6 || (at[0] != '+' && at[0] != '-') || at[3] != ':' || !pair(at + 1, hours) ||
      !pair(at + 4, minutes) || hours > 23 || minutes > 59)
    return false;
  seconds = (hours * 3600 + minutes * 60) * (at[0] == '-' ? -1 : 1);
  return true;
}

/// RFC 3339 with its zone, as milliseconds since 1970: the same results as `Instant.parse`.
inline bool instant(const uint8_t *b, size_t length, int64_t &out) {
  static const int8_t lengths[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int century, rest, month, day, hour, minute, second, offset;
  if (length < 20 || b[4] != '-' || b[7] != '-' || b[13] != ':' || b[16] != ':' ||
      ((b[10] | 0x20) != 't' && b[10] != ' ') || !pair(b, century) || !pair(b + 2, rest) ||
      !pair(b + 5, month) || !pair(b + 8, day) || !pair(b + 11, hour) || !pair(b + 14, minute) ||
      !pair(b + 17, second) || hour > 23 || minute > 59 || second > 60 || month < 1 || month > 12)
    return false;
  const int year = century * 100 + rest;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (year < 1 || day < 1 || day > lengths[month] + (leap && month == 2)) return false;
  size_t at = 19;
  int64_t fraction = 0;
  if (b[at] == '.') {
    int scale = 100;
    for (at++; at < length && isDigit(b[at]); at++) fraction += (b[at] - '0') * scale, scale /= 10;
    if (at == 20 || at >= length) return false;
  }
  if (!zone(b + at, length - at, offset)) return false;
  const int shifted = month <= 2 ? year - 1 : year;
  const int era = shifted / 400, yearOfEra = shifted - era * 400;
  const int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  const int64_t days = int64_t(era) * 146097 + dayOfEra - 719468;
  out = (days * 86400 + hour * 3600 + minute * 60 + second - offset) * 1000 + fraction;
  return true;
}

inline int hexadecimal(const uint8_t *at) {
  int value = 0;
  for (int index = 0; index < 4; index++) {
    const uint8_t byte = at[index], low = byte | 0x20;
    if (isDigit(byte)) value = value * 16 + (byte - '0');
    else if (low >= 'a' && low <= 'f') value = value * 16 + (low - 'a' + 10);
    else return -1;
  }
  return value;
}

inline uint8_t *encode(uint8_t *out, uint32_t scalar) {
  if (scalar < 0x80) return *out++ = uint8_t(scalar), out;
  if (scalar < 0x800) *out++ = uint8_t(0xC0 | scalar >> 6);
  else {
    if (scalar < 0x10000) *out++ = uint8_t(0xE0 | scalar >> 12);
    else {
      *out++ = uint8_t(0xF0 | scalar >> 18);
      *out++ = uint8_t(0x80 | (scalar >> 12 & 63));
    }
    *out++ = uint8_t(0x80 | (scalar >> 6 & 63));
  }
  return *out++ = uint8_t(0x80 | (scalar & 63)), out;
}

enum class Escapes { good, syntax, lonelySurrogate };

/// Unescapes in place, which always fits; moves `end`. Half a surrogate pair becomes U+FFFD.
inline Escapes unescape(uint8_t *start, uint8_t *&end) {
  Escapes result = Escapes::good;
  uint8_t *out = start;
  for (const uint8_t *at = start; at < end;) {
    if (*at != '\\') {
      *out++ = *at++;
      continue;
    }
    if (end - at < 2) return Escapes::syntax;
    const uint8_t letter = at[1];
    at += 2;
    switch (letter) {
    case '"': case '\\': case '/': *out++ = letter; continue;
    case 'b': *out++ = '\b'; continue;
    case 'f': *out++ = '\f'; continue;
    case 'n': *out++ = '\n'; continue;
    case 'r': *out++ = '\r'; continue;
    case 't': *out++ = '\t'; continue;
    case 'u': break;
    default: return Escapes::syntax;
    }
    int unit = end - at < 4 ? -1 : hexadecimal(at);
    if (unit < 0) return Escapes::syntax;
    at += 4;
    uint32_t scalar = uint32_t(unit);
    if (unit >= 0xD800 && unit < 0xE000) {
      const int low = end - at >= 6 && at[0] == '\\' && at[1] == 'u' ? hexadecimal(at + 2) : -1;
      if (unit < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
        scalar = 0x10000 + (uint32_t(unit - 0xD800) << 10) + uint32_t(low - 0xDC00);
        at += 6;
      } else {
        scalar = 0xFFFD;
        result = Escapes::lonelySurrogate;
      }
    }
    out = encode(out, scalar);
  }
  end = out;
  return result;
}

/// Whether any byte needs a closer look: a backslash, DEL, or anything beyond ASCII. Reads up to
/// seven bytes past the end, which the padding of the body allows.
inline bool isPlain(const uint8_t *at, size_t length) {
  const uint64_t ones = 0x0101010101010101u, highs = ones << 7;
  uint64_t found = 0;
  for (size_t index = 0; index < length; index += 8) {
    uint64_t word;
    std::memcpy(&word, at + index, 8);
    const uint64_t slash = word ^ (ones * '\\'), del = word ^ (ones * 0x7F);
    uint64_t hits = (word | ((slash - ones) & ~slash) | ((del - ones) & ~del)) & highs;
    if (length - index < 8) hits &= ~uint64_t(0) >> (64 - 8 * (length - index));
    found |= hits;
  }
  return found == 0;
}

/// C0, DEL and C1, in text that is valid UTF-8.
inline bool hasControl(const uint8_t *at, const uint8_t *end) {
  for (; at < end; at++) {
    if (*at < 0x20 || *at == 0x7F) return true;
    if (*at == 0xC2 && end - at > 1 && at[1] < 0xA0) return true;
  }
  return false;
}

} // namespace events
