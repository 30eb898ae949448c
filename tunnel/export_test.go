package tunnel

// StartWith is Start with a session of the test's own.
var StartWith = start
