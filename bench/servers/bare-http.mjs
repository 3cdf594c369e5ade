// The floor: node:http reads the body and answers 204.
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => response.writeHead(204).end())
})
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`))
