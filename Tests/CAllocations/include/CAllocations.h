// SPDX-License-Identifier: Apache-2.0
// For tests only: how often the calling thread has asked for heap memory since it began.
#ifndef TANPUHUI_CALLOCATIONS_H
#define TANPUHUI_CALLOCATIONS_H

long allocations_of_this_thread(void);

#endif
