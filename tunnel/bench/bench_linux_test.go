package main

import (
	"os"
	"strings"
	"testing"
	"time"
)

// transfers is a table in which the suite costs so many times WireGuard's CPU.
func transfers(suite string, times int) table {
	cost := func(n int) []sample {
		s := sample{octets: 1e9, took: 8 * time.Second, user: time.Duration(n) * time.Second, gateway: time.Second}
		return []sample{s, {octets: 1, took: time.Second, user: time.Hour}, s} // one was disturbed
	}
	return table{
		suite:     {upload: cost(times), download: cost(times)},
		wireguard: {upload: cost(1), download: cost(1)},
	}
}

func TestMedianIgnoresADisturbedTransfer(t *testing.T) {
	s := transfers("x", 3)["x"][upload]
	if rate, cpu := median(s, sample.rate), median(s, sample.userCPU); rate != 1000 || cpu != 3 {
		t.Errorf("%v Mbit/s, %v s/GB", rate, cpu)
	}
}

func TestVerdictNamesEveryLimitThatIsExceeded(t *testing.T) {
	good := idleState{memory: 20e6, cpu: 10 * time.Millisecond, watched: 10 * time.Second}
	bad := idleState{memory: 50e6, cpu: time.Second, watched: 10 * time.Second}
	none := func() error { return nil }
	if err := verdict(transfers("aes128gcm16", 2), good, none); err != nil {
		t.Error(err)
	}
	err := verdict(transfers("aes128gcm16", 3), bad, func() error { return os.ErrInvalid })
	for _, want := range []string{"3.00 times", "allocations", "50.0 MB", "10.00 %"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

func TestGatewayFileNamesAllSuites(t *testing.T) {
	text := gatewayFile([]string{"3des-sha1", "aes128gcm16", wireguard})
	if !strings.Contains(text, `proposals = ["3des-sha1","aes128gcm16"]`) || strings.Contains(text, wireguard) {
		t.Error(text)
	}
}

func TestTransferBetweenNamespacesNeedsRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	l, err := newLab(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	s, err := transfer(t.Context(), l.user, l.gateway, gatewayOuter+":"+loadPort, 100*time.Millisecond)
	if err != nil || s.octets == 0 || s.took < 100*time.Millisecond {
		t.Errorf("%+v %v", s, err)
	}
	p, err := l.start(l.user, "sleep", "60")
	if err != nil {
		t.Fatal(err)
	}
	cpu, err0 := p.cpu()
	memory, err1 := p.resident()
	if err0 != nil || err1 != nil || cpu > time.Second || memory == 0 {
		t.Errorf("cpu %s %v, memory %d %v", cpu, err0, memory, err1)
	}
}
