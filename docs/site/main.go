package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root := flag.String("root", ".", "`FOLDER` of the source")
	out := flag.String("out", "build/site", "`FOLDER` of the site, which is made anew")
	flag.Parse()
	pages, err := build(*root, *out)
	if err != nil {
		fmt.Fprintf(os.Stderr, "site: %v\n", err)
		os.Exit(1)
	}
	fmt.Printf("site: %d pages, from %s on\n", len(pages), filepath.Join(*out, "index.html"))
}

// build makes the site in a folder, which must be empty, absent or a site, and
// returns its pages.
func build(root, out string) ([]page, error) {
	pages, err := read(root)
	if err != nil {
		return nil, err
	}
	if err := clear(out); err != nil {
		return nil, err
	}
	for _, p := range pages {
		html, err := render(p, pages)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.source, err)
		}
		if err := os.WriteFile(filepath.Join(out, p.name), html, 0o644); err != nil {
			return nil, err
		}
	}
	return pages, carry(root, out)
}

// carried are the folders and files that the documents show or lead to, and that
// go with them.
var carried = []string{"guide", "map", "map.svg"}

func carry(root, out string) error {
	for _, name := range carried {
		from, to := filepath.Join(root, "docs", name), filepath.Join(out, name)
		if info, err := os.Stat(from); err != nil {
			return err
		} else if info.IsDir() {
			if err := os.CopyFS(to, os.DirFS(from)); err != nil {
				return err
			}
			continue
		}
		data, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// clear makes the folder empty. One that holds anything but a site is not touched.
func clear(out string) error {
	entries, err := os.ReadDir(out)
	if err == nil && len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(out, "index.html")); err != nil {
			return fmt.Errorf("%s holds something else than a site: name another folder, or empty it", out)
		}
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	return os.MkdirAll(out, 0o755)
}
