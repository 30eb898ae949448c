package tunnel

import "golang.zx2c4.com/wireguard/tun"

// createTUN lets the system choose among utun0, utun1, …: other names are not
// possible.
func createTUN(string) (tun.Device, error) { return tun.CreateTUN("utun", FirstMTU) }
