// SPDX-License-Identifier: Apache-2.0
// What Swift cannot say itself: prefetching, huge pages, and GNU calls its Glibc module hides.
#ifndef TANPUHUI_CPLATFORM_H
#define TANPUHUI_CPLATFORM_H
#include <stddef.h>
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/// Asks the processor to bring a line of memory near; never faults.
static inline void tph_prefetch(const void *address) { __builtin_prefetch(address, 1, 3); }

/// Which of sixteen bytes equal `value`: a bit for each, the first one lowest.
static inline uint32_t tph_match(const uint8_t *bytes, uint8_t value) {
#ifdef __SSE2__
  __m128i sixteen = _mm_loadu_si128((const __m128i *)bytes);
  return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(sixteen, _mm_set1_epi8((char)value)));
#else
  uint32_t found = 0;
  for (int index = 0; index < 16; index++) found |= (uint32_t)(bytes[index] == value) << index;
  return found;
#endif
}

/// Zeroed memory in huge pages where the system has them; the process ends when there is none.
void *tph_map(size_t bytes);
/// Zeroed memory in small pages, beginning at a huge page's boundary; only what is used counts.
void *tph_reserve(size_t bytes);
/// Takes huge pages for it from here on; its first `used` bytes stay what they are.
void tph_huge(void *memory, size_t used, size_t bytes);
/// Gets the memory now that would else be got, page by page, when it is first written.
void tph_populate(void *memory, size_t bytes);
void tph_unmap(void *memory, size_t bytes);

/// Names the calling thread, at most 15 bytes.
void tph_name_thread(const char *name);

/// Writes a line to the standard error output, whole.
void tph_complain(const char *line);

#endif
