package main

// pinsFile lists the signers that an installer has pinned.
const pinsFile = "/etc/muvpn/signers"

func systemState() string { return "/var/lib/muvpn" }
