package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
)

// Watch yields the whole status at once and then whenever it has changed,
// until the loop or the context ends. A slow loop misses statuses, never the
// latest one. It yields one error at most, the last: the service has closed or
// cannot be asked.
func (c *Client) Watch(ctx context.Context) iter.Seq2[Status, error] {
	return func(yield func(Status, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		res, err := c.send(ctx, http.MethodGet, "/v1/watch", nil)
		if err != nil {
			yield(Status{}, err)
			return
		}
		latest, failed := make(chan Status, 1), make(chan error, 1)
		go read(res.Body, latest, failed)
		// The reader ends when cancel closes the body; wait, so that none outlives the loop.
		defer func() { cancel(); drain(latest) }()
		for s := range latest {
			if !yield(s, nil) {
				return
			}
		}
		if ctx.Err() == nil {
			yield(Status{}, <-failed)
		}
	}
}

// read keeps the newest status in latest, whose capacity is one, until the
// service has ended the stream.
func read(body io.ReadCloser, latest chan Status, failed chan<- error) {
	defer body.Close()
	defer close(latest)
	in := json.NewDecoder(body)
	for {
		var s Status
		if err := in.Decode(&s); err != nil {
			if errors.Is(err, io.EOF) {
				err = errors.New("the service has ended")
			}
			failed <- err
			return
		}
		select {
		case <-latest: // nobody took it: it is out of date
		default:
		}
		latest <- s
	}
}

func drain(c <-chan Status) {
	for range c {
	}
}
