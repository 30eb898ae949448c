package profile

import "testing"

// TestFritzKeys changes a setting or two of the box's own file.
func TestFritzKeys(t *testing.T) {
	importChanged(t, "testdata/fritzbox/user.cfg", map[string]keyTest{
		"fqdn":                {`user_fqdn = "lisa@example.com"`, `fqdn = "lisa.example.com"`, "local_id = {type = 'fqdn', value = 'lisa.example.com'}", ""},
		"key id":              {`user_fqdn = "lisa@example.com"`, `key_id = "lisa"`, "local_id = {type = 'key_id', value = 'lisa'}", ""},
		"address":             {`user_fqdn = "lisa@example.com"`, `ipaddr = 192.0.2.7`, "local_id = {type = 'ipv4', value = '192.0.2.7'}", ""},
		"no identity":         {`user_fqdn = "lisa@example.com"`, `ipaddr = 0.0.0.0`, "auth.local_id: missing", ""},
		"main mode":           {"phase1_mode_aggressive", "phase1_mode_idp", "exchange = 'main'", ""},
		"unknown mode":        {"phase1_mode_aggressive", "phase1_mode_quick", "exchange = 'aggressive'", "mode is not known"},
		"group 5":             {`phase1ss = "all/all/all"`, `phase1ss = "dh5/3des/md5"`, "proposals = ['3des-md5-modp1536']", "The file needs broken"},
		"default group":       {`phase1ss = "all/all/all"`, `phase1ss = "def/def/def"`, "aes256-sha512-modp1024", ""},
		"alternative group":   {`phase1ss = "all/all/all"`, `phase1ss = "alt/aes/sha"`, "['aes256-sha1-modp1024', 'aes128-sha1-modp1024', 'aes256-sha1-modp2048'", ""},
		"unknown group":       {`phase1ss = "all/all/all"`, `phase1ss = "dh99/aes/sha"`, "aes256-sha1-modp2048", "phase1ss has a group"},
		"lifetime":            {`phase1ss = "all/all/all"`, `phase1ss = "LT30m/all/all/all"`, "lifetime = '30m'", ""},
		"odd lifetime":        {`phase1ss = "all/all/all"`, `phase1ss = "LTsoon/all/all/all"`, "lifetime = '1h'", "phase1ss has a lifetime"},
		"nothing offered":     {`phase1ss = "all/all/all"`, `phase1ss = ""`, "aes256-sha512-modp1024", ""},
		"sha256":              {`"esp-all-all/ah-none/comp-all/no-pfs"`, `"esp-aes192-sha256/ah-none/comp-no/pfs"`, "proposals = ['aes192-sha256']\npfs = 'gateway'", ""},
		"config mode":         {"use_cfgmode = no", "use_cfgmode = yes", "virtual_ip = {mode = 'mode-config'}", "Not needed here: always_renew"},
		"phase 2 address":     {"remote_virtualip = 192.168.178.201", "remote_virtualip = 0.0.0.0", "address = '192.168.178.201'", ""},
		"no address":          {"remote_virtualip = 192.168.178.201", "remote_virtualip = lisa", "network.virtual_ip.address: missing", ""},
		"odd mask":            {"mask = 255.255.255.0", "mask = 255.0.255.0", "networks = ['10.0.0.0/8', '192.168.178.0/24']", "phase2localid is no network"},
		"host in access list": {"permit ip 10.0.0.0 255.0.0.0", "permit ip host 10.0.0.1", "networks = ['192.168.178.0/24', '10.0.0.1/32']", ""},
		"deny":                {"permit ip 10.0.0.0", "deny ip 10.0.0.0", "networks = ['192.168.178.0/24']", "accesslist has an entry"},
		"three networks":      {"permit ip 10.0.0.0", "permit ip any 10.0.0.0", "networks = ['192.168.178.0/24']", "accesslist has an entry"},
		"switch":              {"use_xauth = no", "use_xauth = perhaps", "method = 'psk'", "use_xauth is neither on nor off"},
		"semicolon":           {"conn_type = conntype_user;", "conn_type = conntype_user;;", "vendor = 'fritzbox'", ""},
		"no key":              {`key = "`, `kez = "`, "source = 'prompt'", "Unknown and ignored: kez."},
		"name with blanks":    {"use_nat_t =", "use nat t =", "refused\n\nline 24 is not of the form", ""},
		"block without name":  {"connections {", "{ connections {", "refused\n\nline 2 is not of the form", ""},
		"too many blocks":     {"localid {", "a { a { a { a { a { a { a { a { localid {", "is one too many", ""},
		"closed twice":        {"}\n\n\n//", "} } }\n\n\n//", "is not of the form", ""},
	})
}

// FuzzFritz reads hostile files of a FRITZ!Box.
func FuzzFritz(f *testing.F) {
	f.Add([]byte("vpncfg {\nconnections {\nconn_type = conntype_user;\nlocalid { fqdn = a; }\nremoteid { key_id = b; }\nuse_cfgmode = yes;\nkey = \"" + canary + "\";\n}\n}\n"))
	fuzzFormat(f, fritzFormat, "fritzbox", `key = "`, `passwd = "`)
}
