// Package mobileconfig reads Apple's configuration profiles: a property list
// in XML or binary, as it is or inside a CMS signature.
//
// It is a package of its own because it needs parsers of XML, of binary
// property lists and of CMS, which have no business in a service that runs
// with privileges: only the unprivileged side, which opens files, imports it
// and hands Format to profile.Recognise.
//
// Nothing in it starts a goroutine, opens a file or asks for the time.
package mobileconfig
