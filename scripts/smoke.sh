#!/usr/bin/env bash
# smoke.sh [APP]: starts the real app on a Mac, talks to it through its socket and takes a
# picture of the screen. It uses a home of its own inside the app's container (the sandbox
# lets it write nowhere else) and removes it again; the person's vault is not touched.
# The picture, SHOT (default build/smoke.png), is for looking at and decides nothing.
set -euo pipefail

say() { printf 'smoke.sh: %s\n' "$*"; }
die() { printf 'smoke.sh: %s\n' "$*" >&2; exit 1; }

app=${1:-build/NoxKey.app}
case $app in /*) ;; *) app=$PWD/$app ;; esac
cd "$(dirname "$0")/.."
[ "$(uname)" = Darwin ] || die "the app runs on a Mac; on Linux: go run ./tools/tour"
[ -d "$app" ] || die "$app is not there: make app"
shot=${SHOT:-build/smoke.png}
client=$app/Contents/Helpers/noxkey
home=$HOME/Library/Containers/app.noxkey.NoxKey/Data/smoke-$$
before=$(pgrep -x NoxKey | sort || true)

finish() {
  # Only the process that was not there before is ours.
  for p in $(pgrep -x NoxKey || true); do
    case " $(printf '%s' "$before" | tr '\n' ' ') " in
      *" $p "*) ;;
      *) kill "$p" 2>/dev/null || true ;;
    esac
  done
  # From macOS 14 on, a terminal that may not look into containers is refused this.
  rm -rf "$home" 2>/dev/null || say "could not remove $home"
  rm -f "$findings"
}
findings=$(mktemp "${TMPDIR:-/tmp}/noxkey-smoke.XXXXXX")
trap finish EXIT

open -n "$app" --args --home "$home" || die "macOS would not open $app: log show --last 2m --predicate 'process == \"amfid\" OR process == \"taskgated-helper\"'"
# The home is new, so the first run is on the screen and the answer is "locked" (5).
answers() {
  code=0
  "$client" --home "$home" status >/dev/null 2>&1 || code=$?
  [ "$code" = 0 ] || [ "$code" = 5 ]
}
n=0
until answers; do
  n=$((n + 1))
  if [ "$n" -ge 60 ]; then
    "$client" --home "$home" status || true
    ls -la "$home" || true
    log show --last 2m --style compact --predicate 'process == "NoxKey" OR (process == "kernel" AND eventMessage CONTAINS "NoxKey")' | tail -40 || true
    die "after 60 s noxkey status does not answer"
  fi
  sleep 1
done
say "noxkey status:"
"$client" --home "$home" status || [ $? = 5 ]
mkdir -p "$(dirname "$shot")"
screencapture -x "$shot" || say "no picture: screencapture may not here"

# 5: no vault yet. 0: all is well. 1: something is not as it should be, as in an ad hoc build without the
# protected Keychain. Then there must be findings to read; any other code is a failure.
say "noxkey verify:"
code=0
"$client" --home "$home" verify --json >"$findings" || code=$?
cat "$findings"
case $code in
  5) ;;
  0 | 1) grep -q '{' "$findings" || die "verify left with $code and found nothing" ;;
  *) die "verify left with $code" ;;
esac
say "the app answers"
