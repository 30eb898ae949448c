package explain

import "muvpn/client/reason"

// newCopy is what most faults of a profile come down to.
const newCopy = "Ask your administrator for a new copy of the profile."

// advice has one entry for every code.
var advice = map[reason.Code]Advice{
	reason.NoRoute: {
		What:  "This computer has no way to the gateway.",
		User:  "Check the internet connection: open any web page, then try again.",
		Admin: "The gateway's address has no route from the user's network; an IPv6 address on an IPv4 network looks like this too.",
	},
	reason.DNSFailed: {
		What:  "The gateway's name could not be resolved.",
		User:  "Check the internet connection: open any web page, then try again.",
		Admin: "Check that the gateway's name in the profile is right and known to public DNS; a second entry under addresses, as a number, helps when DNS is down.",
	},
	reason.NoReply: {
		What:  "The gateway does not answer.",
		User:  "This network may block VPNs: try another one, such as a telephone's hot spot. If that does not help either, the gateway may be down: tell your administrator.",
		Admin: "Is the gateway up, is its address right, and do UDP 500 and 4500 reach it? Its log shows no message from this client if something on the way drops them.",
	},
	reason.IDUnknown: {
		What:  "The gateway does not know the identity in the profile.",
		User:  newCopy,
		Admin: "Compare local_id, its type and its exact spelling, with the user's name on the gateway; on a Firebox the user must also be in the group of the VPN.",
	},
	reason.ModeMismatch: {
		What:  "The gateway expects another kind of key exchange.",
		User:  newCopy,
		Admin: "Aggressive Mode against Main Mode, or IKEv1 against IKEv2: set exchange and version of the profile as the gateway has them.",
	},
	reason.P1Proposal: {
		What:  "The gateway accepts none of the algorithms offered for Phase 1.",
		User:  newCopy,
		Admin: "Encryption, hash, Diffie-Hellman group and authentication method must be one that the gateway has for Phase 1; compare with the proposals above.",
	},
	reason.PSKWrong: {
		What:  "The pre-shared key of the profile is not the gateway's.",
		User:  "Ask your administrator for a new copy of the profile; if you typed the key yourself, type it again.",
		Admin: "The key for this identity differs between gateway and profile: set it again on both. A space at the end counts.",
	},
	reason.CertExpired: {
		What:  "A certificate has expired.",
		User:  "Check date and time of this computer. If they are right, tell your administrator; if the certificate is yours, ask for a new copy of the profile.",
		Admin: "Renew the certificate named above: the gateway's on the gateway, the user's by a new profile, an authority's by a new one as ca.",
	},
	reason.CertUntrusted: {
		What:  "A certificate was not believed: the gateway's by this computer, or yours by the gateway.",
		User:  "Tell your administrator. If it is the gateway's, do not go on: the gateway may have been replaced, by them or by somebody else.",
		Admin: "The gateway's: put its issuer's certificate into the profile as ca. The user's: the gateway must trust its issuer and know the identity in it; the gateway's log says which is missing.",
	},
	reason.CertName: {
		What:  "The gateway's certificate is for another name.",
		User:  "Do not go on. Tell your administrator: the address may be wrong, or somebody else may be answering.",
		Admin: "The name or address that the profile dials must be in the certificate's subjectAltName. An old certificate that has none is named whole: gateway.id of type dn, with its subject.",
	},
	reason.CertRevoked: {
		What:  "A certificate was revoked: the gateway's, or yours.",
		User:  "Tell your administrator. If it is the gateway's, do not go on: whoever has the old certificate can pass for the gateway.",
		Admin: "The gateway's: give it a new one in the place of the one named above. The user's: was it meant? If not, issue the user a new one, and hand over the new profile.",
	},
	reason.UserAuth: {
		What:  "The gateway refused the user name or the password.",
		User:  "Type them again with care. Several wrong tries may have locked the account: then wait, or ask your administrator.",
		Admin: "Look the user up on the authentication server: locked, expired, or not in the group of the VPN.",
	},
	reason.XAuthExpected: {
		What:  "The gateway wants a user name and password, and the profile has none.",
		User:  newCopy,
		Admin: "Set the profile's method to psk-xauth or rsa-xauth, or turn extended authentication off on the gateway.",
	},
	reason.NoAddress: {
		What:  "The gateway gave no address for the office network.",
		User:  "Try again in a few minutes. If it stays so, tell your administrator.",
		Admin: "The address pool is used up or missing, or it expects the client to bring a fixed virtual IP.",
	},
	reason.P2Proposal: {
		What:  "The gateway accepts none of the algorithms offered for Phase 2.",
		User:  newCopy,
		Admin: "Encryption and authentication of ESP must be one that the gateway has for Phase 2; compare with the proposals above.",
	},
	reason.P2PFS: {
		What:  "Gateway and profile disagree on perfect forward secrecy.",
		User:  newCopy,
		Admin: "Set pfs in the profile to the group of the gateway's Phase 2, or to none.",
	},
	reason.P2Selector: {
		What:  "The gateway refuses the networks or the virtual IP of the profile.",
		User:  newCopy,
		Admin: "The virtual IP and each network must be exactly what the gateway has for this user, mask included; two networks need two entries on the gateway.",
	},
	reason.ESPBlocked: {
		What:  "The tunnel is up, but nothing comes back through it.",
		User:  "This network may block VPNs: try another one, such as a telephone's hot spot.",
		Admin: "IP protocol 50 or UDP 4500 is blocked on the way; nat_traversal = \"force\" in the profile avoids protocol 50. A gateway that drops the user's traffic by its own rules looks the same.",
	},
	reason.GWFull: {
		What:  "The gateway has no room for another user.",
		User:  "Try again later, when others have disconnected.",
		Admin: "Its licensed number of tunnels is used up; end stale sessions there.",
	},
	reason.PeerDead: {
		What:  "The gateway stopped answering.",
		User:  "Nothing: the connection comes back by itself when the gateway or the network does.",
		Admin: "The gateway restarted, or the way to it was cut; its log shows which.",
	},
	reason.GWClosed: {
		What:  "The gateway ended the connection.",
		User:  "Usually nothing: the connection is made again by itself. If it ends again at once, tell your administrator.",
		Admin: "A session limit, an administrator's action or a restart; the gateway's log says which. Two clients that use one identity end each other's sessions.",
	},
	reason.VIPInUse: {
		What:  "Somebody else is connected with the same virtual IP.",
		User:  "Disconnect your other computer, wait a minute and try again.",
		Admin: "Two profiles carry the same virtual IP, or an old session is still open on the gateway: end it there.",
	},
	reason.Cancelled: {
		What:  "The connection was ended on this computer.",
		User:  "Nothing: connect again when you need it.",
		Admin: "Nothing.",
	},
	reason.Clock: {
		What:  "The clock of this computer is wrong, or a certificate's time has not come yet.",
		User:  "Set date and time of this computer, then try again.",
		Admin: "Certificates and profiles with an expiry need a right clock: let the computer set its own by NTP. If it is right, look when the certificate named above begins.",
	},
	reason.Internal: {
		What:  "Something went wrong inside muvpn itself.",
		User:  "Try again. If it stays so, send the log (muvpn log mail) to your administrator.",
		Admin: "This is a fault of the program: report it with the log.",
	},
	reason.IPConflict: {
		What:  "The virtual IP of the profile is already in use on this computer.",
		User:  "Disconnect other VPNs on this computer, then try again.",
		Admin: "The interface named above has that address: give the user another virtual IP, or the computer another address.",
	},
	reason.LANOverlap: {
		What:  "The network you are in has the same addresses as the office network.",
		User:  "Try another network, such as a telephone's hot spot, or change the address range of your router at home.",
		Admin: "Home routers like 192.168.0.0/24 and 192.168.1.0/24: an office network in another range avoids this for good.",
	},
	reason.PortTaken: {
		What:  "Another program on this computer holds the UDP port that is needed.",
		User:  "End other VPN programs, then try again.",
		Admin: "Another IPsec service (strongSwan, the IKEEXT service of Windows) holds the port named above; local_port in the profile can name another one.",
	},
	reason.NoPrivilege: {
		What:  "The service cannot be used, or may not do what is needed.",
		User:  "Make sure that muvpnd is running, and that you sit at this computer or are a member of the group muvpn; a new membership counts from the next login.",
		Admin: "Start the service (muvpnd start), add who works from afar to the group muvpn, and run muvpnd as root unless it runs with --userspace.",
	},
	reason.NoTUN: {
		What:  "The virtual network interface could not be made.",
		User:  "Restart the computer, then try again; without administrator rights, muvpnd run --userspace needs no interface.",
		Admin: "On Linux /dev/net/tun must be there (module tun, and the device passed into a container); on Windows wintun.dll must lie beside muvpnd.exe.",
	},
	reason.ProfileChanged: {
		What:  "The profile cannot be opened: wrong passphrase, or the file was changed.",
		User:  "Type the passphrase again with care. If that does not help, ask your administrator for a new copy of the profile.",
		Admin: "Send the file again, as an attachment; the passphrase travels apart from it.",
	},
	reason.ProfileExpired: {
		What:  "The profile has expired, or a newer copy of it is here already.",
		User:  "Ask your administrator for a new copy of the profile, and check date and time of this computer.",
		Admin: "Issue the profile again with a later expiry and a higher serial.",
	},
	reason.ProfileTooWeak: {
		What:  "The profile asks for cryptography that is broken.",
		User:  newCopy,
		Admin: "DES, MD5 and group 1 need security = \"legacy\" in the profile, and --legacy at import; a gateway that can do better should.",
	},
	reason.ProfileSigner: {
		What:  "The profile is not signed by the one who signs your profiles.",
		User:  "Do not use it. Ask your administrator, by telephone, whether they sent it.",
		Admin: "An unsigned or otherwise signed file replaces none that was signed. If the signing key has changed, the profile must be removed before the new one is imported.",
	},
}
