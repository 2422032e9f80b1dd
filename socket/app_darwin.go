package socket

import "noxkey/caller"

func init() {
	checkApp = codes{peer: caller.CodeOfPeer, of: caller.CodeOf, read: caller.ReadProcess}.check
}
