# Homebrew cask of NoxKey. What stands between @ signs is filled in for a release by
#   go run ./tools/bundle cask -version 1.2.3 -dmg build/NoxKey-1.2.3.dmg -base https://... -homepage https://...
# from the image that scripts/notarize.sh made. Never installed from yet.
cask "noxkey" do
  version "@VERSION@"
  sha256 "@SHA256@"

  url "@BASE@/v#{version}/NoxKey-#{version}.dmg"
  name "NoxKey"
  desc "Secret manager for developers who work with AI coding agents"
  homepage "@HOMEPAGE@"

  depends_on macos: ">= :ventura"

  app "NoxKey.app"
  # The client stays in the bundle, so that both are of one version and one signature.
  binary "#{appdir}/NoxKey.app/Contents/Helpers/noxkey"

  uninstall quit: "app.noxkey.NoxKey"

  # The container holds the audit and the settings. The secrets are in the Keychain and stay.
  zap trash: [
    "~/Library/Application Scripts/app.noxkey.NoxKey",
    "~/Library/Containers/app.noxkey.NoxKey",
  ]

  caveats <<~EOS
    The secrets in the Keychain (service "noxkey") stay when NoxKey is removed.
    Delete them in NoxKey first, or in Keychain Access.
  EOS
end
