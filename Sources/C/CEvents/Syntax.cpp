// SPDX-License-Identifier: Apache-2.0
#include "Syntax.hpp"
#include "Scalars.hpp"

namespace events {
namespace {

/// The length of the UTF-8 sequence that starts here, or 0 (overlong forms and surrogates too).
size_t sequence(const uint8_t *at, const uint8_t *end) {
  const uint8_t first = at[0];
  auto follows = [&](size_t index, uint8_t low, uint8_t high) {
    return at + index < end && at[index] >= low && at[index] <= high;
  };
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1, 0x80, 0xBF) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const uint8_t low = first == 0xE0 ? 0xA0 : 0x80, high = first == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const uint8_t low = first == 0xF0 ? 0x90 : 0x80, high = first == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2, 0x80, 0xBF) && follows(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

struct Reader {
  const uint8_t *body, *at, *end;
  Finding &finding;

  bool wrong(const char *sentence) { return wrong(sentence, at); }
  bool wrong(const char *sentence, const uint8_t *place) {
    finding.found = true;
    finding.offset = size_t(place - body);
    finding.sentence = sentence;
    return false;
  }
  void space() {
    while (at < end && isSpace(*at)) at++;
  }
  bool next(uint8_t byte) {
    if (at == end || *at != byte) return false;
    at++;
    return true;
  }

  bool escape() {
    if (end - at < 2) return wrong("A text is not closed: the body ends inside of it.", end);
    const uint8_t letter = at[1];
    if (letter == 'u') {
      if (end - at < 6 || hexadecimal(at + 2) < 0)
        return wrong("After \\u there must be four hexadecimal digits.");
      at += 6;
      return true;
    }
    if (letter == 0 || !std::strchr("\"\\/bfnrt", letter))
      return wrong("JSON has no such escape; write a backslash as \\\\.");
    at += 2;
    return true;
  }

  bool text() {
    at++;
    while (at < end) {
      if (*at == '"') return at++, true;
      if (*at == '\\') {
        if (!escape()) return false;
      } else if (*at < 0x20) {
        return wrong(*at == '\n' || *at == '\r'
                         ? "A text is not closed before the end of its line."
                         : "A control character must be written as \\u00XX inside of a text.");
      } else if (const size_t bytes = sequence(at, end)) {
        at += bytes;
      } else {
        finding.notUnicode.push_back(size_t(at++ - body));
      }
    }
    return wrong("A text is not closed: the body ends inside of it.");
  }

  bool word(const char *letters) {
    const size_t length = std::strlen(letters);
    if (size_t(end - at) < length || std::memcmp(at, letters, length) != 0)
      return wrong("Expected a value: an object, an array, a text in double quotes, a number, "
                   "true, false or null.");
    at += length;
    return true;
  }

  bool number() {
    const uint8_t *first = at;
    while (at < end && (isDigit(*at) || std::strchr("+-.eE", *at)) && *at) at++;
    Decimal parts;
    return split(first, at, parts) || wrong("This is not a number as JSON writes it.", first);
  }

  bool scalar() {
    if (at == end) return wrong("The body ends where a value is expected.");
    switch (*at) {
    case '"': return text();
    case 't': return word("true");
    case 'f': return word("false");
    case 'n': return word("null");
    default: return *at == '-' || isDigit(*at) ? number() : word("a value");
    }
  }

  bool key() {
    space();
    if (at == end) return wrong("The body ends inside of an object.");
    if (*at != '"') return wrong("Expected a member's name in double quotes.");
    if (!text()) return false;
    space();
    return next(':') || wrong("Expected ':' after a member's name.");
  }

  /// One value of any depth, without recursion: the nesting comes from outside.
  bool value() {
    uint64_t isObject = 0;
    int depth = 0;
    for (;;) {
      space();
      const bool opens = at < end && (*at == '{' || *at == '[');
      if (opens) {
        const uint8_t close = *at == '{' ? '}' : ']';
        if (depth == TPH_EVENT_DEPTH) return wrong("Nested too deep: 64 levels are allowed.");
        isObject = isObject << 1 | (close == '}');
        depth++;
        at++;
        space();
        if (!next(close)) {
          if (close == '}' && !key()) return false;
          continue;
        }
        isObject >>= 1;
        depth--;
      } else if (!scalar()) {
        return false;
      }
      for (;;) {
        if (depth == 0) return true;
        space();
        const bool object = isObject & 1;
        if (next(',')) {
          if (object && !key()) return false;
          break;
        }
        if (!next(object ? '}' : ']')) {
          if (at == end)
            return wrong(object ? "The body ends inside of an object."
                                : "The body ends inside of an array.");
          return wrong(object ? "Expected ',' or '}' after a member."
                              : "Expected ',' or ']' after an element.");
        }
        isObject >>= 1;
        depth--;
      }
    }
  }
};

void examineLines(const uint8_t *body, size_t length, Finding &finding) {
  const uint8_t *at = body, *end = body + length;
  while (at < end && !finding.found) {
    const auto *newline = static_cast<const uint8_t *>(std::memchr(at, '\n', size_t(end - at)));
    const uint8_t *stop = newline ? newline : end;
    Reader reader{body, at, stop, finding};
    reader.space();
    if (reader.at < stop && reader.value()) {
      reader.space();
      if (reader.at < stop) reader.wrong("One line holds one event: something follows it here.");
    } else if (finding.found && finding.offset == size_t(stop - body)) {
      finding.sentence = "The line ends before its event does: one line holds one whole event.";
    }
    at = newline ? newline + 1 : end;
  }
}

} // namespace

Finding examine(const uint8_t *body, size_t length, tph_body_kind kind) {
  Finding finding;
  if (kind == TPH_BODY_LINES) return examineLines(body, length, finding), finding;
  Reader reader{body, body, body + length, finding};
  reader.space();
  if (reader.at == reader.end) {
    reader.wrong("The body is empty.");
  } else if (kind == TPH_BODY_BATCH && *reader.at == '{') {
    reader.wrong("A batch is an array of events: put it in [ ], or send one event as "
                 "application/cloudevents+json.");
  } else if (kind == TPH_BODY_BATCH && *reader.at != '[') {
    reader.wrong("A batch is an array of events and starts with '['.");
  } else if (kind == TPH_BODY_SINGLE && *reader.at == '[') {
    reader.wrong("One event is an object: send an array as application/cloudevents-batch+json.");
  } else if (kind == TPH_BODY_SINGLE && *reader.at != '{') {
    reader.wrong("One event is an object and starts with '{'.");
  } else if (reader.value()) {
    reader.space();
    if (reader.at < reader.end) reader.wrong("Something follows after the end of the JSON value.");
  }
  return finding;
}

} // namespace events
