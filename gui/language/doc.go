// Package language loads the texts of the window and the tray, in the language of
// the system or in the one that the user has set. The texts lie in assets/words,
// each under its English form; Fyne's lang holds and translates them. It must be
// loaded before the first text is shown. Start reading at Load.
package language
