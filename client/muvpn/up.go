package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"muvpn/client"
	"muvpn/client/reason"
)

const aboutUp = `Connect, and wait until the tunnel is up or has failed. Without NAME the only
profile, or the last one used, is meant. A connection with another profile is
ended first, unless this one cannot be used at all.

When --wait ends first, the exit code is 1, the step and the best explanation
so far are said, and the attempt goes on in the service unless
--down-on-timeout is given.

A gateway may ask for a user name, a password, the code of a token, a new PIN or
the answer to a question of its own. --password-stdin answers the first question
for a password; whatever is asked after that is asked at the terminal.`

const upExamples = `  muvpn up
  muvpn up Office --wait 60s
  muvpn up Office --user lisa --password-stdin < password.txt`

// connecting is one `muvpn up` under way.
type connecting struct {
	*app
	wait          time.Duration
	downOnTimeout bool
	user          string
	passwordStdin bool

	client *client.Client
	step   string // said last
	prompt int    // answered last
}

func upCommand(a *app) *cobra.Command {
	u := &connecting{app: a}
	cmd := &cobra.Command{
		Use:               "up [NAME]",
		Short:             "Connect",
		Long:              aboutUp,
		Example:           upExamples,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.profileNames,
		RunE:              a.action(u.run),
	}
	f := cmd.Flags()
	f.DurationVar(&u.wait, "wait", 0, "wait no longer than this, such as 60s; default: until connected or failed")
	f.BoolVar(&u.downOnTimeout, "down-on-timeout", false, "end the attempt when --wait ends first")
	f.StringVar(&u.user, "user", "", "user `NAME`, for a gateway that asks for one")
	f.BoolVar(&u.passwordStdin, "password-stdin", false, "read the password from the first line of standard input")
	a.jsonFlag(cmd, "print the status, or the reason of the failure, as JSON")
	return cmd
}

func (u *connecting) run(ctx context.Context, c *client.Client, args []string) error {
	u.client = c
	request := client.Up{Profile: first(args), User: u.user}
	if u.passwordStdin {
		line, err := u.line(ctx)
		if err != nil {
			return err
		}
		request.Password = []byte(line)
	}
	limited, cancel := u.limit(ctx)
	defer cancel()
	if _, err := c.Up(limited, request); err != nil {
		return err
	}
	last, err := u.watch(limited)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return u.timedOut(ctx, last)
	}
	if err != nil {
		return err
	}
	if last.Banner != "" {
		u.say("The gateway says: %s", last.Banner)
	}
	if u.json {
		u.printJSON(last)
	}
	return nil
}

// limit is ctx, for as long as --wait says.
func (u *connecting) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if u.wait <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, u.wait)
}

// watch follows the attempt to its end, and answers what is asked on the way.
func (u *connecting) watch(ctx context.Context) (last client.Status, err error) {
	for now, err := range u.client.Watch(ctx) {
		if err != nil {
			return last, err
		}
		last = now
		u.progress(now)
		if done, err := verdict(now); done && !u.mayAnswer(now) {
			return last, err
		}
		if err := u.answer(ctx, now.Prompt); err != nil {
			u.client.Down(ctx)
			return last, err
		}
	}
	return last, ctx.Err()
}

// mayAnswer says that a connection which is up has a question, for a rekey, and
// that somebody is there who can be asked.
func (u *connecting) mayAnswer(now client.Status) bool {
	return now.State == client.Connected && now.Prompt != nil && now.Prompt.ID != u.prompt && u.ask != nil
}

// verdict says whether an attempt is over, and how it ended.
func verdict(now client.Status) (done bool, err error) {
	switch now.State {
	case client.Connected:
		return true, nil
	case client.Failed:
		return true, now.Failure()
	case client.Disconnected:
		if r := now.Failure(); r != nil {
			return true, r
		}
		return true, &reason.Reason{Code: reason.Cancelled, Side: reason.Client, Seen: "somebody disconnected while it was connecting"}
	}
	return false, nil
}

// progress says a step once.
func (u *connecting) progress(now client.Status) {
	step := now.Step
	if step == "" {
		step = string(now.State)
	}
	if step != u.step {
		u.say("%s", step)
		u.step = step
	}
}

// answer asks the user what the service wants to know, once for each question.
// One that is not asked any more when it is answered, because the network has
// changed or the gateway has lost its patience, ends nothing: what has become of
// the attempt is in the next status.
func (u *connecting) answer(ctx context.Context, p *client.Prompt) error {
	if p == nil || p.ID == u.prompt {
		return nil
	}
	u.prompt = p.ID
	value, err := u.put(ctx, p)
	if err != nil {
		return err
	}
	err = u.client.Answer(ctx, client.Answer{ID: p.ID, Value: value})
	if late := new(client.Refusal); errors.As(err, &late) && late.Kind == client.NotAsked {
		u.say("That came too late: it is not asked any more.")
		return nil
	}
	return err
}

// put puts a question to the user; only names are shown while typed. A line of
// standard input that was the password is never read as anything else.
func (u *connecting) put(ctx context.Context, p *client.Prompt) ([]byte, error) {
	t := u.terminal
	if u.passwordStdin {
		t = t.beside()
	}
	instead, ok := map[string]string{
		"xauth-user": "use --user", "psk": "use muvpn import --psk-stdin", "xauth-password": "use --password-stdin",
	}[p.Kind]
	switch {
	case !ok:
		instead = "connect from a terminal"
	case u.passwordStdin && p.Kind == "xauth-password":
		instead = "that of standard input was used, and the gateway asks again"
	}
	if p.Kind == "xauth-user" {
		name, err := t.text(ctx, p.Text, instead)
		return []byte(name), err
	}
	return t.secret(ctx, p.Text, instead)
}

// timedOut is the end of a wait that was too short.
func (u *connecting) timedOut(ctx context.Context, last client.Status) error {
	ending := "the attempt goes on"
	if u.downOnTimeout {
		ending = "the attempt was ended"
		if _, err := u.client.Down(ctx); err != nil {
			return err
		}
	}
	if r := last.Failure(); r != nil {
		u.say("Not connected after %s, still %s; %s. The best explanation so far:", u.wait, u.step, ending)
		return r
	}
	return &unfinished{Step: u.step, Text: fmt.Sprintf("not connected after %s, still %s; %s", u.wait, u.step, ending)}
}

// unfinished is a wait that ended before there was any explanation.
type unfinished struct {
	Step string `json:"step"`
	Text string `json:"text"`
}

func (u *unfinished) Error() string { return u.Text }

func downCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Disconnect",
		Args:  cobra.NoArgs,
		RunE: a.action(func(ctx context.Context, c *client.Client, _ []string) error {
			if _, err := c.Down(ctx); err != nil {
				return err
			}
			for now, err := range c.Watch(ctx) {
				if err != nil {
					return err
				}
				if now.State == client.Disconnected || now.State == client.Failed {
					a.say("Disconnected.")
					if now.KillSwitch == client.KillSwitchBlocking {
						a.say("The kill switch stays on: nothing leaves this computer until muvpn unblock.")
					}
					return nil
				}
			}
			return ctx.Err()
		}),
	}
}
