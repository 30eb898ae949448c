package tunnel

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// portHolder names the program that holds a local UDP port, as far as this
// process may know; else it is empty.
func portHolder(port uint16) string {
	holder, _ := PortHolder(port)
	return holder
}

// PortHolder says whether a local UDP port is in use on any address, and by which
// program as far as this process may know; else the name is empty.
func PortHolder(port uint16) (holder string, taken bool) {
	for _, table := range []string{"/proc/thread-self/net/udp", "/proc/thread-self/net/udp6"} {
		if inode := socketInode(table, port); inode != "" {
			return socketOwner(inode), true
		}
	}
	return "", false
}

// socketInode finds the inode of the socket with a local port in one of the
// kernel's tables (proc(5), /proc/net/udp).
func socketInode(table string, port uint16) string {
	f, err := os.Open(table)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 10 {
			continue
		}
		_, hex, _ := strings.Cut(fields[1], ":")
		if n, err := strconv.ParseUint(hex, 16, 16); err == nil && uint16(n) == port {
			return fields[9]
		}
	}
	return ""
}

// socketOwner finds the process that has a socket open.
func socketOwner(inode string) string {
	fds, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err != nil || to != "socket:["+inode+"]" {
			continue
		}
		pid := strings.Split(fd, "/")[2]
		name, err := os.ReadFile("/proc/" + pid + "/comm")
		if err == nil {
			return fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), pid)
		}
	}
	return ""
}
