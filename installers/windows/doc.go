// Command windows makes the installers for Windows: setup.exe for people and an
// MSI for administrators. `make installers-windows` runs it, on Linux.
//
// It builds the programs, writes icon, version and manifest into each, and lays
// them with wintun.dll and the licences into one folder, which is all that is
// going to be installed. From there makensis writes setup.exe (setup.nsi), and wixl
// the MSI (msi/muvpn.wxs), which is then put together anew, always in the same order
// (msi.go, table.go); msi/action.c is the one thing in it that runs of itself. Two runs
// over the same source give the same bytes, as in installers/linux. Signatures
// come last: the programs are signed before they are packed, then the uninstaller,
// then what they are packed into.
//
// What both installers call things and where they put them stands in product.go.
// They leave the work to muvpnd.exe, which enters and removes itself. wintun.dll is
// the one thing that is not made here: it comes from its authors, and one that is
// not known by its hash is refused.
//
// Start reading at make in main.go. It starts no goroutine and keeps no state; the
// tests that install what it makes are in service/wine.
package main
