package tunnel

import "golang.zx2c4.com/wireguard/tun"

func createTUN(name string) (tun.Device, error) { return tun.CreateTUN(name, FirstMTU) }
