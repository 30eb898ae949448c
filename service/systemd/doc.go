// Package systemd shows that muvpnd lives under a real systemd as its unit says:
// it holds no program, only tests, which boot a small Debian in a container of
// systemd-nspawn, with our programs and nothing else of this machine's, and play
// in it what an administrator and a user do. Everything needs root; `make
// systemd` runs it.
//
// TestPackages plays in the same way what becomes of the packages of
// installers/linux: `make test-installers` runs it, and makes them before.
//
// Start reading at TestSystemd, whose scenarios each have a machine of their own:
// machine_linux_test.go is its disk and its network, container_linux_test.go how
// it is booted and a command gets into it, base_linux_test.go how the Debian is
// made, once. The gateway and the portals are outside, in a network namespace of
// package lab's. What runs in a container is written in memory and dies with the
// test, whatever happens; what stays of a killed one, empty control groups, the
// next removes.
//
// The go statements, and who stops each:
//   - one that waits for a container, which ends with it; container.end kills it.
//   - one that serves the hotel's portal; it ends with the machine.
//   - one that waits for the moment to stop systemd-resolved; frost.slows ends it.
package systemd
