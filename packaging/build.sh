#!/usr/bin/env bash
# Packages: target/debian/*.deb and target/generate-rpm/*.rpm. Needs cargo-deb and cargo-generate-rpm (`cargo install`); makes those whose tool is
# there. The profile is `dist`; `packaging/build.sh release` is quicker to build and for trials.
set -euo pipefail
cd "$(dirname "$0")/.."
profile=${1:-dist}

cargo build --locked --profile "$profile" --bin iinspect
program=target/$profile/iinspect

# What the program says of itself: pages of the manual and completions cannot differ from it.
made=target/package
rm -rf "$made"
mkdir -p "$made/completions"
"$program" man --out "$made/man"
"$program" completions bash >"$made/completions/iinspect"
"$program" completions zsh >"$made/completions/_iinspect"
"$program" completions fish >"$made/completions/iinspect.fish"
"$program" config init --service | cmp - packaging/config.toml

if command -v cargo-deb >/dev/null; then
    cargo deb --no-build --profile "$profile"
else
    echo 'no .deb: cargo install cargo-deb' >&2
fi
if command -v cargo-generate-rpm >/dev/null; then
    for page in "$made"/man/*.1; do gzip -9 -n -k -f "$page"; done
    cargo generate-rpm --profile "$profile"
    rm -f "$made"/man/*.1.gz
else
    echo 'no .rpm: cargo install cargo-generate-rpm' >&2
fi
