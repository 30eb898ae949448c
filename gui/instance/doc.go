// Package instance keeps one window and one tray for each user and session: who
// comes second hands what it was started for to the first and goes. Each has a
// door of package pipe in the user's private folder, and only the same user's
// programs are heard there. It knows nothing of windows or of the service.
//
// A Door is owned by whoever has entered. Start reading at Enter, then
// Door.Serve.
//
// Goroutines, and who stops them:
//
//   - a visitor of Door.Serve, one each and at most eight: its message, its
//     time-out, or the door's end.
package instance
