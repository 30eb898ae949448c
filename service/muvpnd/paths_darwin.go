package main

// pinsFile lists the signers that an installer has pinned.
const pinsFile = "/Library/Application Support/muvpn/signers"

func systemState() string { return "/Library/Application Support/muvpn/state" }
