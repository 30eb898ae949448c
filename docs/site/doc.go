// Command site makes one HTML site of the documents, to be read from a folder or
// served by any web server: `make site`. Each document becomes a page, README.md the
// first; those in a folder, docs/helpdesk/*.md, are found by the page of its name
// and not in the list beside every page. Pictures go with them. It needs no network,
// no script and no font but the reader's, in light and dark.
//
// The pages are for reading; what is right is in the documents. goldmark, which
// renders them, is what Fyne has for its texts anyway, so it is no new dependency.
//
// Start reading at main. It starts no goroutine and keeps no state.
package main
