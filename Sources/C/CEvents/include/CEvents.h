// SPDX-License-Identifier: Apache-2.0
// EVENTS. A request body of CloudEvents 1.0, decoded into flat structs.
//
//   body ──▶ padded copy ──stage 1──▶ places of all tokens ──one walk──▶ tph_event, tph_event, …
//                │ (simdjson: quotes, UTF-8)                  └─ anything that is not JSON
//                └──────────────── strict re-scan, slow ◀────────┘  ──▶ line, column, sentence
//
// Invariants
// - A body that is not JSON is refused whole and yields no event; a broken event marks itself only.
// - Nothing is allocated per event once the decoder has seen a body of that size.
// - Texts point into the decoder and are valid until its next call. One decoder, one thread.
// - Numbers never pass through a double: a value is the exact decimal in millionths of its unit,
//   rounded half-even at the sixth decimal, as `Measured.parse` reads it.
// - Every member is checked for its grammar, also those that are skipped: they may be personal, so
//   they are not kept.
//
// Decided here: `null` means that a member is absent, as CloudEvents allows; a member that we read
// and that is said twice is an error of its event, because taking the last would let two readers of
// the same body credit different amounts; an unknown member may be repeated.
#ifndef TANPUHUI_CEVENTS_H
#define TANPUHUI_CEVENTS_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef struct tph_decoder tph_decoder;

enum { TPH_FIELDS = 16, TPH_EVENT_DEPTH = 64, TPH_STRANGERS = 3 };

/// How events stand in a body.
enum tph_body_kind {
  TPH_BODY_BATCH = 1,  // application/cloudevents-batch+json: one array
  TPH_BODY_SINGLE = 2, // application/cloudevents+json: one object
  TPH_BODY_LINES = 3   // NDJSON: one object a line, blank lines allowed
};

/// What is wrong with one event: the first thing in its text; a missing member last.
enum tph_event_error {
  TPH_EVENT_GOOD = 0,
  TPH_EVENT_NOT_OBJECT = 1,
  TPH_EVENT_MISSING = 2,       // id
  TPH_EVENT_EMPTY = 3,         // a text of no characters
  TPH_EVENT_TOO_LONG = 4,      // id, type, subject, vehicle, site: 256 bytes; source 1024; time 64
  TPH_EVENT_WRONG_TYPE = 5,    // also a number that is sent as a text
  TPH_EVENT_OUT_OF_RANGE = 6,  // beyond ±9.2e12, or of more than 40 digits
  TPH_EVENT_CONTROL = 7,       // a control character in a text
  TPH_EVENT_NOT_UNICODE = 8,   // bytes that are not UTF-8, or half a surrogate pair
  TPH_EVENT_TWICE = 9,         // the same member again
  TPH_EVENT_WRONG_VERSION = 10 // specversion is not "1.0"
};

/// Which member the error is about.
enum tph_event_member {
  TPH_MEMBER_NONE = 0,
  TPH_MEMBER_ID = 1,
  TPH_MEMBER_SOURCE = 2,
  TPH_MEMBER_TYPE = 3,
  TPH_MEMBER_SUBJECT = 4,
  TPH_MEMBER_TIME = 5,
  TPH_MEMBER_DATA = 6,
  TPH_MEMBER_SPECVERSION = 7,
  TPH_MEMBER_VEHICLE = 8,
  TPH_MEMBER_SITE = 9,
  TPH_MEMBER_FIELD = 10 // `field` has its number
};

/// UTF-8, not ended by a zero; `start` is null where the member is absent.
typedef struct {
  const char *start;
  size_t length;
} tph_text;

typedef struct {
  uint32_t index; // from 0, in the order of the body
  uint32_t line;  // from 1, in TPH_BODY_LINES; else 0
  uint8_t error;  // tph_event_error
  uint8_t member; // tph_event_member
  uint8_t field;
  uint8_t time_readable; // 1 when `milliseconds` holds
  uint32_t present;      // bit n: field n was measured
  int64_t milliseconds;  // of `time`, since 1970 UTC
  tph_text id, source, type, subject, time, vehicle, site;
  // The first names that nobody here knows, of members or of data: a wrong spelling is among them.
  tph_text stranger[TPH_STRANGERS];
  int64_t value[TPH_FIELDS]; // by field number, in millionths of its unit
} tph_event;

/// Why a whole body was refused, and where: from 1, the column in characters.
typedef struct {
  uint32_t line, column;
  char sentence[160];
} tph_refusal;

/// A decoder that knows these field names by their number (0 to 15; null: no such number). The
/// names are copied. Null when there is no memory.
tph_decoder *tph_decoder_create(const char *const names[TPH_FIELDS]);
void tph_decoder_destroy(tph_decoder *decoder);

/// The number of events, or -1 with the refusal filled in. A body of more than `events_max` events
/// is refused.
int64_t tph_decode(tph_decoder *decoder, enum tph_body_kind kind, const void *body, size_t length,
                   size_t events_max, tph_refusal *refusal);

/// The events of the last call that did not refuse; valid until the next.
const tph_event *tph_events(const tph_decoder *decoder);

#ifdef __cplusplus
}
#endif
#endif
