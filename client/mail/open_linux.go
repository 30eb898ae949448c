package mail

import "net/url"

// open gives the file to the program that opens messages. Where the desktop
// names none, the mail program is asked for a new message with the file
// attached: it may be one that reads no files.
func open(path string, r *Report) error {
	path, err := absolute(path)
	if err != nil {
		return err
	}
	handler := ""
	if found("xdg-mime") {
		handler = command{"xdg-mime", "query", "default", "message/rfc822"}.answer()
	}
	return tryAll(plan(path, handler, r))
}

// plan are the ways to open a message, the best first; handler names the
// program for messages, empty if there is none.
func plan(path, handler string, r *Report) (ways []command) {
	if handler != "" {
		ways = append(ways, command{"xdg-open", path})
	}
	attach := command{"xdg-email", "--utf8", "--subject", r.Subject(), "--attach", path}
	if r.To != nil {
		attach = append(attach, "mailto:"+url.PathEscape(r.To.Address))
	}
	return append(ways, attach)
}
