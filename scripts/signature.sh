#!/usr/bin/env bash
# signature.sh APP [TEAM]: checks a signed NoxKey.app on a Mac: seal, hardened runtime, and
# that app and client are signed with the entitlements of entitlements/ and no others.
set -euo pipefail

say() { printf 'signature.sh: %s\n' "$*"; }
die() { printf 'signature.sh: %s\n' "$*" >&2; exit 1; }

case $# in
  1 | 2) ;;
  *) die "usage: scripts/signature.sh APP [TEAM]" ;;
esac
case $1 in /*) app=$1 ;; *) app=$PWD/$1 ;; esac
team=${2:-}
cd "$(dirname "$0")/.."
[ "$(uname)" = Darwin ] || die "signatures are checked on a Mac (codesign)"
[ -d "$app" ] || die "$app is not there: make app"

go run ./tools/bundle check "$app"
codesign --verify --deep --strict --verbose=2 "$app"

# codesign -d writes its description to the standard error, the entitlements to the
# standard output.
for part in app helper; do
  case $part in
    app) code=$app ;;
    helper) code=$app/Contents/Helpers/noxkey ;;
  esac
  about=$(codesign -d --verbose=2 "$code" 2>&1)
  case $about in
    *'flags='*'('*runtime*')'*) ;;
    *) die "$code is not signed with the hardened runtime: $about" ;;
  esac
  if [ -n "$team" ]; then
    case $about in
      *"TeamIdentifier=$team"*) ;;
      *) die "$code is not signed by team $team: $about" ;;
    esac
  fi
  given=$(codesign -d --entitlements - --xml "$code" 2>/dev/null | tr -d '\0')
  say "entitlements of the $part: ${given:-none}"
  want=$team
  [ "$part" = app ] || want=
  printf '%s' "$given" | go run ./tools/bundle signed "$part" ${want:+"$want"}
done
say "$app: sealed, hardened, entitled to what DESIGN says and nothing else"
