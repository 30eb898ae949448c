package profile

import "testing"

// FuzzFritz reads hostile files of a FRITZ!Box.
func FuzzFritz(f *testing.F) {
	f.Add([]byte("vpncfg {\nconnections {\nconn_type = conntype_user;\nlocalid { fqdn = a; }\nremoteid { key_id = b; }\nuse_cfgmode = yes;\nkey = \"" + canary + "\";\n}\n}\n"))
	fuzzFormat(f, fritzFormat, "fritzbox", `key = "`, `passwd = "`)
}
