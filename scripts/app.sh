#!/usr/bin/env bash
# app.sh: builds NoxKey.app on a Mac: both architectures, hardened runtime, signed.
#
#   SIGN_ID   identity for codesign; default "-", ad hoc: it runs on this Mac only
#   PROFILE   provisioning profile of the team for app.noxkey.NoxKey; with it the app may
#             use the protected Keychain. Without it the entitlements that need one are left
#             out, since macOS kills at launch a program that claims them all the same.
#   VERSION   default: git describe
#   OUT       default: build/NoxKey.app
#
# It needs Go and the Xcode command line tools, and no network. bash 3.2, as macOS has it.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'app.sh: %s\n' "$*"; }
die() { printf 'app.sh: %s\n' "$*" >&2; exit 1; }

if [ "$(uname)" != Darwin ]; then
  die "the app is built on a Mac: it links AppKit. Here: make check-darwin compiles it against stubs, make build makes the app for Linux."
fi
for t in go git clang lipo codesign; do
  command -v "$t" >/dev/null || die "$t is missing: install Go (https://go.dev/dl) and the Xcode command line tools (xcode-select --install)"
done

sign=${SIGN_ID:--}
profile=${PROFILE:-}
version=${VERSION:-$(git describe --always --dirty)}
out=${OUT:-build/NoxKey.app}
min=13.0 # LSMinimumSystemVersion; bundle check compares what was linked with it

team=
if [ -n "$profile" ]; then
  [ "$sign" != - ] || die "PROFILE is of use only with SIGN_ID, the team's identity"
  team=$(printf '%s\n' "$sign" | sed -n 's/.*(\([A-Z0-9]\{10\}\))$/\1/p')
  [ -n "$team" ] || die "SIGN_ID must end in the team's identifier, as in 'Developer ID Application: Name (ABCDE12345)'"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/noxkey-app.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Built without an optimisation under which libffi would be handed slices on the stack
# (upstream issue 286): everywhere, since objc.Call is generic and compiled where it is used.
export GOOS=darwin MACOSX_DEPLOYMENT_TARGET=$min
export CGO_CFLAGS="-O2 -g -mmacosx-version-min=$min" CGO_LDFLAGS="-O2 -g -mmacosx-version-min=$min"
for arch in arm64 amd64; do
  say "building for $arch"
  GOARCH=$arch CGO_ENABLED=1 go build -trimpath \
    -gcflags=all=-d=variablemakehash=qn \
    -ldflags "-s -w -X main.version=$version" -o "$work/app-$arch" .
  GOARCH=$arch CGO_ENABLED=0 go build -trimpath \
    -ldflags "-s -w -X noxkey/cli.Version=$version" -o "$work/client-$arch" ./cmd/noxkey
done
unset GOOS MACOSX_DEPLOYMENT_TARGET CGO_CFLAGS CGO_LDFLAGS
for b in app client; do
  lipo -create "$work/$b-arm64" "$work/$b-amd64" -output "$work/$b"
  lipo "$work/$b" -verify_arch arm64 x86_64
done

mkdir -p "$(dirname "$out")"
go run ./tools/bundle assemble -app "$work/app" -client "$work/client" -out "$out" \
  -version "$version" -build "$(git rev-list --count HEAD)" -year "$(git log -1 --format=%cd --date=format:%Y)" \
  ${profile:+-profile "$profile"}

# From the inside out, never with --deep: that would give the client the app's entitlements.
go run ./tools/bundle entitlements helper >/dev/null # refuses if the client had any
go run ./tools/bundle entitlements app ${team:+"$team"} >"$work/app.entitlements"
stamp=--timestamp
[ "$sign" != - ] || stamp=--timestamp=none
codesign --force --options runtime "$stamp" --identifier app.noxkey.client --sign "$sign" "$out/Contents/Helpers/noxkey"
codesign --force --options runtime "$stamp" --entitlements "$work/app.entitlements" --sign "$sign" "$out"

scripts/signature.sh "$out" ${team:+"$team"}
say "$out is ready ($version, signed by '$sign')"
