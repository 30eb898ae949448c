//go:build !race

package gui

const raced = false
