// SPDX-License-Identifier: Apache-2.0
// WALK. One pass over the places of the tokens that simdjson's stage 1 found.
//
//   {"id":"a1","data":{"steps":9000}}
//   ^^   ^^    ^^     ^^^      ^^   ^^      places: every bracket, colon, comma, opening quote,
//                                           and the first byte of every number and word
//
// A token ends where the next one begins, less white space. The place after the last is the length
// of the body, where the padding holds a zero: no zero is ever accepted, so the walk cannot pass it.
#pragma once
#include "CEvents.h"
#include "Scalars.hpp"
#include <vector>

namespace events {

/// Names to numbers, by their first eight bytes and length.
class Names {
public:
  void add(const char *name, uint8_t number);
  /// 0 where the name is not known. Reads up to eight bytes past the name.
  uint8_t find(const uint8_t *name, size_t length) const;
  ~Names();

private:
  struct Entry {
    uint64_t head = 0;
    char *name = nullptr;
    uint32_t length = 0;
    uint8_t number = 0;
  };
  static constexpr size_t size = 128;
  static uint64_t head(const uint8_t *name, size_t length);
  static size_t place(uint64_t head, size_t length);
  Entry entries[size];
};

struct Vocabulary {
  /// tph_event_member of an attribute.
  Names attributes;
  /// Of a member of `data`: a field's number + 1, or one of the two below.
  Names members;
  static constexpr uint8_t vehicle = 100, site = 101;
};

class Walk {
public:
  Walk(uint8_t *text, const uint32_t *places, const Vocabulary &vocabulary,
       const std::vector<size_t> &notUnicode)
      : text(text), at(places), vocabulary(vocabulary), notUnicode(notUnicode) {}

  /// Reads one value as an event, whatever is wrong with it; false where it is not JSON.
  bool event(tph_event &out, int depth);
  bool next(uint8_t byte) { return text[*at] == byte ? (at++, true) : false; }
  /// Where the next token and the last one read begin.
  uint32_t place() const { return at[0]; }
  uint32_t placeBefore() const { return at[-1]; }

private:
  struct Span {
    uint8_t *start, *end;
  };
  bool quoted(Span &span);
  bool scalar(Span &span);
  bool key(Span &span);
  bool skip(int depth);
  bool skipScalar();
  bool attribute(tph_event &out, tph_event_member member, int depth);
  bool data(tph_event &out, int depth);
  bool string(tph_event &out, tph_text &into, tph_event_member member, size_t limit, int depth);
  bool field(tph_event &out, uint8_t number, int depth);
  bool isNull() const;

  uint8_t *text;
  const uint32_t *at;
  const Vocabulary &vocabulary;
  const std::vector<size_t> &notUnicode;
};

} // namespace events
