#!/bin/sh
# The first process of the user-mode Linux that is the gateway. Its root is
# the machine's own file system, read only; LAB is the folder of this gateway.
set -e
export PATH=/usr/sbin:/usr/bin:/sbin:/bin STRONGSWAN_CONF="$LAB/strongswan.conf"
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /mnt
mkdir -p /mnt/lib/modules /mnt/lab
ln -s "/usr/lib/uml/modules/$(uname -r)" /mnt/lib/modules/
# The kernel's IVs need a random number generator. The usual one, drbg, takes
# its seed from the clock's jitter, and refuses the even clock of this kernel on
# a busy machine; ansi_cprng takes it from the kernel's own pool.
modprobe -d /mnt -a ansi_cprng esp4 xfrm_user authenc des_generic cbc ctr gcm ghash-generic hmac sha512_generic echainiv seqiv
mount -t hostfs -o "$LAB" lab "$LAB"

ip link set lo up
ip address add "$OUTER" dev vec0
ip link set vec0 up
ip address add "$INNER" dev vec1
ip link set vec1 up
ip route add default via "$ROUTER"
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv4/conf/vec1/proxy_arp

# The guard: what comes from the outer network to the LAN without ESP is
# dropped; what claims to be from the virtual IP meets the SA's own policy.
ip xfrm policy add dir fwd src "$OUTSIDE" dst "$LAN" action block priority 1000

/usr/lib/ipsec/charon &
while sleep 0.5; do
	ip xfrm state > "$LAB/state.new"
	mv "$LAB/state.new" "$LAB/state"
	cat /proc/net/xfrm_stat > "$LAB/statistics.new"
	mv "$LAB/statistics.new" "$LAB/statistics"
done
