// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CPlatform.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

static void *reserve(size_t bytes, size_t spare) {
  char *memory = mmap(NULL, bytes + spare, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    fprintf(stderr, "tanpuhui: no memory left for %zu bytes; give the machine more.\n", bytes);
    abort();
  }
  if (spare == 0) return memory;
  size_t before = (HUGE_PAGE - (uintptr_t)memory % HUGE_PAGE) % HUGE_PAGE;
  size_t page = 4096;
  size_t used = (bytes + page - 1) / page * page;
  if (before > 0) munmap(memory, before);
  if (before + used < bytes + spare) munmap(memory + before + used, bytes + spare - before - used);
  return memory + before;
}

void *tph_map(size_t bytes) {
  // Large pieces begin at a huge page, so that a random access costs one look-up, not four.
  if (bytes < HUGE_PAGE) return reserve(bytes, 0);
  void *memory = reserve(bytes, HUGE_PAGE);
  madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

void *tph_reserve(size_t bytes) { return reserve(bytes, HUGE_PAGE); }

void tph_huge(void *memory, size_t used, size_t bytes) {
  // Small pages that are there already would stay small: they are given back and filled again.
  char *copy = used > 0 ? malloc(used) : NULL;
  if (used > 0 && copy == NULL) return;
  if (copy != NULL) memcpy(copy, memory, used);
  madvise(memory, used, MADV_DONTNEED);
  madvise(memory, bytes, MADV_HUGEPAGE);
  if (copy != NULL) memcpy(memory, copy, used);
  free(copy);
}

void tph_populate(void *memory, size_t bytes) {
#ifdef MADV_POPULATE_WRITE
  char *from = (char *)((uintptr_t)memory / 4096 * 4096);
  // Where the system can't, pages come when they are touched, as ever.
  madvise(from, (size_t)((char *)memory + bytes - from), MADV_POPULATE_WRITE);
#endif
}

void tph_unmap(void *memory, size_t bytes) { munmap(memory, bytes); }

void tph_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

void tph_complain(const char *line) { fprintf(stderr, "%s\n", line); }
