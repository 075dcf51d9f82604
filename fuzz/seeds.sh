#!/usr/bin/env bash
# Fills fuzz/corpus/TARGET with the fixtures and the constructed attacks that are of that format. The
# parsers of text and the whole engine get all that is short.
set -euo pipefail
cd "$(dirname "$0")/.."
IINSPECT_SEEDS=fuzz/corpus cargo test --quiet --test soak -- --ignored seeds_are_laid_out
for target in fuzz/corpus/*; do printf '%6d %s\n' "$(find "$target" -type f | wc -l)" "$target"; done
