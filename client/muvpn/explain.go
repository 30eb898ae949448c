package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"muvpn/client/explain/logs"
	"muvpn/client/explain/page"
	"muvpn/client/explain/story"
)

const aboutExplain = `Read logs and tell what happened: the steps of the connection and who took
them, the step that failed, the reason, what to try, and how sure that is.

A FILE is a log of muvpn (text or JSON Lines), an e-mail that muvpn log mail has
made, or the log of a gateway of the same time: a Firebox, strongSwan, libreswan
or muvpn-testgw. What it is of is found out by itself; - is standard input. Two
logs are laid side by side by the cookies, message IDs and SPIs in them; what is
outbound in one is inbound in the other.

Of a log with several attempts the newest failure is told. Of a folder all mailed
logs are told of, counted by user, profile and reason.

How sure it is: certain, both logs say so; stated, one log says so; likely,
nothing says so but the steps suggest it; open, it cannot be told. What could
not be read is listed. Nobody is asked, and the service need not run.`

// explaining is one `muvpn explain`.
type explaining struct {
	*app
	html string // --html
}

func explainCommand(a *app) *cobra.Command {
	x := &explaining{app: a}
	cmd := &cobra.Command{
		Use:   "explain FILE|DIR...",
		Short: "Tell from logs what happened, and why it failed",
		Long:  aboutExplain,
		Example: `  muvpn log > client.log; muvpn explain client.log
  muvpn explain lisa.eml firebox.log --html lisa.html
  muvpn log --json | muvpn explain -
  muvpn explain mailed-logs/`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return failed(x.run(args)) },
	}
	cmd.Flags().StringVar(&x.html, "html", "", "write a page with a diagram into this `FILE`, which must not be there yet; - is standard output")
	a.jsonFlag(cmd, "print JSON")
	return cmd
}

func (x *explaining) run(args []string) error {
	if len(args) == 1 {
		if info, err := os.Stat(args[0]); err == nil && info.IsDir() {
			return x.folder(args[0])
		}
	}
	read, err := x.readAll(args)
	if err != nil {
		return err
	}
	clients, gateways, others := sorted(read)
	if len(clients) > 1 {
		return fmt.Errorf("%s and %s are both logs of muvpn: give one, with the logs of its gateway, or a folder", clients[0].Name, clients[1].Name)
	}
	var client *logs.Log
	if len(clients) == 1 {
		client = clients[0]
	}
	s := story.Tell(client, gateways, others)
	if x.html != "" {
		if err := x.write(page.Of(s)); err != nil {
			return err
		}
	}
	switch {
	case x.json:
		x.printJSON(s.JSON())
	case x.html == "":
		_, err = io.WriteString(x.out, s.Text())
	}
	return err
}

// sorted are the logs by whose they are.
func sorted(all []*logs.Log) (clients, gateways, others []*logs.Log) {
	for _, l := range all {
		switch {
		case l.Format == logs.Client:
			clients = append(clients, l)
		case l.Gateway():
			gateways = append(gateways, l)
		default:
			others = append(others, l)
		}
	}
	return clients, gateways, others
}

// readAll reads the files that were named.
func (x *explaining) readAll(paths []string) (all []*logs.Log, err error) {
	for _, path := range paths {
		l, err := x.readLog(path)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}

// readLog reads one file, or standard input, as far as logs are read.
func (a *app) readLog(path string) (*logs.Log, error) {
	in, name := io.Reader(a.in), "standard input"
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, fmt.Errorf("%s is a folder: give it alone", path)
		}
		in, name = f, filepath.Base(path)
	}
	data, err := io.ReadAll(io.LimitReader(in, logs.MaxSize+1))
	if err != nil {
		return nil, err
	}
	return logs.Read(name, data), nil
}

// maxFiles is how many files of a folder are read.
const maxFiles = 10000

// folder tells of all logs in a folder, without those in its folders.
func (x *explaining) folder(dir string) error {
	if x.html != "" {
		return errors.New("--html makes a page of one connection: name its files")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var c story.Census
	for i, e := range entries {
		if i == maxFiles {
			c.Leave(len(entries) - i)
			break
		}
		if !e.Type().IsRegular() {
			continue
		}
		l, err := x.readLog(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		c.Add(l)
	}
	if x.json {
		x.printJSON(c.Done())
		return nil
	}
	_, err = io.WriteString(x.out, c.Done().Text())
	return err
}

// write writes the page.
func (x *explaining) write(html []byte) error {
	if x.html == "-" {
		_, err := x.out.Write(html)
		return err
	}
	f, err := os.OpenFile(x.html, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(html)
	return errors.Join(err, f.Close())
}
