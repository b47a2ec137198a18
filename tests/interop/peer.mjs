// A js-libp2p host for tests/interop. One line of JSON in for each thing to do, one out for what came of it.
//   {"ask": "/ip4/…/p2p/…", "protocol": "…", "hex": "…", "size": 22}     dials, sends, answers with what was heard
// It serves /echo/1 on a port of its own, which its first line names.
import { createInterface } from 'node:readline'

// Node 20 has no Promise.withResolvers, which js-libp2p 3 calls
Promise.withResolvers ??= () => {
  const parts = {}
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }))
  return parts
}

const { createLibp2p } = await import('libp2p')
const { noise } = await import('@chainsafe/libp2p-noise')
const { yamux } = await import('@chainsafe/libp2p-yamux')
const { tcp } = await import('@libp2p/tcp')
const { multiaddr } = await import('@multiformats/multiaddr')

const host = await createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()]
})

const all = data => (data.subarray ? data.subarray() : data)

async function send (stream, data) {
  if (!stream.send(data)) await stream.onDrain()
}

await host.handle('/echo/1', async stream => {
  for await (const data of stream) await send(stream, all(data))
  await stream.close()
})

async function ask ({ ask, protocol, hex, size }) {
  const stream = await host.dialProtocol(multiaddr(ask), protocol)
  await send(stream, Buffer.from(hex, 'hex'))
  const heard = []
  let left = size
  for await (const data of stream) {
    heard.push(Buffer.from(all(data)))
    left -= data.byteLength
    if (left <= 0) break
  }
  await stream.close()
  return { heard: Buffer.concat(heard).toString('hex') }
}

console.log(JSON.stringify({ address: host.getMultiaddrs()[0].toString() }))
for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify(await ask(JSON.parse(line))))
  } catch (error) {
    console.log(JSON.stringify({ failed: String(error) }))
  }
}
await host.stop()
