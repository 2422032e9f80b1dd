package touchid

import "time"

// SetLimit makes a sheet's time short.
func SetLimit(a *Authenticator, d time.Duration) { a.limit = d }
