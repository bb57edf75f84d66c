#!/bin/sh
# run.sh BUILD: runs all benchmarks of a build, one after another, and keeps their results.
set -eu
build=$1
results=$build/results
mkdir -p "$results"
status=0
run() {
  name=$1
  shift
  if [ -x "$build/bin/eventflux_${name}_bench" ]; then
    echo "== $name"
    "$build/bin/eventflux_${name}_bench" --json "$results/$name.json" "$@" || status=1
  fi
}
run micro
run end_to_end
run nexmark
exit $status
