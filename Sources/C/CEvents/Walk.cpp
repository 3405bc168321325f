// SPDX-License-Identifier: Apache-2.0
#include "Walk.hpp"
#include <algorithm>
#include <cstdlib>

namespace events {

uint64_t Names::head(const uint8_t *name, size_t length) {
  uint64_t word;
  std::memcpy(&word, name, 8);
  return length >= 8 ? word : word & ((uint64_t(1) << (8 * length)) - 1);
}

size_t Names::place(uint64_t head, size_t length) {
  return size_t(((head + length) * 0x9E3779B97F4A7C15u) >> 57);
}

void Names::add(const char *name, uint8_t number) {
  Entry entry;
  entry.length = uint32_t(std::strlen(name));
  entry.name = static_cast<char *>(std::calloc(entry.length + 8, 1));
  if (!entry.name) std::abort();
  std::memcpy(entry.name, name, entry.length);
  entry.head = head(reinterpret_cast<uint8_t *>(entry.name), entry.length);
  entry.number = number;
  size_t index = place(entry.head, entry.length);
  while (entries[index].name) index = (index + 1) % size;
  entries[index] = entry;
}

uint8_t Names::find(const uint8_t *name, size_t length) const {
  const uint64_t first = head(name, length);
  for (size_t index = place(first, length);; index = (index + 1) % size) {
    const Entry &entry = entries[index];
    if (!entry.name) return 0;
    if (entry.head == first && entry.length == length &&
        (length <= 8 || std::memcmp(entry.name + 8, name + 8, length - 8) == 0))
      return entry.number;
  }
}

Names::~Names() {
  for (Entry &entry : entries) std::free(entry.name);
}

namespace {

void fault(tph_event &event, tph_event_error error, tph_event_member member, uint8_t field = 0) {
  if (event.error != TPH_EVENT_GOOD) return;
  event.error = uint8_t(error);
  event.member = uint8_t(member);
  event.field = field;
}

void meet(tph_event &event, const uint8_t *start, const uint8_t *end) {
  for (tph_text &stranger : event.stranger)
    if (!stranger.start) {
      stranger = {reinterpret_cast<const char *>(start), size_t(end - start)};
      return;
    }
}

constexpr size_t limits[10] = {0, 256, 1024, 256, 256, 64, 0, 8, 256, 256};

} // namespace

bool Walk::quoted(Span &span) {
  uint8_t *start = text + *at, *end = text + at[1];
  if (*start != '"') return false;
  while (end > start + 1 && isSpace(end[-1])) end--;
  if (end - start < 2 || end[-1] != '"') return false;
  span = {start + 1, end - 1};
  at++;
  return true;
}

bool Walk::scalar(Span &span) {
  uint8_t *start = text + *at, *end = text + at[1];
  if (*start == 0) return false;
  while (end > start + 1 && isSpace(end[-1])) end--;
  span = {start, end};
  at++;
  return true;
}

bool Walk::key(Span &span) {
  if (!quoted(span)) return false;
  if (!isPlain(span.start, size_t(span.end - span.start)) &&
      unescape(span.start, span.end) == Escapes::syntax)
    return false;
  return next(':');
}

bool Walk::skipScalar() {
  Span span;
  if (text[*at] == '"') {
    if (!quoted(span)) return false;
    const size_t length = size_t(span.end - span.start);
    return !std::memchr(span.start, '\\', length) ||
           unescape(span.start, span.end) != Escapes::syntax;
  }
  if (!scalar(span)) return false;
  const size_t length = size_t(span.end - span.start);
  switch (*span.start) {
  case 't': return length == 4 && std::memcmp(span.start, "true", 4) == 0;
  case 'f': return length == 5 && std::memcmp(span.start, "false", 5) == 0;
  case 'n': return length == 4 && std::memcmp(span.start, "null", 4) == 0;
  }
  Decimal number;
  return split(span.start, span.end, number);
}

/// Any value, checked and forgotten; `depth` counts the levels outside of it.
bool Walk::skip(int depth) {
  const int floor = depth;
  uint64_t isObject = 0;
  Span name;
  for (;;) {
    const uint8_t byte = text[*at];
    if (byte == '{' || byte == '[') {
      if (depth == TPH_EVENT_DEPTH) return false;
      at++;
      if (!next(byte == '{' ? '}' : ']')) {
        isObject = isObject << 1 | (byte == '{');
        depth++;
        if (byte == '{' && !key(name)) return false;
        continue;
      }
    } else if (!skipScalar()) {
      return false;
    }
    for (;;) {
      if (depth == floor) return true;
      if (next(',')) {
        if ((isObject & 1) && !key(name)) return false;
        break;
      }
      if (!next(isObject & 1 ? '}' : ']')) return false;
      isObject >>= 1;
      depth--;
    }
  }
}

bool Walk::isNull() const { return text[*at] == 'n'; }

bool Walk::string(tph_event &out, tph_text &into, tph_event_member member, size_t limit,
                  int depth) {
  if (into.start) fault(out, TPH_EVENT_TWICE, member);
  if (text[*at] != '"') {
    if (!isNull()) fault(out, TPH_EVENT_WRONG_TYPE, member);
    return skip(depth);
  }
  Span span;
  if (!quoted(span)) return false;
  if (!notUnicode.empty()) {
    const auto place = std::lower_bound(notUnicode.begin(), notUnicode.end(),
                                        size_t(span.start - text));
    if (place != notUnicode.end() && *place < size_t(span.end - text))
      fault(out, TPH_EVENT_NOT_UNICODE, member);
  }
  if (!isPlain(span.start, size_t(span.end - span.start))) {
    const Escapes escapes = unescape(span.start, span.end);
    if (escapes == Escapes::syntax) return false;
    if (escapes == Escapes::lonelySurrogate) fault(out, TPH_EVENT_NOT_UNICODE, member);
    if (hasControl(span.start, span.end)) fault(out, TPH_EVENT_CONTROL, member);
  }
  const size_t length = size_t(span.end - span.start);
  if (length > limit) fault(out, TPH_EVENT_TOO_LONG, member);
  // A text that is too long is not handed on; others are, so that an answer can name its event.
  if (length <= limit && !into.start) into = {reinterpret_cast<char *>(span.start), length};
  return true;
}

bool Walk::attribute(tph_event &out, tph_event_member member, int depth) {
  tph_text *into = nullptr, version = {};
  switch (member) {
  case TPH_MEMBER_ID: into = &out.id; break;
  case TPH_MEMBER_SOURCE: into = &out.source; break;
  case TPH_MEMBER_TYPE: into = &out.type; break;
  case TPH_MEMBER_SUBJECT: into = &out.subject; break;
  case TPH_MEMBER_TIME: into = &out.time; break;
  case TPH_MEMBER_SPECVERSION: into = &version; break;
  default: return data(out, depth);
  }
  if (!string(out, *into, member, limits[member], depth)) return false;
  if (!into->start) return true;
  if (into->length == 0) fault(out, TPH_EVENT_EMPTY, member);
  if (member == TPH_MEMBER_TIME)
    out.time_readable = instant(reinterpret_cast<const uint8_t *>(into->start), into->length,
                                out.milliseconds);
  if (member == TPH_MEMBER_SPECVERSION &&
      (into->length != 3 || std::memcmp(into->start, "1.0", 3) != 0))
    fault(out, TPH_EVENT_WRONG_VERSION, member);
  return true;
}

bool Walk::field(tph_event &out, uint8_t number, int depth) {
  const uint8_t byte = text[*at];
  if (byte != '-' && !isDigit(byte)) {
    if (!isNull()) fault(out, TPH_EVENT_WRONG_TYPE, TPH_MEMBER_FIELD, number);
    return skip(depth);
  }
  Span span;
  if (!scalar(span)) return false;
  int64_t value;
  switch (millionths(span.start, span.end, value)) {
  case Reading::syntax: return false;
  case Reading::range: fault(out, TPH_EVENT_OUT_OF_RANGE, TPH_MEMBER_FIELD, number); return true;
  case Reading::good: break;
  }
  const uint32_t bit = uint32_t(1) << number;
  if (out.present & bit) return fault(out, TPH_EVENT_TWICE, TPH_MEMBER_FIELD, number), true;
  out.present |= bit;
  out.value[number] = value;
  return true;
}

bool Walk::data(tph_event &out, int depth) {
  if (text[*at] != '{') {
    if (!isNull()) fault(out, TPH_EVENT_WRONG_TYPE, TPH_MEMBER_DATA);
    return skip(depth);
  }
  at++;
  if (next('}')) return true;
  do {
    Span name;
    if (!key(name)) return false;
    const uint8_t number = vocabulary.members.find(name.start, size_t(name.end - name.start));
    bool well;
    if (number == 0)
      meet(out, name.start, name.end), well = skip(depth + 1);
    else if (number == Vocabulary::vehicle)
      well = string(out, out.vehicle, TPH_MEMBER_VEHICLE, limits[TPH_MEMBER_VEHICLE], depth + 1);
    else if (number == Vocabulary::site)
      well = string(out, out.site, TPH_MEMBER_SITE, limits[TPH_MEMBER_SITE], depth + 1);
    else
      well = field(out, uint8_t(number - 1), depth + 1);
    if (!well) return false;
  } while (next(','));
  return next('}');
}

bool Walk::event(tph_event &out, int depth) {
  if (text[*at] != '{') {
    fault(out, TPH_EVENT_NOT_OBJECT, TPH_MEMBER_NONE);
    return skip(depth);
  }
  at++;
  bool saidData = false, saidVersion = false;
  if (!next('}')) {
    do {
      Span name;
      if (!key(name)) return false;
      const auto member = tph_event_member(
          vocabulary.attributes.find(name.start, size_t(name.end - name.start)));
      if (member == TPH_MEMBER_NONE) {
        meet(out, name.start, name.end);
        if (!skip(depth + 1)) return false;
        continue;
      }
      bool *said = member == TPH_MEMBER_DATA          ? &saidData
                   : member == TPH_MEMBER_SPECVERSION ? &saidVersion
                                                      : nullptr;
      if (said) {
        if (*said) fault(out, TPH_EVENT_TWICE, member);
        *said = !isNull() || *said;
      }
      if (!attribute(out, member, depth + 1)) return false;
    } while (next(','));
    if (!next('}')) return false;
  }
  if (!out.id.start) fault(out, TPH_EVENT_MISSING, TPH_MEMBER_ID);
  return true;
}

} // namespace events
