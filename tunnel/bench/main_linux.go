package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// options are the command line's.
type options struct {
	programs string
	suites   []string
	rounds   int
	time     time.Duration
	idle     time.Duration
}

// wireguard is the name of the peer among the suites.
const wireguard = "wireguard-go"

func main() {
	var o options
	suites := flag.String("suites", "3des-sha1,aes128-sha1,aes256-sha256,aes128gcm16,aes256gcm16", "ESP proposals to measure, by commas")
	flag.StringVar(&o.programs, "programs", "build", "folder of muvpn, muvpnd and muvpn-testgw")
	flag.IntVar(&o.rounds, "rounds", 3, "how often each suite takes its turn")
	flag.DurationVar(&o.time, "time", 3*time.Second, "how long a transfer lasts")
	flag.DurationVar(&o.idle, "idle", 10*time.Second, "how long an idle tunnel is watched")
	flag.Parse()
	o.suites = append(strings.Split(*suites, ","), wireguard)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench: "+err.Error())
		os.Exit(1)
	}
}

// run measures everything in order and prints as it goes.
func run(ctx context.Context, o options) error {
	if os.Geteuid() != 0 {
		return errors.New("it needs root, for network namespaces and TUNs: sudo make bench")
	}
	l, err := newLab(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	fmt.Printf("%s, each transfer %s, medians of %d rounds in turn\n\n", machine(), o.time, o.rounds)
	p, err := startPair(l, o)
	if err != nil {
		return err
	}
	idle, err := measureIdle(ctx, p, o.idle)
	if err != nil {
		return err
	}
	table, err := measureThroughput(ctx, l, p, o)
	if err != nil {
		return err
	}
	table.print(o.suites)
	shakes, err := measureHandshakes(ctx, l)
	if err != nil {
		return err
	}
	printHandshakes(shakes)
	idle.print()
	return verdict(table, idle, allocates)
}
