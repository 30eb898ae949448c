// Command muvpn is the command line: it asks the service for what the user
// wants and shows what the service says. It is never privileged, keeps no
// state but the user's own settings (client.OwnFile), and opens no other files
// but those that the user names; muvpn admin, which asks no service, also those
// that lie beside a site file. Results go to standard output, progress and
// questions to standard error. Exit codes: 0 done, 1 failed, 2 wrong use. What reads
// from the keyboard (awaited) ends with its line, or with the program. Start reading
// at newRoot.
package main
