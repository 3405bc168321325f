// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CPlatform.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

void *tph_map(size_t bytes) {
  void *memory =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    fprintf(stderr, "tanpuhui: no memory left for %zu bytes; give the machine more.\n", bytes);
    abort();
  }
  if (bytes >= (size_t)2 << 20) madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

void tph_unmap(void *memory, size_t bytes) { munmap(memory, bytes); }
