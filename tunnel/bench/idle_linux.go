package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// idleState is what a tunnel costs that carries nothing.
type idleState struct {
	memory  int // octets
	cpu     time.Duration
	watched time.Duration
}

// share is the part of one core.
func (i idleState) share() float64 { return i.cpu.Seconds() / i.watched.Seconds() }

// measureIdle connects once and waits.
func measureIdle(ctx context.Context, p *pair, d time.Duration) (idleState, error) {
	const suite = "aes128gcm16"
	if err := p.up(suite); err != nil {
		return idleState{}, err
	}
	begin := time.Now()
	before, err0 := p.user.cpu()
	select {
	case <-ctx.Done():
		return idleState{}, ctx.Err()
	case <-time.After(d):
	}
	after, err1 := p.user.cpu()
	memory, err2 := p.user.resident()
	i := idleState{memory: memory, cpu: after - before, watched: time.Since(begin)}
	return i, errors.Join(err0, err1, err2, p.down(suite))
}

func (i idleState) print() {
	fmt.Printf("Idle tunnel: muvpnd holds %.1f MB and takes %.2f %% of a core\n\n", float64(i.memory)/1e6, 100*i.share())
}

// allocates runs the test of the packet loops.
func allocates() error {
	return exec.Command("go", "test", "-count=1", "-run=^TestPacketLoopsAllocateNothing$", "./tunnel").Run()
}

// The limits that the project has set itself.
const (
	maxCost   = 2.0 // of AES-128-GCM, in CPU of wireguard-go
	maxMemory = 40e6
	maxShare  = 0.01
)

// verdict says whether the limits hold. allocations runs the test that has none.
func verdict(t table, i idleState, allocations func() error) error {
	var faults []error
	check := func(ok bool, format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		if !ok {
			faults = append(faults, errors.New(text+": exceeded"))
			return
		}
		fmt.Println(text + ": kept")
	}
	if gcm := "aes128gcm16"; t[gcm] != nil {
		ratio := t.userCost(gcm) / t.userCost(wireguard)
		check(ratio <= maxCost, "AES-128-GCM costs %.2f times wireguard-go's CPU per gigabyte, the limit is %.1f", ratio, maxCost)
	}
	check(allocations() == nil, "0 allocations per packet (TestPacketLoopsAllocateNothing)")
	check(float64(i.memory) <= maxMemory, "idle memory %.1f MB, the limit is %.0f", float64(i.memory)/1e6, maxMemory/1e6)
	check(i.share() <= maxShare, "idle CPU %.2f %% of a core, the limit is %.0f", 100*i.share(), 100*maxShare)
	return errors.Join(faults...)
}
