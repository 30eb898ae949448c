// Package wine shows what the Windows programs do when they run: it holds no
// program, only tests, which play muvpnd.exe and muvpn.exe under wine, in a
// Windows of their own that ends with them. What they show is shown of wine and
// not of Windows, whose kernel, rights and drivers wine only resembles. Everything
// needs root; `make wine` runs it, and `make test-installers` what is about setup.exe
// and the MSI.
//
// What wine 8 has, and is played: the service manager, named pipes with the
// process and the token behind them, DPAPI, UDP and TCP. With --userspace
// muvpnd.exe connects to muvpn-testgw and fetches a page from the office. What it
// has not, and no test here could show:
//
//   - interfaces, routes and DNS: no driver for wintun.dll, no table of routes. It
//     is played that muvpnd says so.
//   - the filtering engine behind the firewall and the kill switch. It is played
//     that a kill switch is `unset` and not forgotten.
//   - the owner and the access list of a file: a file is the caller's or a
//     stranger's. So the muvpnd.exe of these tests is linked with wine's only user
//     among those who may own what a service runs.
//   - a user who is no administrator: that a policy of the computer refuses users
//     what it lets administrators do. What it demands of all is played.
//   - a second user at once, pipes of other computers, and the first instance of a
//     pipe, by which Windows tells who had its name before.
//   - a service's own SID, restarts after a failure.
//   - why an MSI is refused before it begins: Windows writes that into the log, wine
//     does not. Nor does it end a program that is in the way of an MSI, or take back
//     more than half of an installation that has failed or a removal that was refused.
//   - that an MSI is removed for an upgrade. Windows tells the old one so
//     (UPGRADINGPRODUCTCODE), wine does not: the old one takes away what is stored, or
//     refuses while a kill switch is armed. Of a refusal wine says nothing; the old one
//     keeps its share in every component, so that the removal of the new one leaves
//     them all, and returns 0. The test tells the old one.
//   - keys of DPAPI that somebody else could not make: wine makes them of the
//     user's name. It is played that another user does not open what was sealed.
//
// Two questions that Go's library asks of every Windows are unknown to wine 8;
// build_linux_test.go builds the programs without them, and with nothing else
// changed.
//
// installers_linux_test.go makes setup.exe and MSI of two versions, setup_linux_test.go
// and msi_linux_test.go play them, from installation to nothing left, at the same time;
// given_linux_test.go is what an administrator gives the MSI along, and
// resumed_linux_test.go a connection that an upgrade meets.
//
// Start reading at TestWine; world_linux_test.go is how a command gets into the
// Windows, and base_linux_test.go how that is made, once. What is written in it is
// in memory, and its processes and its network die with the test, whatever happens.
//
// The go statements, and who stops each: one that waits for the world, which ends
// with it; world.end kills it.
package wine
