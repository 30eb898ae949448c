package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/jlaffaye/ftp"
	"golang.org/x/net/proxy"
)

// through returns a dialer that goes through the tunnel by muvpnd's SOCKS5
// proxy.
func through(socks string) (proxy.ContextDialer, error) {
	address, err := url.Parse(socks)
	if err != nil {
		return nil, err
	}
	dialer, err := proxy.FromURL(address, proxy.Direct)
	if err != nil {
		return nil, err
	}
	return dialer.(proxy.ContextDialer), nil
}

// page fetches a page over HTTP and returns its text.
func page(ctx context.Context, tunnel proxy.ContextDialer, address string) (string, error) {
	client := http.Client{Transport: &http.Transport{DialContext: tunnel.DialContext, DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answered %s", address, response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return string(text), err
}

// file fetches a file by passive FTP and returns its size and its SHA-256.
func file(ctx context.Context, tunnel proxy.ContextDialer, address, name string) (int64, string, error) {
	// EPSV leaves out the server's address, and behind a proxy that of the
	// control connection is the proxy's own: so PASV, which names it.
	server, err := ftp.Dial(address, ftp.DialWithTimeout(10*time.Second), ftp.DialWithDisabledEPSV(true),
		ftp.DialWithDialFunc(func(network, address string) (net.Conn, error) {
			return tunnel.DialContext(ctx, network, address)
		}))
	if err != nil {
		return 0, "", err
	}
	defer server.Quit()
	if err := server.Login("anonymous", "lisa@example.com"); err != nil {
		return 0, "", err
	}
	body, err := server.Retr(name)
	if err != nil {
		return 0, "", err
	}
	defer body.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, body)
	return size, fmt.Sprintf("%x", sum.Sum(nil)), err
}
