package serve

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"muvpn/client"
	"muvpn/client/pipe"
	"muvpn/client/reason"
)

func (s *server) version(w http.ResponseWriter, _ *http.Request, _ Caller) error {
	return answer(w, client.Hello{API: client.API, Program: "muvpnd", Version: client.Build()})
}

func (s *server) status(w http.ResponseWriter, _ *http.Request, who Caller) error {
	now, _ := s.statusFor(who)
	return answer(w, now)
}

// statusFor is the status without what only the owner may see.
func (s *server) statusFor(who Caller) (client.Status, <-chan struct{}) {
	now, changed := s.service.Status()
	return visible(now, who), changed
}

// visible takes the proxy, whose URLs hold its password, out of what somebody
// sees who could not administer.
func visible(now client.Status, who Caller) client.Status {
	if who.Rights < pipe.Administer {
		now.Proxy = nil
	}
	return now
}

func (s *server) profiles(w http.ResponseWriter, r *http.Request, _ Caller) error {
	list, err := s.service.Profiles(r.Context())
	if err != nil {
		return err
	}
	return answer(w, list)
}

func (s *server) show(w http.ResponseWriter, r *http.Request, _ Caller) error {
	text, err := s.service.Show(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	return answer(w, map[string]string{"toml": text})
}

func (s *server) remove(w http.ResponseWriter, r *http.Request, who Caller) error {
	if err := s.service.Remove(r.Context(), who, r.PathValue("name")); err != nil {
		return err
	}
	return answer(w, struct{}{})
}

func (s *server) importProfile(w http.ResponseWriter, r *http.Request, who Caller) error {
	var i client.Import
	if err := request(r, &i); err != nil {
		return err
	}
	defer wipe(i.Key, i.PSK, i.Plain)
	plan, err := s.service.Import(r.Context(), who, i)
	if err != nil {
		return err
	}
	return answer(w, plan)
}

func (s *server) up(w http.ResponseWriter, r *http.Request, who Caller) error {
	var u client.Up
	if err := request(r, &u); err != nil {
		return err
	}
	now, err := s.service.Up(r.Context(), who, u)
	if err != nil {
		return err
	}
	return answer(w, visible(now, who))
}

func (s *server) down(w http.ResponseWriter, r *http.Request, who Caller) error {
	now, err := s.service.Down(r.Context(), who)
	if err != nil {
		return err
	}
	return answer(w, visible(now, who))
}

func (s *server) unblock(w http.ResponseWriter, r *http.Request, who Caller) error {
	now, err := s.service.Unblock(r.Context(), who)
	if err != nil {
		return err
	}
	return answer(w, visible(now, who))
}

func (s *server) answer(w http.ResponseWriter, r *http.Request, who Caller) error {
	var a client.Answer
	if err := request(r, &a); err != nil {
		return err
	}
	if err := s.service.Answer(r.Context(), who, a); err != nil {
		return err
	}
	return answer(w, struct{}{})
}

func (s *server) diagnose(w http.ResponseWriter, r *http.Request, who Caller) error {
	var d client.Diagnose
	if err := request(r, &d); err != nil {
		return err
	}
	http.NewResponseController(w).SetReadDeadline(time.Time{}) // the request is read; the client waits
	ctx, cancel := context.WithTimeout(r.Context(), DiagnoseTime)
	defer cancel()
	found, err := s.service.Diagnose(ctx, who, d)
	if err != nil {
		return err
	}
	return answer(w, found)
}

func (s *server) log(w http.ResponseWriter, r *http.Request, who Caller) error {
	o, err := logOptions(r)
	if err != nil {
		return err
	}
	lines := s.newStream(w, r, who, "text/plain; charset=utf-8")
	if err := s.service.Log(r.Context(), lines, o); err != nil && !lines.begun {
		return err
	}
	return nil
}

// logOptions reads the query of a request for the log.
func logOptions(r *http.Request) (client.LogOptions, error) {
	var o client.LogOptions
	var wrong error
	flag := func(name string) bool {
		b, err := strconv.ParseBool(r.FormValue(name))
		wrong = errors.Join(wrong, err)
		return b
	}
	o.Follow, o.JSON, o.Redact = flag("follow"), flag("json"), flag("redact")
	lines, err := strconv.Atoi(r.FormValue("lines"))
	if wrong = errors.Join(wrong, err); wrong != nil || lines < 0 {
		return o, &client.Refusal{Kind: client.BadRequest, Text: "the request for the log is malformed"}
	}
	o.Lines = lines
	return o, nil
}

// request reads the body of a POST: one JSON value without unknown keys.
func request(r *http.Request, into any) error {
	in := json.NewDecoder(r.Body)
	in.DisallowUnknownFields()
	err := in.Decode(into)
	if err == nil {
		if _, err = in.Token(); err == io.EOF { // the value, and nothing behind it
			return nil
		}
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &client.Refusal{Kind: client.BadRequest, Text: "the request is larger than the service accepts"}
	}
	return &client.Refusal{Kind: client.BadRequest, Text: "the request is not of the form that the service understands"}
}

// wipe overwrites what was secret.
func wipe(secrets ...[]byte) {
	for _, b := range secrets {
		clear(b)
	}
}

// answer writes v as JSON.
func answer(w http.ResponseWriter, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(append(b, '\n'))
	return nil
}

// answerError writes an error as the Reason or Refusal that it is.
func answerError(w http.ResponseWriter, err error) {
	status, body := refusalOf(err)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body)
}

// refusalOf is an error as the answer that tells it: a Reason, a Refusal, or
// else a fault of ours.
func refusalOf(err error) (status int, body []byte) {
	var no *client.Refusal
	var why *reason.Reason
	var v any
	status = http.StatusConflict
	switch {
	case errors.As(err, &no):
		v, status = no, refusalStatus(no.Kind)
	case errors.As(err, &why):
		v = why
		if why.Code == reason.NoPrivilege {
			status = http.StatusForbidden
		}
	default:
		v, status = &reason.Reason{Code: reason.Internal, Side: reason.Client, Seen: err.Error()}, http.StatusInternalServerError
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic("serve: a Reason or Refusal that is not JSON: " + err.Error())
	}
	return status, append(b, '\n')
}

// refusalStatus is the HTTP status that goes with a refusal.
func refusalStatus(k client.RefusalKind) int {
	switch k {
	case client.NoProfile, client.WhichProfile:
		return http.StatusNotFound
	case client.NotAllowed:
		return http.StatusForbidden
	case client.BadProfile:
		return http.StatusUnprocessableEntity
	case client.Busy, client.NeedsConsent, client.NotAsked:
		return http.StatusConflict
	}
	return http.StatusBadRequest
}
