package tunnel

import "golang.zx2c4.com/wireguard/tun"

// createTUN makes a Wintun adapter. wintun.dll must lie beside the program.
func createTUN(name string) (tun.Device, error) {
	dev, err := tun.CreateTUN(name, FirstMTU)
	if err != nil {
		return nil, err
	}
	return newPumped(dev), nil
}
