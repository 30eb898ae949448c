// Package systemd shows that muvpnd lives under a real systemd as its unit says:
// it holds no program, only tests, which boot a small Debian in a container of
// systemd-nspawn, with our programs and nothing else of this machine's, and play
// in it what an administrator and a user do. Everything needs root; `make
// systemd` runs it.
//
// Start reading at TestSystemd; container_linux_test.go is how a command gets
// into the container and base_linux_test.go how the Debian is made, once. What
// runs in the container is written in memory and dies with the test, whatever
// happens; what stays of a killed one, empty control groups, the next removes.
//
// The go statements, and who stops each: one that waits for the container, which
// ends with it; container.end kills it.
package systemd
