#!/usr/bin/env bash
# notarize.sh: has Apple notarize build/NoxKey.app and its disk image, staples the tickets
# to both, and checks what came out. Of all that NoxKey does, this alone talks to a network;
# it is Apple's notarytool, on the machine that makes a release.
#
#   SIGN_ID          'Developer ID Application: Name (TEAMID)', with which make app signed
#   NOTARY_PROFILE   keychain profile, made once by: xcrun notarytool store-credentials
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'notarize.sh: %s\n' "$*"; }
die() { printf 'notarize.sh: %s\n' "$*" >&2; exit 1; }

[ "$(uname)" = Darwin ] || die "notarizing is done on a Mac (xcrun notarytool)"
sign=${SIGN_ID:-}
keys=${NOTARY_PROFILE:-}
app=build/NoxKey.app
case $sign in
  'Developer ID Application: '*) ;;
  *) die "SIGN_ID must be a Developer ID Application identity; Apple notarizes nothing else" ;;
esac
team=$(printf '%s\n' "$sign" | sed -n 's/.*(\([A-Z0-9]\{10\}\))$/\1/p')
[ -n "$team" ] || die "SIGN_ID must end in the team's identifier in parentheses"
[ -n "$keys" ] || die "NOTARY_PROFILE is not set: xcrun notarytool store-credentials NAME, then NOTARY_PROFILE=NAME"
[ -f "$app/Contents/embedded.provisionprofile" ] || die "$app has no provisioning profile: SIGN_ID='$sign' PROFILE=... make app"
scripts/signature.sh "$app" "$team"

work=$(mktemp -d "${TMPDIR:-/tmp}/noxkey-notary.XXXXXX")
mount=
finish() {
  [ -z "$mount" ] || hdiutil detach -quiet "$mount" || true
  rm -rf "$work"
}
trap finish EXIT

# notarytool has left with 0 although the answer was Invalid: the answer itself counts.
submit() {
  say "submitting $1"
  xcrun notarytool submit "$1" --keychain-profile "$keys" --wait --output-format plist >"$work/answer.plist" || true
  status=$(plutil -extract status raw -o - "$work/answer.plist" 2>/dev/null || true)
  if [ "$status" != Accepted ]; then
    id=$(plutil -extract id raw -o - "$work/answer.plist" 2>/dev/null || true)
    [ -z "$id" ] || xcrun notarytool log "$id" --keychain-profile "$keys" >&2 || true
    die "Apple's answer to $1: ${status:-none}"
  fi
}

# The app first, so that its ticket travels with it when it is copied out of the image.
ditto -c -k --keepParent "$app" "$work/NoxKey.zip"
submit "$work/NoxKey.zip"
xcrun stapler staple "$app"
made=$(APP=$app SIGN_ID=$sign scripts/dmg.sh)
dmg=$(printf '%s\n' "$made" | tail -n 1)
submit "$dmg"
xcrun stapler staple "$dmg"

say "checking what came out"
xcrun stapler validate "$app"
xcrun stapler validate "$dmg"
spctl --assess --type open --context context:primary-signature --verbose=4 "$dmg"
mount=$work/image
mkdir "$mount"
hdiutil attach -quiet -readonly -nobrowse -mountpoint "$mount" "$dmg"
shipped=$mount/NoxKey.app
xcrun stapler validate "$shipped"
verdict=$(spctl --assess --type execute --verbose=4 "$shipped" 2>&1) || die "Gatekeeper refuses it: $verdict"
case $verdict in
  *'source=Notarized Developer ID'*) ;;
  *) die "Gatekeeper does not call it notarized: $verdict" ;;
esac
scripts/signature.sh "$shipped" "$team"
say "$dmg is notarized, stapled and checked. Next: go run ./tools/bundle cask -dmg $dmg ..."
