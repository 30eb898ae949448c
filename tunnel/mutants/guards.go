package main

// mutants are the guards whose loss would be a hole: authentication of the
// gateway, integrity and order of packets, what may pass, and who may write a
// profile.
var mutants = []mutant{}
