#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A PostgreSQL server of one's own, for tests: a fresh cluster in DIR, reached by a unix socket in
# DIR and by loopback, as the user `postgres` without a password. It belongs to nobody else and
# leaves nothing behind but DIR.
#
#   postgres-private.sh start DIR PORT [OWNER]   OWNER: a process; the server ends when it has ended
#   postgres-private.sh stop DIR
set -eu

say() { echo "postgres-private: $*" >&2; }

bin=${POSTGRES_BIN:-/usr/lib/postgresql/15/bin}
if [ ! -x "$bin/initdb" ] || [ ! -x "$bin/pg_ctl" ]; then
  say "PostgreSQL 15 is missing in $bin. Run: apt-get install postgresql-15"
  exit 3
fi
[ $# -ge 2 ] || { say "usage: start DIR PORT [OWNER] | stop DIR"; exit 2; }
action=$1
dir=$2

# The server refuses to run as root; the package's own user is there for that.
as_server() {
  if [ "$(id -u)" -eq 0 ]; then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

case $action in
start)
  port=$3
  owner=${4:-}
  if [ "$(id -u)" -eq 0 ] && ! id postgres >/dev/null 2>&1; then
    say "root cannot run the server and there is no user postgres. Run: adduser --system postgres"
    exit 3
  fi
  mkdir -p "$dir"
  [ "$(id -u)" -ne 0 ] || chown postgres "$dir"
  chmod 700 "$dir"
  if [ ! -f "$dir/cluster/PG_VERSION" ]; then
    as_server "$bin/initdb" -D "$dir/cluster" -U postgres --auth=trust --encoding=UTF8 \
      --locale=C --no-sync >"$dir/../$(basename "$dir").initdb.log" 2>&1 ||
      { say "initdb failed:"; cat "$dir/../$(basename "$dir").initdb.log" >&2; exit 1; }
    rm -f "$dir/../$(basename "$dir").initdb.log"
  fi
  as_server "$bin/pg_ctl" -D "$dir/cluster" -l "$dir/server.log" -w -t 30 -s \
    -o "-p $port -c unix_socket_directories='$dir' -c listen_addresses=127.0.0.1" \
    -o "-c max_connections=40 -c shared_buffers=64MB" start >/dev/null 2>&1 ||
    { say "the server did not start:"; cat "$dir/server.log" >&2 || true; exit 1; }
  if [ -n "$owner" ]; then
    # Whatever becomes of the owner, the server does not outlive it by more than two seconds.
    (
      while kill -0 "$owner" 2>/dev/null && [ -f "$dir/cluster/postmaster.pid" ]; do sleep 2; done
      "$0" stop "$dir"
    ) >/dev/null 2>&1 </dev/null &
  fi
  echo "host=$dir port=$port user=postgres dbname=postgres"
  ;;
stop)
  if [ -f "$dir/cluster/postmaster.pid" ]; then
    as_server "$bin/pg_ctl" -D "$dir/cluster" -m fast -w -t 20 -s stop >/dev/null 2>&1 ||
      as_server "$bin/pg_ctl" -D "$dir/cluster" -m immediate -w -t 10 -s stop >/dev/null 2>&1 ||
      { say "the server in $dir does not stop; see $dir/server.log"; exit 1; }
  fi
  # Only what this script made is removed.
  [ ! -f "$dir/cluster/PG_VERSION" ] || rm -rf "$dir/cluster" "$dir/server.log"
  rmdir "$dir" 2>/dev/null || true
  ;;
*)
  say "usage: start DIR PORT [OWNER] | stop DIR"
  exit 2
  ;;
esac
