package issuing

// WiseForCertificates is from how many users certificates are wise. Shared keys
// cost work for every user: each is typed into the gateway, is changed there when
// a computer is lost, and with Aggressive Mode stays open to guessing, so that the
// weakest of all keys counts. A small CA costs the same few hours however many
// they are. Around a hundred the keys cost more: a fleet of that size loses
// computers and people every month, and gateways of old have room for few more
// Mobile Users than that.
const WiseForCertificates = 100
