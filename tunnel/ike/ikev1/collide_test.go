package ikev1

import (
	"testing"
	"time"

	"muvpn/tunnel/ike"
)


