package main

import (
	"strings"
	"testing"
)

// What Go 1.26 writes, shortened.
const written = `muvpnd devel listens at /tmp/sock, its state is in /tmp/state
SCHED 1000ms: gomaxprocs=2 idleprocs=2 threads=6 spinningthreads=0 needspinning=0 idlethreads=3 runqueue=0 gcwaiting=false
  P0: status=0 schedtick=25 syscalltick=3 m=nil runqsize=0 gfreecnt=1 timerslen=1
  M0: p=nil curg=nil mallocing=0 throwing=0 preemptoff= locks=0 dying=0 spinning=false blocked=true lockedg=nil
  G1: status=4(select) m=nil lockedm=nil
  G2: status=4(force gc (idle)) m=nil lockedm=nil
  G3: status=4(GC sweep wait) m=nil lockedm=nil
  G5: status=4(finalizer wait) m=nil lockedm=nil
  G7: status=2(GC worker (idle)) m=3 lockedm=nil
  G8: status=6() m=nil lockedm=nil
  G9: status=3(IO wait) m=2 lockedm=nil
gc 12 @3.140s 1%: 0.021+1.5+0.010 ms clock, 0.04+0.2/1.0/0.3+0.02 ms cpu, 9->10->5 MB, 11 MB goal, 0 MB stacks, 0 MB globals, 2 P
SCHED 2000ms: gomaxprocs=2 idleprocs=2
  G1: status=4(select) m=nil lockedm=nil
`

func TestTraceIsRead(t *testing.T) {
	tr := newTrace()
	tr.read(strings.NewReader(written))
	if got, want := tr.now(), (reading{seconds: 1, goroutines: 5, collections: 1, live: 5}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if said := tr.said(); !strings.HasPrefix(said, "muvpnd devel listens") || strings.Contains(said, "\n") {
		t.Errorf("%q", said)
	}
}
