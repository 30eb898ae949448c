package issuing

// WiseForCertificates is from how many users certificates are wise. Shared keys
// cost work for every user: each is typed into the gateway, is changed there when
// a computer is lost, and with Aggressive Mode stays open to guessing, so that the
// weakest of all keys counts. A small CA costs the same few hours however many they
// are. At about a hundred the keys cost more: of that many users some lose a
// computer, come or leave every month.
const WiseForCertificates = 100
