package screen

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// CPU is the processor time that a program has used so far, in user space and in
// the kernel, in steps of 10 ms (proc(5), /proc/PID/stat, fields 14 and 15).
func (p *Program) CPU() time.Duration {
	p.s.t.Helper()
	stat := p.proc("stat")
	fields := strings.Fields(stat[strings.LastIndex(stat, ") ")+2:]) // behind the program's name
	var user, system int
	if _, err := fmt.Sscan(fields[14-3]+" "+fields[15-3], &user, &system); err != nil {
		p.s.t.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// Memory is what of a program is in memory, in octets, with all that it shares
// with others: the more they are, the less each would count otherwise.
func (p *Program) Memory() (octets int) {
	p.s.t.Helper()
	_, rest, _ := strings.Cut(p.proc("smaps_rollup"), "\nRss:")
	if _, err := fmt.Sscan(rest, &octets); err != nil {
		p.s.t.Fatal(err)
	}
	return octets << 10
}

func (p *Program) proc(name string) string {
	p.s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, name))
	if err != nil {
		p.s.t.Fatal(err)
	}
	return string(text)
}
