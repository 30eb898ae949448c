package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"muvpn/client"
)

const aboutSet = `Change a setting, or without KEY list them all with what they mean.

connect, kill-switch and local-network belong to a profile: the only one or the
last one used, unless --profile names another. They count from the next
connection on, can only add to what the profile protects, and are taken back by
the value as-profile. When a read-only profile connects, only an administrator
may set, and what the policy of this computer demands nobody. The others are the
user's own, for the window.`

const setExamples = `  muvpn set
  muvpn set connect at-login
  muvpn set kill-switch on --profile Office
  muvpn set connect as-profile`

// setting is one `muvpn set`.
type setting struct {
	*app
	profile string
}

func setCommand(a *app) *cobra.Command {
	s := &setting{app: a}
	cmd := &cobra.Command{
		Use:               "set [KEY [VALUE]]",
		Short:             "List or change settings",
		Long:              aboutSet,
		Example:           setExamples,
		Args:              settingArgs,
		ValidArgsFunction: settingWords,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 {
				return failed(s.set(cmd.Context(), args[0], args[1]))
			}
			return failed(s.list(cmd.Context(), first(args)))
		},
	}
	cmd.Flags().StringVar(&s.profile, "profile", "", "the `NAME` of the profile; default: the only or last one")
	a.jsonFlag(cmd, "print JSON")
	return cmd
}

// settingKinds are all that can be set.
func settingKinds() []client.SettingKind {
	return slices.Concat(client.ServiceSettings, client.OwnSettings)
}

// settingArgs refuses what there is not, and says what there is.
func settingArgs(_ *cobra.Command, args []string) error {
	var keys []string
	for _, k := range settingKinds() {
		keys = append(keys, k.Key)
		switch {
		case len(args) == 0 || len(args) == 1 && args[0] == k.Key:
			return nil
		case len(args) == 2 && args[0] == k.Key && client.Settable(settingKinds(), k.Key, args[1]):
			return nil
		case len(args) == 2 && args[0] == k.Key:
			return fmt.Errorf("%s can be %s, not %q", k.Key, strings.Join(k.Values, ", "), args[1])
		}
	}
	if len(args) > 2 {
		return errors.New("set takes a key and a value")
	}
	return fmt.Errorf("there is no setting %q, but %s", args[0], strings.Join(keys, ", "))
}

// settingWords completes keys, then values.
func settingWords(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var words []string
	for _, k := range settingKinds() {
		switch {
		case len(args) == 0:
			words = append(words, k.Key)
		case len(args) == 1 && args[0] == k.Key:
			words = k.Values
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

// isOwn says that a setting is the user's own, not the service's.
func isOwn(key string) bool {
	return slices.ContainsFunc(client.OwnSettings, func(k client.SettingKind) bool { return k.Key == key })
}

func (s *setting) set(ctx context.Context, key, value string) error {
	if isOwn(key) {
		if err := client.SetOwn(key, value); err != nil {
			return err
		}
		s.say("%s is %s from now on.", key, value)
		return nil
	}
	c, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	list, err := c.Set(ctx, client.Set{Profile: s.profile, Key: key, Value: value})
	if err != nil {
		return err
	}
	for _, v := range list {
		if v.Key == key {
			s.say("%s is %s for %s, from its next connection on.", key, v.Value, v.Profile)
		}
	}
	return nil
}

// list prints one setting, or all. The user's own are there without the service,
// too.
func (s *setting) list(ctx context.Context, key string) error {
	own, err := client.Own()
	if err != nil {
		return err
	}
	kept, err := s.kept(ctx, key)
	list := slices.DeleteFunc(append(kept, own...), func(v client.Setting) bool { return key != "" && v.Key != key })
	if len(list) > 0 && (err == nil || !s.json) {
		s.printSettings(list)
	}
	return err
}

// kept are the settings of the service, if they are wanted.
func (s *setting) kept(ctx context.Context, key string) ([]client.Setting, error) {
	if isOwn(key) {
		return nil, nil
	}
	c, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.Settings(ctx, s.profile)
}

func (s *setting) printSettings(list []client.Setting) {
	if s.json {
		s.printJSON(list)
		return
	}
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "KEY\tVALUE\tSET BY\tVALUES\tMEANING")
	for _, v := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", v.Key, v.Value, setBy(v), strings.Join(v.Values, " "), v.Meaning)
	}
	table.Flush()
}

// setBy is who says that a setting has its value.
func setBy(v client.Setting) string {
	switch {
	case v.Policy:
		return "this computer's policy"
	case v.Own:
		return "you"
	case v.Profile != "":
		return v.Profile
	}
	return "default"
}
