# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# ./run check: the stages, each timed, all counted. Sourced by ./run.
#
# A stage that is no test (format, build, a pack) counts one; tests are counted by what the test
# run itself wrote down. A test run that dies without its record counts as one failure, so the
# closing line never says more than was seen. A failed stage does not stop the others, but without
# a build there is nothing to test.
: "${here:?}" "${build:?}"

passed=0
failed=0
troubles=()

# stage NAME COMMAND…: runs it, prints its time; its output only when it fails.
stage() {
  local name=$1 begun=$SECONDS log
  shift
  log="$build/check-${name// /-}.log"
  if "$@" </dev/null >"$log" 2>&1; then
    passed=$((passed + 1))
    printf '%-28s ok      %4d s\n' "$name" $((SECONDS - begun))
  else
    failed=$((failed + 1))
    troubles+=("$name")
    tail -n 60 "$log"
    printf '%-28s FAILED  %4d s\n' "$name" $((SECONDS - begun))
    return 1
  fi
}

# How many tests of a record failed: one may have failed in several places.
failing() {
  awk '/<testcase /{new = 1} /<failure/ && new {count++; new = 0} END {print count + 0}' "$1"
}

# tests NAME FLAGS…: a run of `swift test`, counted by its own record.
tests() {
  local name=$1 begun=$SECONDS log record written status=0 all=0 bad=0 skipped=0
  shift
  log="$build/check-$name.log"
  record="$build/check-$name.xml"
  rm -f "$record" "${record%.xml}-swift-testing.xml"
  swift test --skip-build --package-path "$here" --scratch-path "$build" \
    --disable-xctest --xunit-output "$record" "$@" </dev/null >"$log" 2>&1 || status=$?
  for written in "$record" "${record%.xml}-swift-testing.xml"; do
    [[ -f $written ]] || continue
    skipped=$((skipped + $(grep -c '<skipped' "$written" || true)))
    all=$((all + $(grep -c '<testcase ' "$written" || true)))
    bad=$((bad + $(failing "$written")))
  done
  # What was skipped (a measurement, say) has neither passed nor failed.
  all=$((all - skipped))
  ((status == 0 || bad > 0)) || bad=1
  ((all > 0)) || {
    bad=$((bad > 0 ? bad : 1))
    all=$bad
  }
  grep -A 3 -F '*** NOT RUN' "$log" || true
  passed=$((passed + all - bad))
  failed=$((failed + bad))
  if ((bad == 0)); then
    printf '%-28s ok      %4d s  %d tests, %d skipped\n' "$name" $((SECONDS - begun)) "$all" "$skipped"
  else
    troubles+=("$name")
    grep -vE '^(◇|✔|\[)' "$log" | tail -n 200 || true
    printf '%-28s FAILED  %4d s  %d of %d tests\n' "$name" $((SECONDS - begun)) "$bad" "$all"
  fi
}

format_lint() {
  local -a where=(Package.swift Sources Tests)
  (cd "$here" && swift format lint --strict --recursive "${where[@]}")
}

shell_lint() {
  (cd "$here" && shellcheck -x run .ci/run Tools/*.sh)
}

build_tests() {
  # Warnings are errors by Package.swift.
  swift build --build-tests --package-path "$here" --scratch-path "$build"
}

# program FILE: a test program in Python, counted by what unittest says at its end.
program() {
  local name begun=$SECONDS log status=0 all=0 bad=0 skipped=0
  name=$(basename "$1" .py)
  log="$build/check-program-$name.log"
  TANPUHUI="$build/debug/tanpuhui" PYTHONDONTWRITEBYTECODE=1 \
    "$here/.tools/venv/bin/python" "$1" </dev/null >"$log" 2>&1 || status=$?
  # "Ran 7 tests in 24.6s", then "OK (skipped=1)" or "FAILED (failures=1, errors=2)".
  read -r all skipped bad < <(awk '
    /^Ran [0-9]+ tests? in / {all = $2; skipped = bad = 0}
    /^(OK|FAILED)( \(|$)/ {
      for (at = split($0, part, "[(), ]+"); at > 0; at--) {
        split(part[at], pair, "=")
        if (pair[1] == "skipped") skipped = pair[2]
        else bad += pair[2]
      }
    }
    END {print all + 0, skipped + 0, bad + 0}' "$log")
  # A test may fail in several of its parts: no more have failed than there are.
  all=$((all - skipped))
  ((bad <= all)) || bad=$all
  ((status == 0 || bad > 0)) || bad=1
  ((all >= bad)) || all=$bad
  grep -A 1 -F '*** NOT RUN' "$log" || true
  passed=$((passed + all - bad))
  failed=$((failed + bad))
  if ((bad == 0)); then
    printf '%-28s ok      %4d s  %d tests, %d skipped\n' "program $name" $((SECONDS - begun)) \
      "$all" "$skipped"
  else
    troubles+=("program $name")
    tail -n 200 "$log"
    printf '%-28s FAILED  %4d s  %d of %d tests\n' "program $name" $((SECONDS - begun)) \
      "$bad" "$all"
  fi
}

check() {
  local begun=$SECONDS pack program_test
  mkdir -p "$build"
  stage "format" format_lint || true
  stage "shell" shell_lint || true
  if stage "build" build_tests; then
    tests "tidy" --filter TidyTests
    tests "tests" --skip TidyTests
    for pack in "$here"/Packs/*/; do
      [[ -d $pack ]] || continue
      stage "pack $(basename "$pack")" "$build/debug/tanpuhui" pack check "$pack" || true
    done
    for program_test in "$here"/Tests/Programs/*.py; do
      [[ -f $program_test ]] || continue
      program "$program_test"
    done
  fi
  ((${#troubles[@]} == 0)) || printf 'failed: %s\n' "$(IFS=,; printf '%s' "${troubles[*]}")"
  printf 'time: %d s\n' $((SECONDS - begun))
  printf '%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0 && passed > 0))
}
