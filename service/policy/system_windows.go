package policy

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows/registry"
)

// System is the policy of this computer: the registry, where Group Policy and
// device management put it, and the file of pinned signers, in a folder that is
// the administrators' alone.
func System(signers string) Source {
	return func() Policy { return registered().and(files{signers: signers}.pins()) }
}

func openPlain(path string) (*os.File, error) { return os.Open(path) }

// openTo is nobody: the folder has an access list of its own (package store).
func (files) openTo(fs.FileInfo) string { return "" }

// registered is what the registry demands: of the 64 bits, wherever we run.
func registered() Policy {
	names := RegistryNames()
	values := map[string]any{}
	err := read(names.Source, func(k registry.Key) error {
		for _, name := range []string{names.KillSwitch, names.ReadOnly} {
			if v, err := value(k, name); err == nil {
				values[name] = v
			} else if !errors.Is(err, registry.ErrNotExist) {
				return err
			}
		}
		return nil
	})
	var list []any
	if err == nil {
		err = read(names.Source+`\`+names.Signers, func(k registry.Key) (err error) {
			list, err = all(k)
			return err
		})
	}
	names.Source = `HKLM\` + names.Source
	if err != nil {
		return strictest("%s cannot be read (%v)", names.Source, err)
	}
	if len(list) > 0 {
		values[names.Signers] = list
	}
	return names.parse(values)
}

// read has f read a key, if there is one.
func read(path string, f func(registry.Key) error) error {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer k.Close()
	return f(k)
}

// all are the values of a key, whatever they are called.
func all(k registry.Key) ([]any, error) {
	names, err := k.ReadValueNames(0)
	var list []any
	for _, name := range names {
		v, err := value(k, name)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, err
}

// value is one: the number of a REG_DWORD, the text of a REG_SZ, else in words
// what it is.
func value(k registry.Key, name string) (any, error) {
	size, kind, err := k.GetValue(name, nil)
	switch {
	case err != nil:
		return nil, err
	case kind == registry.DWORD:
		n, _, err := k.GetIntegerValue(name)
		return uint32(n), err
	case kind == registry.SZ && size <= maxFile:
		s, _, err := k.GetStringValue(name)
		return s, err
	}
	return "a value of another type", nil
}
