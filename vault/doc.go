// Package vault is the place of the vaults: where values rest and what it takes to
// open them, one leaf per platform and one contract (vaulttest) that all of them
// keep. It holds no code itself.
package vault
