//go:build muvpn_debugkeys

package server

import (
	"fmt"
	"os"

	"muvpn/tunnel/gateway"
)

// keysVariable names the file that a test build appends keys to.
const keysVariable = "MUVPN_TESTGW_KEYS"

// writeKeys appends the keys of an SA pair, a direction a line: SPI, encryption
// and integrity key in hexadecimal. With them another program can decrypt a
// recording of what the users sent.
func writeKeys(c gateway.Child) error {
	path := os.Getenv(keysVariable)
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = fmt.Fprintf(file, "%08x %x %x\n%08x %x %x\n",
		c.SPIIn, c.KeyIn.Encryption, c.KeyIn.Integrity, c.SPIOut, c.KeyOut.Encryption, c.KeyOut.Integrity)
	return err
}
