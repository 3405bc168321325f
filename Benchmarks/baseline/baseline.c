// SPDX-License-Identifier: Apache-2.0
// BASELINE. The same award as rows in SQLite tables, the way one would first write it.
//
//   event ──▶ one row in `event` (unique by partner and id) ──▶ one row in `transfer`
//         └─▶ two rows of `balance` brought up to date: the citizen's and the issuer's
//
// 1,000 events a transaction, WAL, synchronous=FULL, statements prepared once. It does less than the
// platform: no rules, no caps, no plausibility, no history, no chain, no network. It is in C, so that
// no language is to blame for its speed.
//
//   baseline [EVENTS [CITIZENS [FILE [sequential|random]]]]
//
// `random` gives events identifiers as partners' UUIDs are, whose index then grows everywhere at
// once; `sequential` is the kindest case, and the default.

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 1000, ISSUER = 0 };

static const char *schema =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "CREATE TABLE event(number INTEGER PRIMARY KEY, partner INTEGER NOT NULL, id TEXT NOT NULL,"
    "  citizen INTEGER NOT NULL, scene INTEGER NOT NULL, time INTEGER NOT NULL,"
    "  distance INTEGER NOT NULL, duration INTEGER NOT NULL, grams INTEGER NOT NULL,"
    "  UNIQUE(partner, id)) STRICT;"
    "CREATE TABLE transfer(number INTEGER PRIMARY KEY, event INTEGER NOT NULL,"
    "  debit INTEGER NOT NULL, credit INTEGER NOT NULL, grams INTEGER NOT NULL,"
    "  points INTEGER NOT NULL) STRICT;"
    "CREATE TABLE balance(account INTEGER PRIMARY KEY, grams INTEGER NOT NULL,"
    "  points INTEGER NOT NULL) STRICT;";

static sqlite3 *database;

static void insist(int status, const char *what) {
  if (status == SQLITE_OK || status == SQLITE_DONE || status == SQLITE_ROW) return;
  fprintf(stderr, "baseline: %s: %s\n", what, sqlite3_errmsg(database));
  exit(1);
}

static sqlite3_stmt *prepare(const char *text) {
  sqlite3_stmt *statement = NULL;
  insist(sqlite3_prepare_v2(database, text, -1, &statement, NULL), text);
  return statement;
}

static void run(sqlite3_stmt *statement, const char *what) {
  insist(sqlite3_step(statement), what);
  sqlite3_reset(statement);
}

static uint64_t mixed(uint64_t z) {
  z += 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

struct statements {
  sqlite3_stmt *begin, *commit, *event, *transfer, *balance;
};

static void award(const struct statements *s, int64_t number, int64_t citizens, int random_keys) {
  uint64_t dice = mixed((uint64_t)number);
  int64_t citizen = 1 + (int64_t)(dice % (uint64_t)citizens);
  int64_t metres = 500 + (int64_t)((dice >> 20) % 19500);
  int64_t grams = (metres * 487 + 5000) / 10000;
  int64_t points = grams / 40;
  char id[40];
  int length = snprintf(id, sizeof id, "%016llx",
                        (unsigned long long)(random_keys ? mixed(dice) : (uint64_t)number));

  sqlite3_bind_int64(s->event, 1, (int64_t)(dice >> 60));
  sqlite3_bind_text(s->event, 2, id, length, SQLITE_STATIC);
  sqlite3_bind_int64(s->event, 3, citizen);
  sqlite3_bind_int64(s->event, 4, 1);
  sqlite3_bind_int64(s->event, 5, 1700000000 + number);
  sqlite3_bind_int64(s->event, 6, metres);
  sqlite3_bind_int64(s->event, 7, metres / 4);
  sqlite3_bind_int64(s->event, 8, grams);
  run(s->event, "insert event");
  int64_t row = sqlite3_last_insert_rowid(database);

  sqlite3_bind_int64(s->transfer, 1, row);
  sqlite3_bind_int64(s->transfer, 2, ISSUER);
  sqlite3_bind_int64(s->transfer, 3, citizen);
  sqlite3_bind_int64(s->transfer, 4, grams);
  sqlite3_bind_int64(s->transfer, 5, points);
  run(s->transfer, "insert transfer");

  for (int side = 0; side < 2; side++) {
    sqlite3_bind_int64(s->balance, 1, side ? citizen : ISSUER);
    sqlite3_bind_int64(s->balance, 2, side ? grams : -grams);
    sqlite3_bind_int64(s->balance, 3, side ? points : -points);
    run(s->balance, "update balance");
  }
}

static void check_books(void) {
  sqlite3_stmt *sum = prepare("SELECT sum(grams), sum(points) FROM balance");
  insist(sqlite3_step(sum), "sum");
  if (sqlite3_column_int64(sum, 0) != 0 || sqlite3_column_int64(sum, 1) != 0) {
    fprintf(stderr, "baseline: the books do not balance\n");
    exit(1);
  }
  sqlite3_finalize(sum);
}

static void remove_all(const char *path) {
  const char *endings[] = {"", "-wal", "-shm"};
  for (int i = 0; i < 3; i++) {
    char name[4096];
    snprintf(name, sizeof name, "%s%s", path, endings[i]);
    unlink(name);
  }
}

int main(int count, char **words) {
  int64_t events = count > 1 ? atoll(words[1]) : 300000;
  int64_t citizens = count > 2 ? atoll(words[2]) : 100000;
  const char *path = count > 3 ? words[3] : "baseline.sqlite";
  int random_keys = count > 4 && strcmp(words[4], "random") == 0;
  if (events < 1 || citizens < 1) {
    fprintf(stderr, "usage: baseline [EVENTS [CITIZENS [FILE [sequential|random]]]]\n");
    return 2;
  }
  if (access(path, F_OK) == 0) {
    fprintf(stderr, "baseline: %s exists; name a file that does not\n", path);
    return 1;
  }
  insist(sqlite3_open(path, &database), path);
  insist(sqlite3_exec(database, schema, NULL, NULL, NULL), "schema");
  struct statements s = {
      prepare("BEGIN IMMEDIATE"), prepare("COMMIT"),
      prepare("INSERT INTO event(partner, id, citizen, scene, time, distance, duration, grams)"
              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
      prepare("INSERT INTO transfer(event, debit, credit, grams, points) VALUES(?1, ?2, ?3, ?4, ?5)"),
      prepare("INSERT INTO balance VALUES(?1, ?2, ?3) ON CONFLICT(account) DO UPDATE SET"
              " grams = grams + excluded.grams, points = points + excluded.points"),
  };
  double begun = now();
  for (int64_t done = 0; done < events;) {
    run(s.begin, "begin");
    for (int i = 0; i < BATCH && done < events; i++) award(&s, ++done, citizens, random_keys);
    run(s.commit, "commit");
  }
  double seconds = now() - begun;
  check_books();
  printf("{\"program\":\"baseline\",\"events\":%lld,\"citizens\":%lld,\"keys\":\"%s\","
         "\"seconds\":%.3f,\"eventsPerSecond\":%.0f}\n",
         (long long)events, (long long)citizens, random_keys ? "random" : "sequential", seconds,
         (double)events / seconds);
  sqlite3_stmt *all[] = {s.begin, s.commit, s.event, s.transfer, s.balance};
  for (int i = 0; i < 5; i++) sqlite3_finalize(all[i]);
  sqlite3_close(database);
  remove_all(path);
  return 0;
}
