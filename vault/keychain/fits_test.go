package keychain

import (
	"noxkey/vault/enclave"
	"noxkey/vault/touchid"
)

// What is written to fit without an import does.
var (
	_ Sealer           = (*enclave.Sealer)(nil)
	_ touchid.Unlocker = (*Vault)(nil)
)
