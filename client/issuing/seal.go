package issuing

import (
	"context"
	"crypto/ed25519"
	"errors"
	"runtime"
	"sync"

	"muvpn/profile"
)

// Seal makes the .EXP of each fresh user, on all cores; the others are nil.
// signer may be nil. tell is called with how many are done, never by two at once.
func (i *Issue) Seal(ctx context.Context, signer ed25519.PrivateKey, tell func(done int)) ([][]byte, error) {
	return i.sealBy(ctx, tell, func(u *Issued) ([]byte, error) {
		return profile.Seal(u.Profile, u.Secrets.Passphrase.Reveal(), profile.SealOptions{Signer: signer, Now: i.now, Expires: u.Expires})
	})
}

// sealBy seals one user after the other. Each needs 64 MiB for the derivation of
// a key.
func (i *Issue) sealBy(ctx context.Context, tell func(done int), seal func(*Issued) ([]byte, error)) ([][]byte, error) {
	sealed := make([][]byte, len(i.Users))
	var fresh []int
	for at := range i.Users {
		if i.Users[at].Fresh {
			fresh = append(fresh, at)
		}
	}
	err := onAllCores(ctx, len(fresh), tell, func(n int) (err error) {
		sealed[fresh[n]], err = seal(&i.Users[fresh[n]])
		return err
	})
	return sealed, err
}

// onAllCores has one worker a core do one thing after the other, n of them, until
// one fails. tell
// is called with how many are done, never by two at once.
func onAllCores(ctx context.Context, n int, tell func(done int), do func(at int) error) error {
	whole := ctx
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	faults := make([]error, n)
	next := make(chan int)
	var all sync.WaitGroup
	var telling sync.Mutex
	done := 0
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for at := range next {
				if faults[at] = do(at); faults[at] != nil {
					stop()
				}
				telling.Lock()
				done++
				tell(done)
				telling.Unlock()
			}
		})
	}
	for at := range n {
		if ctx.Err() == nil {
			next <- at
		}
	}
	close(next)
	all.Wait()
	return errors.Join(whole.Err(), errors.Join(faults...))
}
