#!/bin/sh
# run_fuzzer.sh PROGRAM SEEDS BUILD_DIR: fuzzes for TAUS_FUZZ_SECONDS from the seeds and what earlier runs found; a crash, leak,
# 10 s or 512 MiB on one input fails, and the input is kept in BUILD_DIR/finds/.
set -eu
name=$(basename "$1")
mkdir -p "$3/corpus/$name" "$3/finds"
# ASan's quarantine of freed memory, 256 MiB by itself, would count as ours.
ASAN_OPTIONS="quarantine_size_mb=32${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export ASAN_OPTIONS
exec "$1" -max_total_time="${TAUS_FUZZ_SECONDS:-20}" -timeout=10 -rss_limit_mb=512 -print_final_stats=1 -verbosity=0 \
  -artifact_prefix="$3/finds/$name-" "$3/corpus/$name" "$2"
