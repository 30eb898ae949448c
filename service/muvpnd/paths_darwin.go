package main

// pinsFile lists the signers that an installer has pinned. The policy of the
// computer, policy.toml, is beside it.
const pinsFile = "/Library/Application Support/muvpn/signers"

func systemState() string { return "/Library/Application Support/muvpn/state" }
