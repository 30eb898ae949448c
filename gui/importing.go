package gui

// chooseFile asks which file to import.
func (w *Window) chooseFile() {}
