package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	guide := flag.String("guide", "docs/user.md", "the user guide")
	walk := flag.String("walk", "build/gui/screen/guide", "the `FOLDER` in which the walk has kept its pictures")
	flag.Parse()
	size, err := makePictures(*guide, *walk)
	if err != nil {
		fmt.Fprintln(os.Stderr, "guide:", err)
		os.Exit(1)
	}
	fmt.Printf("guide: %d kB of pictures for %s\n", size/1000, *guide)
}

// named is a picture as the guide names it, in the folder beside it.
var named = regexp.MustCompile(`"guide/([a-z-]+)\.png"`)

// makePictures makes all that the guide names, and returns their octets.
func makePictures(guide, walk string) (size int64, err error) {
	text, err := os.ReadFile(guide)
	if err != nil {
		return 0, err
	}
	folder := filepath.Join(filepath.Dir(guide), "guide")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return 0, err
	}
	wanted := names(string(text))
	for _, name := range wanted {
		file := filepath.Join(folder, name+".png")
		if err := makePicture(name, walk, file); err != nil {
			return 0, err
		}
		info, err := os.Stat(file)
		if err != nil {
			return 0, err
		}
		size += info.Size()
	}
	return size, tidy(folder, wanted)
}

// tidy takes away what the guide names no more.
func tidy(folder string, wanted []string) error {
	files, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, file := range files {
		if slices.Contains(wanted, strings.TrimSuffix(file.Name(), ".png")) {
			continue
		}
		if err := os.Remove(filepath.Join(folder, file.Name())); err != nil {
			return err
		}
	}
	return nil
}

// names are those of the pictures in the text, each once.
func names(text string) (list []string) {
	for _, found := range named.FindAllStringSubmatch(text, -1) {
		list = append(list, found[1])
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// makePicture draws an icon, or takes a picture of the walk with as few colours as
// show no difference.
func makePicture(name, walk, file string) error {
	if sign, ok := signs()[name]; ok {
		return draw(sign, file)
	}
	from := filepath.Join(walk, name+".png")
	if _, err := os.Stat(from); err != nil {
		return fmt.Errorf("the walk has kept no %s: run make screen as root", from)
	}
	said, err := exec.Command("convert", from, "-strip", "+dither", "-colors", "96",
		"-define", "png:compression-level=9", "-define", "png:exclude-chunks=date,time", "PNG8:"+file).CombinedOutput()
	if err != nil {
		return fmt.Errorf("convert (ImageMagick): %w: %s", err, said)
	}
	return nil
}
