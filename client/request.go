package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"muvpn/client/reason"
)

// maxAnswer bounds what is read of one answer, in octets.
const maxAnswer = 4 << 20

// Status asks for the status once.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var s Status
	return s, c.get(ctx, "/v1/status", &s)
}

// Profiles lists the stored profiles.
func (c *Client) Profiles(ctx context.Context) ([]Profile, error) {
	var p []Profile
	return p, c.get(ctx, "/v1/profiles", &p)
}

// Show returns a stored profile as TOML for people, its secrets as [redacted].
func (c *Client) Show(ctx context.Context, name string) (string, error) {
	var shown struct {
		TOML string `json:"toml"`
	}
	return shown.TOML, c.get(ctx, "/v1/profiles/"+url.PathEscape(name), &shown)
}

// Remove deletes a stored profile and its secrets.
func (c *Client) Remove(ctx context.Context, name string) error {
	return c.call(ctx, http.MethodDelete, "/v1/profiles/"+url.PathEscape(name), nil, nil)
}

// Import stores a profile, or with DryRun says what that would mean.
func (c *Client) Import(ctx context.Context, i Import) (Plan, error) {
	var p Plan
	return p, c.post(ctx, "/v1/import", i, &p)
}

// Up starts to connect and returns the status at once; Watch tells how it
// goes on.
func (c *Client) Up(ctx context.Context, u Up) (Status, error) {
	var s Status
	return s, c.post(ctx, "/v1/up", u, &s)
}

// Down starts to disconnect and returns the status at once.
func (c *Client) Down(ctx context.Context) (Status, error) {
	var s Status
	return s, c.post(ctx, "/v1/down", struct{}{}, &s)
}

// Unblock lifts the kill switch and returns the status after it.
func (c *Client) Unblock(ctx context.Context) (Status, error) {
	var s Status
	return s, c.post(ctx, "/v1/unblock", struct{}{}, &s)
}

// Answer answers the Prompt in the status.
func (c *Client) Answer(ctx context.Context, a Answer) error {
	return c.post(ctx, "/v1/answer", a, nil)
}

// Settings lists the settings of a profile; empty: the only or last one.
func (c *Client) Settings(ctx context.Context, profile string) ([]Setting, error) {
	var list []Setting
	return list, c.get(ctx, "/v1/settings?"+url.Values{"profile": {profile}}.Encode(), &list)
}

// Set changes a setting of a profile and returns them all.
func (c *Client) Set(ctx context.Context, s Set) ([]Setting, error) {
	var list []Setting
	return list, c.post(ctx, "/v1/settings", s, &list)
}

// Log opens the log. With Follow it ends only with the context or the service.
func (c *Client) Log(ctx context.Context, o LogOptions) (io.ReadCloser, error) {
	q := url.Values{
		"lines":  {strconv.Itoa(o.Lines)},
		"follow": {strconv.FormatBool(o.Follow)},
		"json":   {strconv.FormatBool(o.JSON)},
		"redact": {strconv.FormatBool(o.Redact)},
	}
	res, err := c.send(ctx, http.MethodGet, "/v1/log?"+q.Encode(), nil)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

func (c *Client) get(ctx context.Context, path string, answer any) error {
	return c.call(ctx, http.MethodGet, path, nil, answer)
}

func (c *Client) post(ctx context.Context, path string, request, answer any) error {
	return c.call(ctx, http.MethodPost, path, request, answer)
}

// call sends one request and reads its whole answer.
func (c *Client) call(ctx context.Context, method, path string, request, answer any) error {
	res, err := c.send(ctx, method, path, request)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if answer == nil {
		return nil
	}
	return json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(answer)
}

// send sends one request. Every status but 2xx is an error.
func (c *Client) send(ctx context.Context, method, path string, request any) (*http.Response, error) {
	body := io.Reader(http.NoBody)
	if request != nil {
		b, err := json.Marshal(request)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://muvpnd"+path, body)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, plain(err)
	}
	if res.StatusCode/100 == 2 {
		return res, nil
	}
	defer res.Body.Close()
	return nil, failure(res)
}

// plain takes net/http's mention of the URL off an error: there is none that
// the user knows.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// failure reads the error that the service has sent: a Reason or a Refusal.
func failure(res *http.Response) error {
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return err
	}
	var r reason.Reason
	if json.Unmarshal(b, &r) == nil && r.Code != "" {
		return &r
	}
	var no Refusal
	if json.Unmarshal(b, &no) == nil && no.Kind != "" {
		return &no
	}
	return fmt.Errorf("the service answered %s", res.Status)
}
