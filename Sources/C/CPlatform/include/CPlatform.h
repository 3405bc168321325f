// SPDX-License-Identifier: Apache-2.0
// What Swift cannot say itself: prefetching, huge pages, and GNU calls its Glibc module hides.
#ifndef TANPUHUI_CPLATFORM_H
#define TANPUHUI_CPLATFORM_H
#include <stddef.h>
#include <stdint.h>

/// Asks the processor to bring a line of memory near; never faults.
static inline void tph_prefetch(const void *address) { __builtin_prefetch(address, 1, 1); }

/// Zeroed memory in huge pages where the system has them; the process ends when there is none.
void *tph_map(size_t bytes);
void tph_unmap(void *memory, size_t bytes);

/// Names the calling thread, at most 15 bytes.
void tph_name_thread(const char *name);

/// Writes a line to the standard error output, whole.
void tph_complain(const char *line);

#endif
