package issuing

import (
	"muvpn/client/issuing/roster"
	"muvpn/profile"
)

// Draft is what Make would give, for looking at: with all that is wrong beside
// it, and without the secrets of the last time, in whose place something stands
// that opens nothing. Vault, Signer and Random of the order are not used, and the
// draft must not be sealed.
func Draft(o Order, found roster.Faults) (*Issue, roster.Faults, error) {
	o.Vault, o.Random = Vault{}, zeros{}
	for name := range o.State.Users {
		o.Vault[name] = Secrets{Key: profile.NewSecret([]byte("in the place of a user's key"))}
	}
	return work(o, found)
}

// zeros are what a draft takes for random octets.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
