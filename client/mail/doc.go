// Package mail makes the message by which a user sends the log to the people
// who support the connection: an unsent e-mail in a file, with a summary in
// plain words and the log as text and as JSON Lines, for the command line and
// the window. What is in it comes from the service by package client; nothing
// is sent here, and no secret can be among it, as none reaches the log.
//
// The message is worked out by pure functions (Report, then Report.Message);
// Save and Open put it where the user finds it and hand it to the mail program.
// A Report is a value and nobody's state. Start reading at Collect.
//
// Goroutines, and who stops them: the waiter of command.launch, one for each
// program that was started; it ends with that program, which is left alone.
package mail
