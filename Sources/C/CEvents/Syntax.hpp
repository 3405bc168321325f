// SPDX-License-Identifier: Apache-2.0
// SYNTAX. A strict, slow reader of JSON that finds the first wrong byte. It runs only where the
// fast walk gave up, so it is written for its sentences and not for speed.
#pragma once
#include "CEvents.h"
#include <cstddef>
#include <cstdint>
#include <vector>

namespace events {

struct Finding {
  bool found = false;
  size_t offset = 0;
  const char *sentence = "";
  /// Bytes inside of strings that are not UTF-8: the fault of one event, not of the body.
  std::vector<size_t> notUnicode;
};

Finding examine(const uint8_t *body, size_t length, tph_body_kind kind);

} // namespace events
