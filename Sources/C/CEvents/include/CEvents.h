// SPDX-License-Identifier: Apache-2.0
#ifndef TANPUHUI_CEVENTS_H
#define TANPUHUI_CEVENTS_H
#endif
