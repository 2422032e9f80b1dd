#!/usr/bin/env bash
# dmg.sh: puts build/NoxKey.app and a link to /Applications into build/NoxKey-VERSION.dmg.
#   APP       default: build/NoxKey.app, made by make app
#   SIGN_ID   signs the image, too; default "-": not signed
# The last line of its output is the image's path.
set -euo pipefail
cd "$(dirname "$0")/.."

die() { printf 'dmg.sh: %s\n' "$*" >&2; exit 1; }

[ "$(uname)" = Darwin ] || die "a disk image is made on a Mac (hdiutil)"
app=${APP:-build/NoxKey.app}
sign=${SIGN_ID:--}
[ -d "$app" ] || die "$app is not there: make app"
version=$(plutil -extract CFBundleShortVersionString raw -o - "$app/Contents/Info.plist")
case $version in
  [0-9]*.[0-9]*.[0-9]*) ;;
  *) die "the version of $app is '$version'" ;;
esac
dmg=build/NoxKey-$version.dmg

stage=$(mktemp -d "${TMPDIR:-/tmp}/noxkey-dmg.XXXXXX")
trap 'rm -rf "$stage"' EXIT
ditto "$app" "$stage/NoxKey.app"
ln -s /Applications "$stage/Applications"
rm -f "$dmg"
hdiutil create -quiet -volname NoxKey -srcfolder "$stage" -fs HFS+ -format UDZO -ov "$dmg"
hdiutil verify -quiet "$dmg"
[ "$sign" = - ] || codesign --force --timestamp --sign "$sign" "$dmg"
printf '%s\n' "$dmg"
