//go:build !race

package roster

// raced says that the race detector makes everything slower.
const raced = false
