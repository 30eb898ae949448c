package netcfg

// Mark is what the firewall knows our own packets by (SO_MARK, socket(7)):
// those of the tunnel itself, and the questions for the gateway's name. It has
// no bit in common with the marks that other programs are known to use.
const Mark = 0x6d000000
