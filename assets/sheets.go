package assets

import "embed"

// Sheets holds the texts of the papers that muvpn admin issue writes for users,
// by language: sheets/de.json and so on, each text under its English form, with
// {file} and the like where a user's value goes.
//
//go:embed sheets
var Sheets embed.FS
