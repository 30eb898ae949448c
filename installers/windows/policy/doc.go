// Package policy is the templates by which Group Policy and device management set
// the policy of a computer: muvpn.admx, with the texts of each language in a
// folder of its own. What they write into the registry is what service/policy
// reads; the tests here hold the one against the other, and the templates
// against the order that their schema asks for. No Windows has loaded them yet.
//
// There is no program here, no state and no go statement.
package policy
