// Package issuing is what an administrator does before the first connection: a
// site file and a roster of users become profiles, sheets for the users and what
// the gateway needs. Nothing here touches the disk or asks anybody: ParseSite
// and package roster read, Make says what is to be done and with which secrets,
// Certify and Seal do the work, and what comes out is a list of files, which
// package commit writes as one.
//
// A State says who has which UUID, serial, virtual IP and certificates, and holds
// no secret; a Vault holds the secrets. Both belong to the caller, and so does the
// Authority that signs certificates. The goroutines of Certify and Seal, one a
// core (onAllCores), end before they return. Start reading at Make.
package issuing
