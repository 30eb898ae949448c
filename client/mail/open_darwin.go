package mail

// open gives the file to the program that opens messages.
func open(path string, _ *Report) error {
	path, err := absolute(path)
	if err != nil {
		return err
	}
	return tryAll([]command{{"/usr/bin/open", path}})
}
