import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** Hops whose X-Forwarded-For is believed. */
export type TrustedProxies = (address: string) => boolean

/** An IPv4 address that a socket for both families writes as IPv6, as what it is. */
const plain = (address: string) => (address.startsWith('::') ? address.replace(/^::ffff:(?=\d+\.)/i, '') : address)

/** Reads a list of addresses and CIDR ranges. Throws RangeError naming the one that is none. */
export function trustedProxies(ranges: string[]): TrustedProxies {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    const widest = family === 'ipv4' ? 32 : 128
    const isRange = (isIPv4(address) || isIPv6(address)) && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= widest))
    if (!isRange) throw new RangeError(`"${range}" is no address or CIDR range`)
    list.addSubnet(address, Number(bits ?? widest), family)
  }
  if (ranges.length === 0) return () => false
  return (address) => list.check(plain(address), isIPv4(plain(address)) ? 'ipv4' : 'ipv6')
}

/**
 * The address that sent a request: the socket's, or behind trusted proxies the last hop of X-Forwarded-For that is not one of them.
 *
 * What a client writes into the header itself stands left of that, and is never believed. '' when there is no socket.
 */
export function sourceOf(
  { socket, forwarded }: { socket: string | undefined; forwarded: string | undefined },
  isTrusted: TrustedProxies,
): string {
  let source = plain(socket ?? '')
  if (source === '' || !isTrusted(source)) return source
  const hops = (forwarded ?? '').split(',').map((hop) => plain(hop.trim()))
  while (isTrusted(source)) {
    const hop = hops.pop()
    if (hop === undefined || !(isIPv4(hop) || isIPv6(hop))) break
    source = hop
  }
  return source
}

/** The network an address belongs to, coarse enough to be nobody: /24 of IPv4, /48 of IPv6. '' for none. */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address.split('.').slice(0, 3).join('.')
  if (!isIPv6(address)) return ''
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length)
  const all = [...groups, ...Array<string>(missing).fill('0'), ...(tail ? tail.split(':') : [])]
  return all
    .slice(0, 3)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
