//go:build !window

package main

import "errors"

func run(string, []string) error {
	return errors.New("this program was built without its window; muvpn in a terminal does all that it would")
}
