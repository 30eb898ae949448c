package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	programs := flag.String("programs", "build", "folder of muvpnd and muvpn-testgw; on failure muvpnd's goroutines are written there")
	length := flag.Duration("time", 8*time.Hour, "how long the load lasts")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *programs, *length); err != nil {
		fmt.Fprintln(os.Stderr, "soak: "+err.Error())
		os.Exit(1)
	}
}

// warmUp is how long the load lasts that comes before the start: until
// everything has been done once that makes muvpnd take what it then keeps.
const warmUp = 40 * time.Second

// run loads muvpnd for so long and compares rest with rest.
func run(ctx context.Context, programs string, length time.Duration) error {
	dir, err := os.MkdirTemp("", "muvpn-soak-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p, err := startPair(ctx, programs, dir)
	if err != nil {
		return err
	}
	defer p.stop()
	if err := p.soak(ctx, length); err != nil {
		file := filepath.Join(programs, "soak-goroutines.txt")
		if os.WriteFile(file, []byte(p.stacks()), 0o600) == nil {
			err = fmt.Errorf("%w\nwhat muvpnd's goroutines were doing is in %s", err, file)
		}
		return err
	}
	return nil
}

// soak is nil when muvpnd has ended where it began. What it holds more after
// the first load may be what it once needed and keeps, such as a buffer: then as
// much load again must make it hold no more.
func (p *pair) soak(ctx context.Context, length time.Duration) error {
	if os.Geteuid() != 0 {
		fmt.Println("soak: descriptors are not counted, which muvpnd shows to root alone")
	}
	fmt.Printf("soak: %s after %s of warming up\n%s\n", length, warmUp, heading)
	start, err := p.round(ctx, "start", warmUp)
	if err != nil {
		return err
	}
	end, err := p.round(ctx, "end", length)
	if err != nil {
		return err
	}
	if err := verdict(start, end); err != nil {
		fmt.Printf("soak: %v\nsoak: once more, as what grows goes on growing\n", err)
		again, failed := p.round(ctx, "again", length)
		if failed != nil || verdict(end, again) != nil {
			return errors.Join(err, failed, verdict(end, again))
		}
	}
	fmt.Println("soak: muvpnd has ended where it began")
	return nil
}

// round loads muvpnd for so long, and is what it holds at rest afterwards.
func (p *pair) round(ctx context.Context, name string, length time.Duration) (rest, error) {
	var d done
	l := p.start(ctx, &d)
	for began := time.Now(); time.Since(began) < length && ctx.Err() == nil && l.fault.Load() == nil; {
		pause(ctx, min(time.Minute, length-time.Since(began)))
		if now, err := p.look(); err == nil && time.Since(began) < length {
			show(time.Since(began).Round(time.Minute).String(), now, &d)
		}
	}
	if err := errors.Join(l.end(ctx), ctx.Err(), d.enough()); err != nil {
		return rest{}, err
	}
	r, err := p.settle(ctx)
	if err == nil {
		show(name, r, &d)
	}
	return r, err
}

// enough says that everything was done at least once.
func (d *done) enough() error {
	for what, n := range map[string]int64{
		"download": d.downloads.Load(), "upload": d.uploads.Load(), "rekey": d.rekeys.Load(),
		"reconnect": d.reconnects.Load(), "watch": d.watches.Load(), "poll": d.polled.Load(),
	} {
		if n == 0 {
			return fmt.Errorf("the load was none: not one %s", what)
		}
	}
	return nil
}

const heading = "      at  memory    heap goroutines descriptors threads | down   up   MB broken rekeys reconnects watches   polls"

func show(at string, r rest, d *done) {
	fmt.Printf("%8s %4d MB %4d MB %10d %11d %7d | %4d %4d %4d %6d %6d %10d %7d %7d\n", at,
		r.resident>>20, r.heap, r.goroutines, r.descriptors, r.threads,
		d.downloads.Load(), d.uploads.Load(), d.octets.Load()>>20, d.broken.Load(),
		d.rekeys.Load(), d.reconnects.Load(), d.watches.Load(), d.polled.Load())
}
