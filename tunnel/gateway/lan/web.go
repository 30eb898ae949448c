package lan

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// serveHTTP starts the web server: a page, the large file, its SHA-256, and
// the SHA-256 of whatever is posted to /sum.
func (o *Office) serveHTTP() error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", o.page)
	mux.HandleFunc("GET /"+FileName, o.download)
	mux.HandleFunc("GET /"+FileName+".sha256", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "%s  %s\n", o.file.SHA256(), FileName)
	})
	mux.HandleFunc("POST /sum", sum)
	l, err := o.listen(portHTTP)
	if err != nil {
		return err
	}
	o.web = &http.Server{Handler: mux, ReadHeaderTimeout: patience}
	o.wg.Go(func() { o.web.Serve(l) })
	return nil
}

// page is what a user sees first.
func (o *Office) page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!DOCTYPE html><title>Welcome to the office network</title>
<h1>Welcome to the office network</h1>
<p>You have come from %s. <a href="/%s">A file of %d octets</a>, and <a href="/%[2]s.sha256">its SHA-256</a>.</p>
`, r.RemoteAddr, FileName, o.file.Size)
}

// download sends the large file.
func (o *Office) download(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(o.file.Size, 10))
	io.Copy(w, o.file.Open())
}

// sum answers with the SHA-256 of what was sent.
func sum(w http.ResponseWriter, r *http.Request) {
	h := sha256.New()
	if _, err := io.Copy(h, r.Body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fmt.Fprintf(w, "%x\n", h.Sum(nil))
}
