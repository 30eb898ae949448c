// Command macos makes the package for macOS: muvpn, the command line, and muvpnd,
// the service, as universal programs. `make installers` runs it, on Linux: nothing
// of Apple's is needed. With -stage it only lays out what build-on-a-mac.sh then
// packs by Apple's own tools, together with the window, which needs a Mac.
//
// A package is a xar archive (xar.go) of a list of what is asked before it is
// installed (Distribution) and, in a folder of its own, what is installed
// (Payload, a cpio archive: payload.go), the same as a table (Bom: bom.go), the
// scripts, and PackageInfo. No module that is kept up writes xar or Bom. Two runs
// over the same source give the same bytes.
//
// All programs lie in /opt/muvpn, which only root may change. /usr/local, the usual
// place, is the user's own on many Macs, and what root runs would be, too
// (threats: installer). What happens when the package comes and goes is in scripts;
// these leave the work to `muvpnd package enter` and `muvpnd uninstall`.
//
// Start reading at make in main.go. It starts no goroutine and keeps no state.
package main
