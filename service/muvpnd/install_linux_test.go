package main

import (
	"fmt"
	"testing"
)

func TestSystemdCondition(t *testing.T) {
	for said, want := range map[string]condition{
		"LoadState=not-found\nActiveState=inactive\n": absent,
		"LoadState=loaded\nActiveState=inactive\n":    idle,
		"ActiveState=activating\nLoadState=loaded\n":  starting,
		"LoadState=loaded\nActiveState=active\n":      active,
		"LoadState=not-found\nActiveState=active\n":   active, // its unit was taken away under it
		"LoadState=loaded\nActiveState=deactivating":  stopping,
		"LoadState=loaded\nActiveState=failed":        broken,
	} {
		if got := systemdCondition(said); got != want {
			t.Errorf("%q: %s, want %s", said, got, want)
		}
	}
}

func TestMembersOf(t *testing.T) {
	const text = "root:x:0:\nmuvpnx:x:7:eve\nmuvpn:x:990:lisa,maggie\n"
	for group, want := range map[string]string{"muvpn": "[lisa maggie] true", "root": "[] true", "vpn": "[] false"} {
		members, there := membersOf(group, text)
		if got := fmt.Sprint(members, there); got != want {
			t.Errorf("%s: %s, want %s", group, got, want)
		}
	}
}
