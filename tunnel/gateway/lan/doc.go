// Package lan is the small office network behind the test gateway: one host
// with a web server, echo servers and an FTP server, on a network stack inside
// this process (gVisor) or on a real TUN. It knows nothing of IPsec: the
// gateway's server joins its Device to the SAs.
//
// Goroutines, all of an Office and ended by Office.Close, which closes what
// they wait on and waits for them:
//
//   - one for the web server, which has one more for each connection;
//   - one each that accepts connections for the TCP echo and the FTP server,
//     and one for each such connection;
//   - one for the UDP echo.
//
// Start reading at Open.
package lan
