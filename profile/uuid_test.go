package profile

import (
	"strings"
	"testing"
)

func TestNewUUID(t *testing.T) {
	got, err := NewUUID(countingReader(0xf0))
	if err != nil || got != "f0f1f2f3-f4f5-46f7-b8f9-fafbfcfdfeff" || !validUUID(got) {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := NewUUID(strings.NewReader("short")); err == nil {
		t.Error("a UUID was made of five octets")
	}
}
