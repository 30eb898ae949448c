package policy

import (
	"errors"
	"io/fs"
	"testing"

	"golang.org/x/sys/windows/registry"
)

// open makes a key of this computer's policies, in which there is none yet.
func open(t *testing.T, path string) registry.Key {
	t.Helper()
	k, had, err := registry.CreateKey(registry.LOCAL_MACHINE, path, registry.ALL_ACCESS|registry.WOW64_64KEY)
	if errors.Is(err, fs.ErrPermission) || had {
		t.Skip("this user may not set policies, or there are some")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		k.Close()
		registry.DeleteKey(registry.LOCAL_MACHINE, path)
	})
	return k
}

// What Group Policy writes is read as it is meant, and what it would not write
// counts as the strictest.
func TestRegistry(t *testing.T) {
	names := RegistryNames()
	is(t, registered(), Policy{}, nil)
	k := open(t, names.Source)
	is(t, registered(), Policy{}, nil)
	list := open(t, names.Source+`\`+names.Signers)
	is(t, registered(), Policy{}, nil) // left behind by Group Policy
	set := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	set(k.SetDWordValue(names.KillSwitch, 1))
	set(k.SetDWordValue(names.ReadOnly, 0))
	set(k.SetDWordValue("FromANewerTemplate", 1))
	is(t, registered(), Policy{KillSwitch: true}, nil)
	set(list.SetStringValue("1", text("bob")))
	set(list.SetStringValue("2", text("alice")))
	is(t, registered(), Policy{KillSwitch: true, Pinned: true}, []string{"alice", "bob"})
	set(list.SetStringValue("1", "nonsense"))
	set(list.SetDWordValue("3", 7))
	set(k.SetStringValue(names.ReadOnly, "0"))
	is(t, registered(), Policy{KillSwitch: true, Pinned: true, ReadOnly: true}, []string{"alice"},
		"PinnedSigners", "PinnedSigners", `HKLM\Software\Policies\muvpn: ReadOnly is`)
	set(k.SetQWordValue(names.ReadOnly, 0))
	set(k.SetBinaryValue(names.KillSwitch, []byte{0, 0, 0, 0}))
	set(list.DeleteValue("1"))
	set(list.DeleteValue("3"))
	is(t, registered(), Policy{KillSwitch: true, Pinned: true, ReadOnly: true}, []string{"alice"}, "KillSwitch is", "ReadOnly is")
	set(k.DeleteValue(names.ReadOnly))
	set(k.DeleteValue(names.KillSwitch))
	set(list.DeleteValue("2"))
	is(t, registered(), Policy{}, nil)
}
