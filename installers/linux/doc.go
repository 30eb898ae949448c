// Command linux makes the packages for Debian, Ubuntu, Fedora and RHEL: muvpn,
// the command line and the service, and muvpn-gui, the window. `make installers`
// runs it.
//
// It builds the programs, has them write what they know best themselves (unit,
// man page, completions), and hands all of it to nfpm, which writes deb and rpm
// without their own tools. Two runs over the same source give the same bytes: no
// path, no time and no name of this computer gets in, only the time of the commit.
// A signature comes last and is the one thing that differs.
//
// What is in a package stands in muvpn.yaml and muvpn-gui.yaml, what happens when
// it comes and goes in the scripts in deb and rpm; these leave the work to
// `muvpnd package` (service/muvpnd/packaged_linux.go). nfpm and cyclonedx-gomod
// bring a hundred modules that no program of ours has; so they are pinned in
// installers/tools, a module of its own.
//
// Start reading at make in main.go. It starts no goroutine and keeps no state; the
// tests that install the packages are in service/systemd.
package main
