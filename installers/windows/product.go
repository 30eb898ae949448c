package main

// What setup.exe and the MSI call things, and where they put them. Names that
// Windows remembers stay the same for all versions: by them an upgrade finds what
// it takes the place of.
const (
	product   = "Mobile User VPN"
	publisher = "The muvpn authors"

	// folder is where the programs lie, in %ProgramFiles%, and what they keep, in
	// %ProgramData%. Nobody chooses another: only administrators may change what is
	// in the first, and the service refuses to run from elsewhere.
	folder = "muvpn"

	// upgradeCode is that of the MSI, in all of its versions.
	upgradeCode = "{EA9D0D8C-8D78-47DE-8660-882E29847A80}"

	// uninstallKey, in HKEY_LOCAL_MACHINE, is the entry of setup.exe under Add or
	// Remove Programs. That of an MSI is called by its product code.
	uninstallKey = `Software\Microsoft\Windows\CurrentVersion\Uninstall\muvpn`
	// classesKey, there, too, is where kinds of files are entered.
	classesKey = `Software\Classes`

	// extension is that of a profile, and progID what it is: a key below classesKey
	// with the words, the icon (that of muvpn-gui.exe, the first), and below
	// shell\open\command how one is opened: "FOLDER\muvpn-gui.exe" "%1".
	//
	// The extension's key lists the kind below OpenWithProgids. Its default is set
	// only where nobody else has it (developers' tools call something else .exp),
	// and is taken away only where it is still ours.
	extension   = ".exp"
	progID      = "muvpn.Profile.1"
	profileKind = "Mobile User VPN profile"
	contentType = "application/x-muvpn-profile"

	// shortcut, in the Start menu of all users, starts the window.
	shortcut = product + ".lnk"

	service = "muvpnd"
	window  = "muvpn-gui.exe"
)
