package lab

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// transferLimit is how long one transfer of the payload may take; single DES
// three times over on a busy machine is slow.
const transferLimit = 5 * time.Minute

// browser is an HTTP client inside a namespace. It keeps no connection, and
// stops dialling when ctx ends, which net/http by itself does not.
func (n *Namespace) browser(ctx context.Context) *http.Client {
	dial := func(_ context.Context, network, address string) (net.Conn, error) {
		return n.Dial(ctx, network, address)
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true, DisableCompression: true}}
}

// Fetch gets the page of the server at address within the limit.
func (l *Lab) Fetch(address string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	body, err := l.get(ctx, "http://"+address+"/")
	if err != nil {
		return err
	}
	defer body.Close()
	got, err := io.ReadAll(body)
	if err == nil && string(got) != page {
		err = fmt.Errorf("the page reads %q", got)
	}
	return err
}

// Download gets the payload from the server and compares.
func (l *Lab) Download(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), transferLimit)
	defer cancel()
	body, err := l.get(ctx, "http://"+address+"/payload")
	if err != nil {
		return err
	}
	defer body.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, body)
	if err != nil {
		return fmt.Errorf("download broke after %d octets: %w", n, err)
	}
	return l.compare("download", hex.EncodeToString(sum.Sum(nil)))
}

// Upload sends the payload to the server, which says what it got.
func (l *Lab) Upload(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), transferLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "POST", "http://"+address+"/payload", bytes.NewReader(l.Host.payload))
	if err != nil {
		return err
	}
	response, err := l.Network.Client.browser(ctx).Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	return l.compare("upload", string(got))
}

// get begins a GET from the client's namespace.
func (l *Lab) get(ctx context.Context, url string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return nil, err
	}
	response, err := l.Network.Client.browser(ctx).Do(request)
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

// compare says whether a digest is the payload's.
func (l *Lab) compare(what, got string) error {
	if got != l.Host.digest {
		return fmt.Errorf("%s: SHA-256 is %s, the payload's is %s", what, got, l.Host.digest)
	}
	return nil
}
