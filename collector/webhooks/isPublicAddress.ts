import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** Source: IANA IPv4 special-purpose address registry, and multicast. */
const NOT_PUBLIC_V4 = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carriers' shared space
  ['127.0.0.0', 8],
  ['169.254.0.0', 16], // link-local: metadata of clouds, too
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16],
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
] as const

/** Within global unicast, 2000::/3; everything outside of it is refused anyway: loopback, ULA, link-local, multicast, IPv4 mapped or translated. */
const NOT_PUBLIC_V6 = [
  ['2001::', 23], // protocols, Teredo among them, which carries an IPv4 address
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4, which carries an IPv4 address
  ['3fff::', 20],
] as const

const refused = new BlockList()
for (const [net, bits] of NOT_PUBLIC_V4) refused.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of NOT_PUBLIC_V6) refused.addSubnet(net, bits, 'ipv6')
const unicast = new BlockList()
unicast.addSubnet('2000::', 3, 'ipv6')

/** Whether an address can be reached by anyone on the internet. False for what is no address. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !refused.check(address, 'ipv4')
  return isIPv6(address) && unicast.check(address, 'ipv6') && !refused.check(address, 'ipv6')
}
