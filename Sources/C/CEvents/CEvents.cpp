// SPDX-License-Identifier: Apache-2.0
#include "CEvents.h"
#include "Syntax.hpp"
#include "Walk.hpp"
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <simdjson.h>

using namespace events;

struct tph_decoder {
  Vocabulary vocabulary;
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;
  uint8_t *text = nullptr;
  size_t room = 0;
  tph_event *decoded = nullptr;
  size_t count = 0, capacity = 0;
  std::vector<size_t> notUnicode;

  ~tph_decoder() {
    std::free(text);
    std::free(decoded);
  }

  bool prepare(size_t length);
  tph_event *append(uint32_t line);
  bool walk(tph_body_kind kind, size_t length, size_t eventsMax, bool &tooMany);
  bool walkLines(Walk &walk, size_t length, size_t eventsMax, bool &tooMany);
};

/// Room for a body of this length; it only ever grows.
bool tph_decoder::prepare(size_t length) {
  if (length < room) return true;
  if (length >= simdjson::SIMDJSON_MAXSIZE_BYTES) return false;
  const size_t wanted = length < 65536 ? 65536 : length + length / 2;
  auto *grown = static_cast<uint8_t *>(std::realloc(text, wanted + simdjson::SIMDJSON_PADDING));
  if (!grown) return false;
  text = grown;
  stage.reset();
  room = 0;
  if (simdjson::get_active_implementation()->create_dom_parser_implementation(
          wanted, TPH_EVENT_DEPTH, stage))
    return false;
  room = wanted;
  return true;
}

tph_event *tph_decoder::append(uint32_t line) {
  if (count == capacity) {
    const size_t wanted = capacity ? capacity * 2 : 256;
    auto *grown = static_cast<tph_event *>(std::realloc(decoded, wanted * sizeof(tph_event)));
    if (!grown) std::abort();
    decoded = grown;
    capacity = wanted;
  }
  tph_event *event = decoded + count;
  std::memset(event, 0, sizeof *event);
  event->index = uint32_t(count++);
  event->line = line;
  return event;
}

bool tph_decoder::walkLines(Walk &walk, size_t length, size_t eventsMax, bool &tooMany) {
  size_t lineEnd = 0, line = 0;
  auto nextLine = [&] {
    const size_t start = line == 0 ? 0 : lineEnd + 1;
    const void *found = start < length ? std::memchr(text + start, '\n', length - start) : nullptr;
    lineEnd = found ? size_t(static_cast<const uint8_t *>(found) - text) : length;
    line++;
  };
  nextLine();
  while (walk.place() < length) {
    while (walk.place() > lineEnd) nextLine();
    if (count == eventsMax) return tooMany = true, false;
    if (!walk.event(*append(uint32_t(line)), 0)) return false;
    if (walk.placeBefore() > lineEnd || walk.place() < lineEnd) return false;
  }
  return true;
}

bool tph_decoder::walk(tph_body_kind kind, size_t length, size_t eventsMax, bool &tooMany) {
  count = 0;
  const auto error = stage->stage1(text, length, simdjson::stage1_mode::regular);
  if (error == simdjson::EMPTY && kind == TPH_BODY_LINES) return true;
  if (error) return false;
  Walk walk(text, stage->structural_indexes.get(), vocabulary, notUnicode);
  if (kind == TPH_BODY_LINES) return walkLines(walk, length, eventsMax, tooMany);
  if (kind == TPH_BODY_SINGLE)
    return text[walk.place()] == '{' && walk.event(*append(0), 0) && walk.place() == length;
  if (!walk.next('[')) return false;
  if (walk.next(']')) return walk.place() == length;
  do {
    if (count == eventsMax) return tooMany = true, false;
    if (!walk.event(*append(0), 1)) return false;
  } while (walk.next(','));
  return walk.next(']') && walk.place() == length;
}

namespace {

void locate(const uint8_t *body, size_t offset, tph_refusal &refusal) {
  size_t start = 0;
  refusal.line = refusal.column = 1;
  for (size_t index = 0; index < offset; index++)
    if (body[index] == '\n') refusal.line++, start = index + 1;
  for (size_t index = start; index < offset; index++)
    refusal.column += (body[index] & 0xC0) != 0x80;
}

int64_t refuse(tph_refusal *refusal, const char *sentence) {
  refusal->line = refusal->column = 1;
  std::snprintf(refusal->sentence, sizeof refusal->sentence, "%s", sentence);
  return -1;
}

} // namespace

extern "C" {

tph_decoder *tph_decoder_create(const char *const names[TPH_FIELDS]) {
  auto *decoder = new (std::nothrow) tph_decoder;
  if (!decoder) return nullptr;
  static const char *const attributes[] = {"id",      "source", "type", "subject",
                                           "time",    "data",   "specversion"};
  for (uint8_t index = 0; index < 7; index++)
    decoder->vocabulary.attributes.add(attributes[index], uint8_t(index + 1));
  for (uint8_t number = 0; number < TPH_FIELDS; number++)
    if (names[number]) decoder->vocabulary.members.add(names[number], uint8_t(number + 1));
  decoder->vocabulary.members.add("vehicle", Vocabulary::vehicle);
  decoder->vocabulary.members.add("site", Vocabulary::site);
  return decoder;
}

void tph_decoder_destroy(tph_decoder *decoder) { delete decoder; }

const tph_event *tph_events(const tph_decoder *decoder) { return decoder->decoded; }

int64_t tph_decode(tph_decoder *decoder, enum tph_body_kind kind, const void *body, size_t length,
                   size_t events_max, tph_refusal *refusal) {
  const auto *bytes = static_cast<const uint8_t *>(body);
  // A byte order mark is allowed, and is no character of the first line.
  if (length >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF)
    bytes += 3, length -= 3;
  if (!decoder->prepare(length))
    return refuse(refusal, "There is no memory for a body of this size: send smaller batches.");
  auto copy = [&] {
    if (length) std::memcpy(decoder->text, bytes, length);
    std::memset(decoder->text + length, 0, simdjson::SIMDJSON_PADDING);
  };
  copy();
  bool tooMany = false;
  decoder->notUnicode.clear();
  if (decoder->walk(kind, length, events_max, tooMany)) return int64_t(decoder->count);
  Finding finding;
  if (!tooMany) {
    // Slow from here: find the first wrong byte. Where only some texts are not UTF-8, these bytes
    // become question marks, their events are marked, and all others are read as usual.
    finding = examine(bytes, length, kind);
    if (!finding.found && !finding.notUnicode.empty()) {
      copy();
      for (size_t place : finding.notUnicode) decoder->text[place] = '?';
      decoder->notUnicode = std::move(finding.notUnicode);
      if (decoder->walk(kind, length, events_max, tooMany)) return int64_t(decoder->count);
    }
  }
  decoder->count = 0;
  if (tooMany) {
    refuse(refusal, "");
    std::snprintf(refusal->sentence, sizeof refusal->sentence,
                  "More than %zu events in one body: send them in several.", events_max);
    return -1;
  }
  if (!finding.found) return refuse(refusal, "The body is not JSON as RFC 8259 writes it.");
  locate(bytes, finding.offset, *refusal);
  std::snprintf(refusal->sentence, sizeof refusal->sentence, "%s", finding.sentence);
  return -1;
}
}
